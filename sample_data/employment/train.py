"""Make the sample `employment` from the published census files: compact records, and a challenger with its artefact.

``python -m sample_data.employment.train FOLDER`` runs this file on a folder with reference.parquet, analysis.parquet
and actuals.parquet (the files bundled with the package nannyml 0.13.1). It writes records.parquet and challenger.skops
beside itself and their checksums into sample_data/PROVENANCE.md.

The challenger is trained on 2015 without SEX and RAC1P. Its scores of 2015 are out of fold, those of later years are
the fitted model's.
"""

import hashlib
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from sample_data.employment import census

PROVENANCE = census.HERE.parent / "PROVENANCE.md"
LEFT_OUT = ("SEX", "RAC1P")
N_FOLDS = 5
SEED = 2015


def make_pipeline() -> Pipeline:
    """Ordinal codes for the categories (unknown: -1), then 120 small trees."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float64)
    used = [name for name in census.CATEGORICAL if name not in LEFT_OUT]
    columns = ColumnTransformer(
        [("categories", codes, used), ("numbers", "passthrough", list(census.NUMERIC))],
        verbose_feature_names_out=False,
    )
    trees = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.1, max_leaf_nodes=15, min_samples_leaf=50, early_stopping=False, random_state=SEED
    )
    return Pipeline([("encode", columns), ("trees", trees)])


def published(folder: Path) -> pl.DataFrame:
    """All records of the published files with their scores and labels, in file order."""
    reference = pl.read_parquet(folder / "reference.parquet")
    later = pl.read_parquet(folder / "analysis.parquet").join(
        pl.read_parquet(folder / "actuals.parquet"), on="id", how="left", maintain_order="left"
    )
    columns = ("year", *census.FEATURES, "employed", "prediction", "predicted_probability")
    both = pl.concat(
        [part.select(columns).cast(dict.fromkeys(census.CATEGORICAL, pl.String)) for part in (reference, later)]
    )
    return both.select(
        pl.col("year").cast(pl.Int16),
        pl.col("AGEP").cast(pl.Float32),
        *(pl.col(name).cast(pl.UInt8) for name in census.CATEGORICAL),
        pl.col("employed").cast(pl.Int8),
        pl.col("prediction").cast(pl.Int8).alias("decision"),
        pl.col("predicted_probability").round(6).cast(pl.Float32).alias("score"),
    )


def challenge(rows: pl.DataFrame) -> tuple[Pipeline, np.ndarray]:
    """The challenger fitted to 2015, and its score of every row: out of fold for 2015."""
    training = (rows["year"] == census.REFERENCE_YEAR).to_numpy()
    known, truth = rows.filter(pl.Series(training)), rows["employed"].to_numpy()[training]
    folds = np.arange(known.height) % N_FOLDS
    held_out = np.empty(known.height)
    for fold in range(N_FOLDS):
        learned = make_pipeline().fit(_inputs(known.filter(pl.Series(folds != fold))), truth[folds != fold])
        held_out[folds == fold] = learned.predict_proba(_inputs(known.filter(pl.Series(folds == fold))))[:, 1]
    pipeline = make_pipeline().fit(_inputs(known), truth)
    scores = pipeline.predict_proba(_inputs(rows))[:, 1]
    scores[training] = held_out
    return pipeline, np.round(scores, 6).astype(np.float32)


def _inputs(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(census.FEATURES)


def write_checksums() -> None:
    """Put the checksums of both files into PROVENANCE.md."""
    text = PROVENANCE.read_text(encoding="utf-8")
    for file in (census.ARTIFACT, census.RECORDS):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        row = rf"(?m)^(\| `{re.escape(file.relative_to(PROVENANCE.parent).as_posix())}` \| )`[^`]*`"
        text = re.sub(row, rf"\g<1>`{digest}`", text)
    PROVENANCE.write_text(text, encoding="utf-8")


def main(folder: Path) -> None:
    """Write both files and say how the challenger does."""
    raw = published(folder)
    raw.with_columns(challenger_score=pl.lit(0.0, pl.Float32)).write_parquet(census.RECORDS)
    pipeline, scores = challenge(census.read_records())
    raw.with_columns(challenger_score=pl.Series(scores)).write_parquet(
        census.RECORDS, compression="zstd", compression_level=22, statistics=False
    )
    skops.io.dump(pipeline, census.ARTIFACT, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    write_checksums()
    for year in (census.REFERENCE_YEAR, *census.YEARS):
        of_year = census.read_records().filter(pl.col("year") == year)
        both = [roc_auc_score(of_year["employed"], of_year[name]) for name in ("score", "challenger_score")]
        print(f"{year}: AUC as published {both[0]:.6f}, challenger {both[1]:.6f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
