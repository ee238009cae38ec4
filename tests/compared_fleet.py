"""A model with a challenger in shadow on the same ids: `churn` of tests/grouped_fleet.py, v2 by real trees.

Version v1 knows the chances; v2 learned them from the reference, with its model file kept. Both scored the same forty
days. Tier 3 unless said otherwise.
"""

from pathlib import Path
from types import SimpleNamespace

import polars as pl

from app import actions
from core.access.principal import LOCAL
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import Store
from tests import explained_fleet, grouped_fleet
from tests.small_fleet import NOW


def take_in(store: Store, folder: Path, *, tier: int = 3, shadow_days: int = 40) -> SimpleNamespace:
    """Bring the model and both versions into an empty store; returns it with the files."""
    import skops.io

    files = grouped_fleet.write_files(folder)
    store = freeze_clock(store, LOCAL, NOW)
    schema = load_schema(grouped_fleet.YAML.replace("risk_tier: 2", f"risk_tier: {tier}"))
    add_model(store, LOCAL, schema)
    actions.add_version(store, LOCAL, model="churn", version="v1", artifact=None, reference=files.reference)
    _history(store, "v1", [files.predictions], [files.actuals], role="served")
    reference = pl.read_parquet(files.reference)
    model = explained_fleet.trained(reference)
    artifact, mine = folder / "v2.skops", folder / "reference_v2.parquet"
    skops.io.dump(model.pipeline, artifact)
    reference.with_columns(score=pl.Series(explained_fleet.scores(model, reference))).write_parquet(mine)
    actions.add_version(store, LOCAL, model="churn", version="v2", artifact=artifact, reference=mine)
    served = files.served.drop("left").head(150 * shadow_days)
    shadow = folder / "shadow.parquet"
    served.with_columns(score=pl.Series(explained_fleet.scores(model, served))).write_parquet(shadow)
    if shadow_days:
        _history(store, "v2", [shadow], [], role="shadow")
    files.store, files.model = store, model
    return files


def _history(store: Store, version: str, predictions: list[Path], actuals: list[Path], *, role: str) -> None:
    actions.take_in_history(
        store,
        LOCAL,
        model="churn",
        version=version,
        predictions=predictions,
        actuals=actuals,
        say=lambda text: None,
        role=role,
    )
