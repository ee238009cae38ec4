"""The files that the demo ingests for `employment`: a reference, a log a year, late labels; one set for two models.

``employment`` reads the year of a record, ``employment-slices`` the slice (ten a year, in file order); both read the
same files.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sample_data.employment import census

SCHEMAS = {"employment": "model.yaml", "employment-slices": "slices.yaml"}
"""The schema by model."""

PUBLISHED, CHALLENGER = "v1", "v2"

_SCORES = {
    PUBLISHED: (pl.col("score"), pl.col("decision")),
    CHALLENGER: (pl.col("challenger_score"), (pl.col("challenger_score") >= 0.5).cast(pl.Int8)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of one version: its reference (2015, with labels), and one file a year without labels."""

    reference: Path
    predictions: tuple[Path, ...]


def write_scored(folder: Path) -> dict[str, Written]:
    """Write reference and log of both versions; returns them by version."""
    records, found = census.read_records(), {}
    for version, (score, decision) in _SCORES.items():
        columns = ("id", "year", "slice", *census.FEATURES, score.alias("score"), decision.alias("decision"))
        parts = {year: records.filter(pl.col("year") == year) for year in (census.REFERENCE_YEAR, *census.YEARS)}
        reference = folder / f"employment-reference-{version}.parquet"
        parts[census.REFERENCE_YEAR].select(*columns, "employed").write_parquet(reference)
        files = {year: folder / f"employment-{version}-{year}.parquet" for year in census.YEARS}
        for year, file in files.items():
            parts[year].select(columns).write_parquet(file)
        found[version] = Written(reference=reference, predictions=tuple(files.values()))
    return found


def write_actuals(folder: Path) -> list[Path]:
    """Write one file a year with the labels: id, year, slice, employed."""
    records, files = census.read_records(), []
    for year in census.YEARS:
        files.append(folder / f"employment-actuals-{year}.parquet")
        records.filter(pl.col("year") == year).select("id", "year", "slice", "employed").write_parquet(files[-1])
    return files
