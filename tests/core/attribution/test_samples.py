"""Samples of rows: a refusal where there is no training sample, and the weekdays that are asked for."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from core.attribution.samples import RowsOfVersion, _on, training_sample
from core.errors import NotEnoughDataError
from core.log.schema import load_schema

SCHEMA = load_schema(
    "{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, features: {numeric: [a]}}}"
)


def test_a_provisional_reference_is_refused():
    rows = RowsOfVersion(
        log_dir=Path("nowhere"), version_id=1, reference_sha256=None, roles=("served",), schema=SCHEMA, ids={}, seed=0
    )
    with pytest.raises(NotEnoughDataError, match="provisional"):
        training_sample(rows, at_most=10)


def test_only_the_weekdays_asked_for_are_kept_and_evenly_spaced():
    days = [date(2024, 1, 1 + number % 28) for number in range(280)]
    found = _on(pa.table({"day": pa.array(days, pa.date32())}), {0, 6}, 30)
    assert found.num_rows == 30
    assert {one.weekday() for one in found["day"].to_pylist()} == {0, 6}
    assert _on(pa.table({"day": pa.array(days, pa.date32())}), {0}, 1_000).num_rows == 40
