"""A small model with its file, for tests of explanations: `churn` of tests/small_fleet.py, scored by real trees.

The leaving of a customer depends on income, age and plan; `age` is protected and a feature. In version `v1` the model
file is kept; `logged` has no file, but columns `shap_<feature>` in reference and log.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store
from tests.small_fleet import DAYS, MODEL_YAML, NOW, REFERENCE_START, SERVED_START, SHIFT_DAY, frame

FEATURES = ("income", "age", "plan")
YAML = MODEL_YAML.replace("  segments: [plan]", "  segments: [plan]\n  protected: [age]")
LOGGED_YAML = MODEL_YAML.replace("model: churn", "model: logged")


def trained(rows: pl.DataFrame) -> SimpleNamespace:
    """Return a pipeline of ordinal codes and boosted trees, fitted on rows."""
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float64)
    columns = ColumnTransformer([("codes", codes, ["plan"])], remainder="passthrough", verbose_feature_names_out=False)
    trees = HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=8, random_state=0)
    table = rows.select(FEATURES).to_pandas()
    pipeline = Pipeline([("columns", columns), ("trees", trees)]).fit(table, rows["left"].to_numpy())
    return SimpleNamespace(pipeline=pipeline)


def scores(model: SimpleNamespace, rows: pl.DataFrame) -> np.ndarray:
    return np.asarray(model.pipeline.predict_proba(rows.select(FEATURES).to_pandas())[:, 1])


def shap_of(model: SimpleNamespace, rows: pl.DataFrame) -> tuple[np.ndarray, float]:
    """Return SHAP values (n, 3) in the order of `FEATURES` and the base, by shap called directly."""
    import shap

    inner = model.pipeline[0].transform(rows.select(FEATURES).to_pandas())
    explainer = shap.TreeExplainer(model.pipeline[1])
    values = np.asarray(explainer.shap_values(inner))
    names = list(model.pipeline[0].get_feature_names_out())
    return values[:, [names.index(name) for name in FEATURES]], float(np.ravel(explainer.expected_value)[0])


def write_files(folder: Path) -> SimpleNamespace:
    """Train on the reference and write the model file, the reference, the log with its scores, and actuals."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    reference, served = (
        frame(REFERENCE_START, DAYS, seed=1),
        frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s"),
    )
    model = trained(reference)
    reference, served = (rows.with_columns(score=pl.Series(scores(model, rows))) for rows in (reference, served))
    files = SimpleNamespace(model=model, reference=reference, served=served, artifact=folder / "model.skops")
    skops.io.dump(model.pipeline, files.artifact)
    for name, rows in (("reference", reference), ("served", served)):
        rows.drop("left" if name == "served" else []).write_parquet(folder / f"{name}.parquet")
        values, _ = shap_of(model, rows)
        columns = {f"shap_{feature}": values[:, place] for place, feature in enumerate(FEATURES)}
        logged = rows.with_columns(**{key: pl.Series(value) for key, value in columns.items()})
        logged.drop("left" if name == "served" else []).write_parquet(folder / f"{name}_shap.parquet")
    served.select("id", "left", pl.col("at").alias("timestamp")).write_parquet(folder / "actuals.parquet")
    return files


def take_in(store: Store, folder: Path) -> SimpleNamespace:
    """Bring both models into an empty store with its clock at `NOW`; returns the files, with the store."""
    files = write_files(folder)
    store = freeze_clock(store, LOCAL, NOW)
    for yaml, kind, artifact in ((YAML, "", files.artifact), (LOGGED_YAML, "_shap", None)):
        schema = load_schema(yaml)
        add_model(store, LOCAL, schema)
        reference = folder / f"reference{kind}.parquet"
        actions.add_version(store, LOCAL, model=schema.model, version="v1", artifact=artifact, reference=reference)
        actions.take_in_history(
            store,
            LOCAL,
            model=schema.model,
            version="v1",
            predictions=[folder / f"served{kind}.parquet"],
            actuals=[folder / "actuals.parquet"],
            say=lambda text: None,
        )
    files.store = store
    return files
