from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from core.log.by_task import as_score
from core.log.chunks import Chunk
from core.log.rows import RowPlan, judge, optional_columns, type_faults, wanted_columns
from core.log.schema import load_schema
from tests.log_kit import SCHEMA, YAML, predictions

IDS = {"temp": "f_0001", "carrier": "f_0002", "origin": "c_0003"}
AT = datetime(2013, 9, 1, tzinfo=UTC)
NONE = np.zeros(0, dtype=np.int64)


def chunk(**changes) -> Chunk:
    columns = {name: predictions(4).to_arrow()[name].combine_chunks() for name in predictions(1).columns}
    columns |= {name: pa.array(values) for name, values in changes.items()}
    return Chunk(columns=columns, numbers=np.arange(1, 5, dtype=np.int64))


def plan(schema=SCHEMA, *, inline=False, extra=()) -> RowPlan:
    return RowPlan(
        schema=schema, ids=IDS, present=frozenset([*wanted_columns(schema), *extra]), inline=inline, intake_at=AT
    )


def test_good_rows_get_the_logs_own_columns_and_their_day():
    judged = judge(chunk(), plan(), NONE)
    assert judged.rows.column_names == [
        "day",
        "id",
        "actual",
        "actual_at",
        "at",
        "score",
        "decision",
        "f_0001",
        "f_0002",
        "c_0003",
    ]
    assert judged.rows["day"].to_pylist() == [date(2013, 7, 1)] * 4
    assert judged.rows["actual"].null_count == judged.rows["decision"].null_count == 4
    assert judged.kept.all()
    assert judged.broken == ()


def test_a_row_is_listed_once_under_the_first_rule_that_it_broke():
    judged = judge(chunk(id=[None, "b", "c", "d"], score=[None, 2.0, 0.5, 0.5]), plan(), np.array([1, 3]))
    assert [(b.rule, b.column, b.positions.tolist()) for b in judged.broken] == [
        ("id_missing", "id", [0]),
        ("score_range", "score", [1]),
        ("id_repeated", "id", [3]),
    ]
    assert judged.rows["id"].to_pylist() == ["c"]


def test_inline_actuals_are_known_from_intake_on_unless_they_say_otherwise():
    moments = ["2013-08-01T00:00:00Z", None, None, None]
    judged = judge(chunk(late=[1, 0, None, 1], actual_at=moments), plan(inline=True, extra=("late", "actual_at")), NONE)
    assert judged.rows["actual"].to_pylist() == [1, 0, None, 1]
    assert judged.rows["actual_at"].to_pylist() == [datetime(2013, 8, 1, tzinfo=UTC), AT, None, AT]


@pytest.mark.parametrize(
    ("values", "kind", "rules"),
    [
        ([0.0, 1.0], "probability", []),
        ([1.0001, -0.0001], "probability", ["score_range"]),
        ([1e9, -5.0], "ranking", []),
        ([float("nan"), float("inf")], "ranking", ["score_not_finite"]),
        ([None, 0.5], "probability", ["score_not_finite"]),
    ],
)
def test_scores_are_finite_and_probabilities_lie_between_0_and_1(values, kind, rules):
    assert [one.rule for one in as_score(pa.array(values), kind).faults] == rules


def test_weights_must_be_finite_and_not_negative():
    schema = load_schema(YAML.replace("  actual: late", "  actual: late\n  weight: w"))
    weighted = RowPlan(
        schema=schema, ids={**IDS, "w": "c_0004"}, present=frozenset(wanted_columns(schema)), inline=False, intake_at=AT
    )
    judged = judge(chunk(w=[1.0, -1.0, None, float("inf")]), weighted, NONE)
    assert judged.broken[0].positions.tolist() == [1, 2, 3]
    assert judged.rows["c_0004"].to_pylist() == [1.0]


def test_a_unit_column_may_also_be_a_feature():
    text = (
        YAML.replace("task: binary", "task: binary\ngrain: year\ntime: {column: year}")
        .replace("categorical: [carrier]", "categorical: [year]")
        .replace("  timestamp: at\n", "")
    )
    schema = load_schema(text)
    ids = {"temp": "f_0001", "year": "f_0002", "origin": "c_0003"}
    judged = judge(
        chunk(year=[2016, 2017, 2016, 2016]),
        RowPlan(schema=schema, ids=ids, present=frozenset(wanted_columns(schema)), inline=False, intake_at=AT),
        NONE,
    )
    assert judged.rows["day"].to_pylist()[:2] == [date(2016, 1, 1), date(2017, 1, 1)]
    assert judged.rows["f_0002"].to_pylist()[:2] == ["2016", "2017"]
    assert judged.rows["at"].null_count == 4


def test_the_columns_wanted_are_those_that_the_schema_names():
    assert wanted_columns(SCHEMA) == ("id", "at", "score", "temp", "carrier", "origin")
    assert optional_columns(SCHEMA) == ("late", "actual_at")
    assert optional_columns(load_schema(YAML.replace("  actual: late\n", ""))) == ()


def test_types_that_cannot_hold_the_column_are_named():
    clauses = type_faults(
        {"at": pa.int64(), "temp": pa.timestamp("s"), "carrier": pa.date32(), "score": pa.date32()}, SCHEMA
    )
    assert [clause.split(" ")[2] for clause in clauses] == ["'at'", "'score'", "'temp'"]
