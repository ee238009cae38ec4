"""Train both versions of the flight-delay model and score every flight of the year with each.

Version 1 learns January–March 2013, version 2 January–June; everything else is the same. ``make sample`` runs this
file. It writes an artefact and a file of scores of each version beside itself, the threshold and the importances of
version 1 into model.yaml, and the checksums into sample_data/PROVENANCE.md. Where the retrained scores of a version
equal the committed ones it leaves its binaries as they are (a skops file differs in its bytes each time it is written).
"""

import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io
import yaml
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from sample_data.flight_delay import features
from sample_data.flight_delay.files import CHALLENGER, SERVED, VERSIONS, Version, read_scores

HERE = Path(__file__).parent
SCHEMA = HERE / "model.yaml"
PROVENANCE = HERE.parent / "PROVENANCE.md"
# All that skops asks for when it opens the artefact; nothing else is trusted.
TRUSTED = ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",)
N_FOLDS = 5
SEED = 2013
V1, V2 = VERSIONS[SERVED], VERSIONS[CHALLENGER]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one training gives: the pipeline, the score of every flight, and the models of the folds.

    scores: float32 of shape (n_flights,), rounded as the version logs them, in the order of the package's file; the
    months of training are scored out of fold, the later ones by `pipeline`. folds: one pipeline a fold.
    """

    pipeline: Pipeline
    scores: np.ndarray
    folds: Sequence[Pipeline]


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


def predict(pipeline: Pipeline, rows: pl.DataFrame, *, decimals: int = 6) -> np.ndarray:
    """The probability of a late arrival, float32 of shape (n,), rounded as it is logged."""
    chances = pipeline.predict_proba(rows.select(features.FEATURES))[:, 1]
    return np.round(chances, decimals).astype(np.float32)


def week_folds(rows: pl.DataFrame) -> np.ndarray:
    """The fold of each row, 0 to 4: whole weeks in turn, so that one day's weather is never on both sides."""
    week = (rows["scheduled_at"].dt.ordinal_day() - 1) // 7
    return (week % N_FOLDS).to_numpy()


def fit_folds(rows: pl.DataFrame) -> list[Pipeline]:
    """One pipeline a fold, fitted to the weeks of all others whose label is known."""
    folds, known = week_folds(rows), rows["late"].is_not_null().to_numpy()
    return [fit(rows.filter(pl.Series((folds != fold) & known))) for fold in range(N_FOLDS)]


def held_out_scores(rows: pl.DataFrame, learned: Sequence[Pipeline], *, decimals: int) -> np.ndarray:
    """The score of each of `rows` by the pipeline that did not see its week."""
    folds = week_folds(rows)
    scores = np.empty(rows.height, dtype=np.float32)
    for fold, pipeline in enumerate(learned):
        scores[folds == fold] = predict(pipeline, rows.filter(pl.Series(folds == fold)), decimals=decimals)
    return scores


def importances(rows: pl.DataFrame, learned: Sequence[Pipeline]) -> dict[str, float]:
    """How much ROC AUC falls when a feature is shuffled, on the held-out weeks: mean of the folds, at least 0."""
    folds, known = week_folds(rows), rows["late"].is_not_null().to_numpy()
    falls = [
        auc_falls(pipeline, rows.filter(pl.Series((folds == fold) & known)), np.random.default_rng(fold))
        for fold, pipeline in enumerate(learned)
    ]
    means = np.mean(falls, axis=0)
    return {name: max(0.0, round(float(fall), 3)) for name, fall in zip(features.FEATURES, means, strict=True)}


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


def of_training(rows: pl.DataFrame, version: Version) -> pl.Series:
    """Which rows lie in the months that a version learns from."""
    return rows["scheduled_at"].dt.month() <= version.last_month


def train(rows: pl.DataFrame, version: Version) -> Trained:
    """Cross-fit the months of training, fit the pipeline to all of them, score the rest of the year."""
    training = of_training(rows, version)
    reference = rows.filter(training)
    folds = fit_folds(reference)
    pipeline = fit(reference.drop_nulls("late"))
    scores = np.empty(rows.height, dtype=np.float32)
    scores[training.to_numpy()] = held_out_scores(reference, folds, decimals=version.decimals)
    scores[~training.to_numpy()] = predict(pipeline, rows.filter(~training), decimals=version.decimals)
    return Trained(pipeline=pipeline, scores=scores, folds=folds)


def measure(rows: pl.DataFrame, trained: Trained, value: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """The best threshold and the importances of version 1, both on its months of training and out of fold."""
    training = of_training(rows, V1)
    reference = rows.filter(training)
    known = reference["late"].is_not_null().to_numpy()
    held_out = trained.scores[training.to_numpy()]
    threshold = best_threshold(held_out[known], reference["late"].drop_nulls().to_numpy(), value)
    return threshold, importances(reference, trained.folds)


def read_value() -> dict[str, float]:
    """The amounts of the value block in model.yaml, by cell of the confusion matrix."""
    value = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["value"]
    return {cell: float(value[cell]) for cell in ("tp", "fp", "fn", "tn")}


def write_measured(threshold: float, importance: Mapping[str, float]) -> None:
    """Put the threshold and the importances into model.yaml, line by line, so that its comments stay."""
    text = SCHEMA.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(  threshold: ).*$", rf"\g<1>{threshold:g}", text)
    for name, fall in importance.items():
        text = re.sub(rf"(?m)^(    {name}: .*\bimportance: )[^,}}]+", rf"\g<1>{fall:g}", text)
    SCHEMA.write_text(text, encoding="utf-8")


def write_binaries(version: Version, trained: Trained) -> None:
    """Write the artefact and the scores of a version, and their checksums into PROVENANCE.md."""
    skops.io.dump(trained.pipeline, version.artifact, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    write_scores(version, trained.scores)
    text = PROVENANCE.read_text(encoding="utf-8")
    for file in (version.artifact, version.scores):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        row = rf"(?m)^(\| `{re.escape(file.relative_to(PROVENANCE.parent).as_posix())}` \| )`[^`]*`"
        text = re.sub(row, rf"\g<1>`{digest}`", text)
    PROVENANCE.write_text(text, encoding="utf-8")


def write_scores(version: Version, scores: np.ndarray) -> None:
    """Write a column of scores: as they are, or few decimals as whole numbers of 16 bits (half the size)."""
    whole = 10**version.decimals
    if whole > np.iinfo(np.uint16).max:
        table = pl.DataFrame({"score": scores})
        table.write_parquet(version.scores, compression="zstd", compression_level=22, statistics=False)
        return
    pq.write_table(
        pa.table({"score": np.rint(scores * whole).astype(np.uint16)}),
        version.scores,
        compression="zstd",
        compression_level=22,
        use_dictionary=False,
        column_encoding={"score": "BYTE_STREAM_SPLIT"},
        write_statistics=False,
    )


def main() -> None:
    """Train, write what changed, and say so."""
    rows = read_rows()
    for version in (V1, V2):
        trained = train(rows, version)
        if version is V1:
            threshold, importance = measure(rows, trained, read_value())
            write_measured(threshold, importance)
            print(f"flight-delay: threshold {threshold:g}")
            print("\n".join(f"  {name:<11}{fall:.3f}" for name, fall in importance.items()))
        there = version.artifact.exists() and version.scores.exists()
        same = there and np.array_equal(read_scores(version), trained.scores)
        if not same:
            write_binaries(version, trained)
        print(f"flight-delay {version.name}: scores {'unchanged' if same else 'written'}")


if __name__ == "__main__":
    main()
