"""The census records of the sample in words: what the codes of the committed file mean.

Codes and their meanings are those of the US Census Bureau's ACS PUMS data dictionary.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
RECORDS = HERE / "records.parquet"
ARTIFACT = HERE / "challenger.skops"
NUMERIC = ("AGEP",)
CATEGORICAL = (
    "SCHL", "MAR", "RELP", "DIS", "ESP", "CIT", "MIG", "MIL", "ANC", "NATIVITY", "DEAR", "DEYE", "DREM", "SEX", "RAC1P",
)  # fmt: skip
FEATURES = NUMERIC + CATEGORICAL
REFERENCE_YEAR = 2015
YEARS = (2016, 2017, 2018)
SLICES_A_YEAR = 10
YES_NO = {"1": "yes", "2": "no", "0": "too young to say"}
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "SEX": {"1": "male", "2": "female"},
    "RAC1P": {
        "1": "White",
        "2": "Black or African American",
        "3": "American Indian",
        "4": "Alaska Native",
        "5": "American Indian or Alaska Native, tribe not stated",
        "6": "Asian",
        "7": "Native Hawaiian or Pacific Islander",
        "8": "some other race",
        "9": "two or more races",
    },
    "MAR": {"1": "married", "2": "widowed", "3": "divorced", "4": "separated", "5": "never married, or under 15"},
    "DIS": {"1": "with a disability", "2": "without"},
    "CIT": {
        "1": "born in the US",
        "2": "born in a US territory",
        "3": "born abroad of American parents",
        "4": "citizen by naturalisation",
        "5": "not a citizen",
    },
    "MIG": {
        "0": "under 1 year old",
        "1": "same house a year ago",
        "2": "abroad a year ago",
        "3": "another house in the US",
    },
    "MIL": {
        "0": "under 17",
        "1": "on active duty",
        "2": "on active duty in the past",
        "3": "training only",
        "4": "never served",
    },
    "ANC": {"1": "single", "2": "multiple", "3": "unclassified", "4": "not reported"},
    "NATIVITY": {"1": "native", "2": "foreign born"},
    "DEAR": YES_NO,
    "DEYE": YES_NO,
    "DREM": YES_NO,
}
"""Words by code; SCHL, RELP and ESP keep their codes, which `model.yaml` explains."""


def read_records() -> pl.DataFrame:
    """Every record in the order of the published files, with words for codes.

    Columns: id, year, slice (1 to 40: ten equal parts of each year in file order, no dates), `FEATURES`, employed,
    score and decision as published, challenger_score.
    """
    records = pl.read_parquet(RECORDS)
    place = pl.int_range(pl.len()).over("year")
    part = place * SLICES_A_YEAR // pl.len().over("year")
    return records.select(
        pl.format("P{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(6)).alias("id"),
        pl.col("year").cast(pl.Int64),
        ((pl.col("year").cast(pl.Int64) - REFERENCE_YEAR) * SLICES_A_YEAR + part + 1).alias("slice"),
        *(_in_words(name) for name in FEATURES),
        pl.col("employed").cast(pl.Int8),
        pl.col("score").cast(pl.Float64),
        pl.col("decision").cast(pl.Int8),
        pl.col("challenger_score").cast(pl.Float64),
    )


def _in_words(name: str) -> pl.Expr:
    if name in NUMERIC:
        return pl.col(name).cast(pl.Float64)
    code = pl.col(name).cast(pl.String)
    return code.replace_strict(MEANINGS[name], default=code) if name in MEANINGS else code
