"""Train the flight-delay model on January–March 2013 and score every flight of the year.

``make sample`` runs this file. It writes model.skops and scores.parquet beside itself, the threshold and the
importances into model.yaml, and the checksums into sample_data/PROVENANCE.md. Where the retrained scores equal the
committed ones it leaves both binaries as they are (a skops file differs in its bytes each time it is written).
"""

import hashlib
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
import yaml
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from sample_data.flight_delay import features

HERE = Path(__file__).parent
MODEL = HERE / "model.skops"
SCORES = HERE / "scores.parquet"
SCHEMA = HERE / "model.yaml"
PROVENANCE = HERE.parent / "PROVENANCE.md"
# All that skops asks for when it opens the artefact; nothing else is trusted.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
LAST_TRAINING_MONTH = 3
N_FOLDS = 5
SEED = 2013


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one training gives: the pipeline, the score of every flight, and what was measured out of fold.

    scores: float32 of shape (n_flights,), rounded to 1e-6, in the order of the package's file; January–March is
    scored out of fold, April–December by `pipeline`. importance: mean fall of ROC AUC by feature, at least 0.
    """

    pipeline: Pipeline
    scores: np.ndarray
    importance: Mapping[str, float]
    threshold: float


def read_rows() -> pl.DataFrame:
    """Every flight with `FEATURES`, scheduled_at and late (null: never known), in the order of the package's file."""
    flights = features.read_flights()
    late = features.outcomes(flights, features.read_zones())["late"]
    return features.predictions(flights, features.read_weather()).with_columns(late)


def make_pipeline() -> Pipeline:
    """Ordinal codes for the three categories (unknown: -1), then 150 small trees; missing weather stays missing."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float64)
    columns = ColumnTransformer(
        [
            ("categories", codes, list(features.CATEGORICAL)),
            ("numbers", "passthrough", list(features.SCHEDULE + features.WEATHER)),
        ],
        verbose_feature_names_out=False,
    )
    trees = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=200,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=SEED,
    )
    return Pipeline([("encode", columns), ("trees", trees)])


def predict(pipeline: Pipeline, rows: pl.DataFrame) -> np.ndarray:
    """The probability of a late arrival, float32 of shape (n,), rounded to 1e-6 as it is logged."""
    chances = pipeline.predict_proba(rows.select(features.FEATURES))[:, 1]
    return np.round(chances, 6).astype(np.float32)


def week_folds(rows: pl.DataFrame) -> np.ndarray:
    """The fold of each row, 0 to 4: whole weeks in turn, so that one day's weather is never on both sides."""
    week = (rows["scheduled_at"].dt.ordinal_day() - 1) // 7
    return (week % N_FOLDS).to_numpy()


def cross_fit(rows: pl.DataFrame) -> tuple[np.ndarray, dict[str, float]]:
    """Out-of-fold scores of `rows`, and the importances measured on the held-out weeks."""
    folds = week_folds(rows)
    known = rows["late"].is_not_null().to_numpy()
    scores = np.empty(rows.height, dtype=np.float32)
    falls = []
    for fold in range(N_FOLDS):
        learned = fit(rows.filter(pl.Series((folds != fold) & known)))
        scores[folds == fold] = predict(learned, rows.filter(pl.Series(folds == fold)))
        falls.append(auc_falls(learned, rows.filter(pl.Series((folds == fold) & known)), np.random.default_rng(fold)))
    means = np.mean(falls, axis=0)
    return scores, {name: max(0.0, round(float(fall), 3)) for name, fall in zip(features.FEATURES, means, strict=True)}


def auc_falls(pipeline: Pipeline, rows: pl.DataFrame, rng: np.random.Generator) -> list[float]:
    """How much ROC AUC on `rows` falls when one feature is shuffled, for each of `FEATURES`."""
    late = rows["late"].to_numpy()
    whole = roc_auc_score(late, predict(pipeline, rows))
    falls = []
    for name in features.FEATURES:
        order = rng.permutation(rows.height)
        shuffled = rows.with_columns(rows[name].gather(order))
        falls.append(whole - roc_auc_score(late, predict(pipeline, shuffled)))
    return falls


def fit(rows: pl.DataFrame) -> Pipeline:
    """A new pipeline fitted to rows whose label is known."""
    return make_pipeline().fit(rows.select(features.FEATURES), rows["late"].to_numpy())


def best_threshold(scores: np.ndarray, late: np.ndarray, value: Mapping[str, float]) -> float:
    """The hundredth at which warning every flight at or above it is worth most, on scores with a known label."""
    if_warned = np.where(late == 1, value["tp"], value["fp"])
    if_not = np.where(late == 1, value["fn"], value["tn"])
    cuts = np.arange(1, 100) / 100
    worth = [np.where(scores >= cut, if_warned, if_not).sum() for cut in cuts]
    return float(cuts[int(np.argmax(worth))])


def train(rows: pl.DataFrame, value: Mapping[str, float]) -> Trained:
    """Cross-fit January–March, fit the served pipeline to all of it, score the rest of the year."""
    training = (rows["scheduled_at"].dt.month() <= LAST_TRAINING_MONTH).to_numpy()
    reference = rows.filter(pl.Series(training))
    known = reference["late"].is_not_null()
    held_out, importance = cross_fit(reference)
    pipeline = fit(reference.filter(known))
    scores = np.empty(rows.height, dtype=np.float32)
    scores[training] = held_out
    scores[~training] = predict(pipeline, rows.filter(pl.Series(~training)))
    labelled = known.to_numpy()
    threshold = best_threshold(held_out[labelled], reference["late"].drop_nulls().to_numpy(), value)
    return Trained(pipeline=pipeline, scores=scores, importance=importance, threshold=threshold)


def read_value() -> dict[str, float]:
    """The amounts of the value block in model.yaml, by cell of the confusion matrix."""
    value = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["value"]
    return {cell: float(value[cell]) for cell in ("tp", "fp", "fn", "tn")}


def write_measured(trained: Trained) -> None:
    """Put the threshold and the importances into model.yaml, line by line, so that its comments stay."""
    text = SCHEMA.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(  threshold: ).*$", rf"\g<1>{trained.threshold:g}", text)
    for name, importance in trained.importance.items():
        text = re.sub(rf"(?m)^(    {name}: .*\bimportance: )[^,}}]+", rf"\g<1>{importance:g}", text)
    SCHEMA.write_text(text, encoding="utf-8")


def write_binaries(trained: Trained) -> None:
    """Write model.skops and scores.parquet, and their checksums into PROVENANCE.md."""
    skops.io.dump(trained.pipeline, MODEL, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    table = pl.DataFrame({"score": trained.scores})
    table.write_parquet(SCORES, compression="zstd", compression_level=22, statistics=False)
    text = PROVENANCE.read_text(encoding="utf-8")
    for file in (MODEL, SCORES):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        row = rf"(?m)^(\| `{re.escape(file.relative_to(PROVENANCE.parent).as_posix())}` \| )`[^`]*`"
        text = re.sub(row, rf"\g<1>`{digest}`", text)
    PROVENANCE.write_text(text, encoding="utf-8")


def main() -> None:
    """Train, write what changed, and say so."""
    trained = train(read_rows(), read_value())
    write_measured(trained)
    same = MODEL.exists() and SCORES.exists() and np.array_equal(pl.read_parquet(SCORES)["score"], trained.scores)
    if not same:
        write_binaries(trained)
    print(f"flight-delay: threshold {trained.threshold:g}, scores {'unchanged' if same else 'written'}")
    print("\n".join(f"  {name:<11}{fall:.3f}" for name, fall in trained.importance.items()))


if __name__ == "__main__":
    main()
