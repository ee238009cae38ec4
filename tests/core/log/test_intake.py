from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from core.errors import BadInputError
from core.log.contract import Contract, FeatureRule, removals
from core.log.files import open_source
from core.log.intake import Stamp, accepted_rows, check_columns, new_counts
from core.log.quarantine import listed, total
from core.log.rows import RowPlan
from core.log.scan import Repeats
from tests.log_kit import SCHEMA, predictions, saved

IDS = {"temp": "f_0001", "carrier": "f_0002", "origin": "c_0003"}
AT = datetime(2013, 9, 1, tzinfo=UTC)
STAMP = Stamp(version_id=4, role="canary", batch_id=9, intake_at=AT)


def repeats(*positions):
    n = len(positions)
    return Repeats(
        positions=np.array(positions, dtype=np.int64),
        first_rows=np.ones(n, dtype=np.int64),
        batches=np.zeros(n, dtype=np.int64),
    )


def run(path, repeated=(), removed=()):
    source = open_source(path)
    plan = RowPlan(schema=SCHEMA, ids=IDS, present=check_columns(source, SCHEMA), inline=True, intake_at=AT)
    counts = new_counts()
    parts = list(accepted_rows(source, plan, repeats=repeats(*repeated), removals=removed, stamp=STAMP, counts=counts))
    return parts, counts


def test_accepted_rows_carry_version_role_batch_and_time_of_intake(tmp_path):
    (part,), counts = run(saved(predictions(30).with_columns(late=pl.Series([1, None] * 15)), tmp_path / "f.parquet"))
    assert set(part["version"].to_pylist()) == {4}
    assert set(part["role"].to_pylist()) == {"canary"}
    assert set(part["batch"].to_pylist()) == {9}
    assert set(part["intake_at"].to_pylist()) == {AT}
    assert counts.units == {date(2013, 7, 1): 16, date(2013, 7, 2): 14}
    assert counts.inline == {date(2013, 7, 1): 8, date(2013, 7, 2): 7}
    assert total(counts.tally) == 0


def test_repeated_rows_say_which_row_has_the_id_first(tmp_path):
    (part,), counts = run(saved(predictions(4), tmp_path / "f.csv"), repeated=(2,))
    assert part.num_rows == 3
    (row,) = listed(counts.tally)
    assert (row.row, row.column, row.rule, row.fix) == (
        3,
        "id",
        "id_repeated",
        "row 1 has the same id; keep one of them",
    )


def test_rows_that_an_explicit_rule_removes_are_counted_by_day(tmp_path):
    contract = Contract(
        model="m",
        rules={
            "temp": FeatureRule(low=0.0, high=50.0, on_violation="quarantine"),
            "carrier": FeatureRule(levels=frozenset({"UA"}), on_violation="quarantine"),
        },
    )
    rows = predictions(4).with_columns(
        temp=pl.Series([10.0, 99.0, 10.0, None]), carrier=pl.Series(["UA", "ZZ", "ZZ", "UA"])
    )
    parts, counts = run(saved(rows, tmp_path / "f.parquet"), removed=removals(contract, IDS))
    assert [i for part in parts for i in part["id"].to_pylist()] == ["p000000", "p000003"]
    assert counts.removed == {date(2013, 7, 1): 2}
    assert [(r.row, r.column, r.rule, r.value) for r in listed(counts.tally)] == [
        (2, "temp", "contract_range", "99.0"),
        (3, "carrier", "contract_category", "ZZ"),
    ]


def test_a_file_without_a_wanted_column_names_it_and_what_is_there(tmp_path):
    with pytest.raises(BadInputError, match=r"lacks the column 'temp' \(it has 'id', 'at'"):
        check_columns(open_source(saved(predictions(2).drop("temp"), tmp_path / "f.csv")), SCHEMA)


def test_lines_of_json_may_leave_out_what_is_missing_there(tmp_path):
    present = check_columns(open_source(saved(predictions(2).drop("temp"), tmp_path / "f.jsonl")), SCHEMA)
    assert {"temp", "late"} <= present
