"""The files that the demo ingests for `employment`: a reference, a log a year, late labels; one set for two models.

``employment`` reads the year of a record, ``employment-slices`` the slice (ten a year, in file order); both read the
same files.
"""

from pathlib import Path

import polars as pl

from sample_data.employment import census

SCHEMAS = {"employment": "model.yaml", "employment-slices": "slices.yaml"}
"""The schema by model."""

PUBLISHED, CHALLENGER = "v1", "v2"


def write_reference(folder: Path, version: str) -> Path:
    """Write 2015 with label and the score of a version."""
    file = folder / f"employment-reference-{version}.parquet"
    _scored(version, pl.col("year") == census.REFERENCE_YEAR, labelled=True).write_parquet(file)
    return file


def write_predictions(folder: Path, version: str) -> list[Path]:
    """Write one file a year, 2016 to 2018, without labels, with the score of a version."""
    files = []
    for year in census.YEARS:
        files.append(folder / f"employment-{version}-{year}.parquet")
        _scored(version, pl.col("year") == year, labelled=False).write_parquet(files[-1])
    return files


def write_actuals(folder: Path) -> list[Path]:
    """Write one file a year with the labels: id, year, slice, employed."""
    records, files = census.read_records(), []
    for year in census.YEARS:
        files.append(folder / f"employment-actuals-{year}.parquet")
        records.filter(pl.col("year") == year).select("id", "year", "slice", "employed").write_parquet(files[-1])
    return files


def _scored(version: str, kept: pl.Expr, *, labelled: bool) -> pl.DataFrame:
    records = census.read_records().filter(kept)
    scores = {
        PUBLISHED: (pl.col("score"), pl.col("decision")),
        CHALLENGER: (
            pl.col("challenger_score").alias("score"),
            (pl.col("challenger_score") >= 0.5).cast(pl.Int8).alias("decision"),
        ),
    }[version]
    label = ("employed",) if labelled else ()
    return records.select("id", "year", "slice", *census.FEATURES, *scores, *label)
