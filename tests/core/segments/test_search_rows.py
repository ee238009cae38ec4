import polars as pl
import pytest

from core.errors import BadInputError
from core.log.columns import bind
from core.log.schema import load_schema
from core.profile.binning import Segment
from core.segments.filters import Condition, Filter
from core.segments.search_rows import RowSource
from core.store.columns import column_ids
from core.store.models import model_by_name, version_by_name
from tests.weak_fleet import WEEK, YAML, served

SCHEMA = load_schema(YAML)
PLUS = Filter(conditions=(Condition(column="plan", levels=("plus",)),))


@pytest.fixture(scope="module")
def source(weak_fleet):
    with weak_fleet.read() as session:
        model = model_by_name(session, "churn")
        version = version_by_name(session, model.id, "v1")
        return {
            "log_dir": weak_fleet.log_dir(model.key),
            "version_id": version.id,
            "roles": ("served",),
            "schema": SCHEMA,
            "ids": bind(SCHEMA, column_ids(session, model.id)),
            "reference_sha256": version.reference_sha256,
        }


def week():
    return served().filter(pl.col("at").dt.date().is_between(WEEK.start, WEEK.end, closed="left"))


def test_the_rows_of_a_window_are_read_with_the_columns_asked_for(source):
    found = RowSource(**source).rows(WEEK, ["age"])
    assert found.column_names == ["id", "day", "score", "decision", "actual", "age"]
    assert sorted(found["id"].to_pylist()) == sorted(week()["id"])


def test_of_many_rows_a_sample_is_read(source):
    assert RowSource(**source).rows(WEEK, ["age"], at_most=100).num_rows == 100


def test_only_the_rows_of_a_segment_or_of_a_filter_are_read(source):
    expected = week().filter(pl.col("plan") == "plus").height
    assert RowSource(**source, within=Segment("plan", "plus")).rows(WEEK, ["age"]).num_rows == expected
    assert RowSource(**source, wanted=PLUS).rows(WEEK, ["age"]).num_rows == expected


def test_the_reference_is_read_the_same_way_and_a_version_may_have_none(source):
    whole = RowSource(**source).reference(["age"])
    assert 0 < RowSource(**source, wanted=PLUS).reference(["age"]).num_rows < whole.num_rows == 6_000
    assert RowSource(**(source | {"reference_sha256": None})).reference(["age"]) is None


def test_a_reference_that_is_gone_is_refused(source):
    with pytest.raises(BadInputError):
        RowSource(**(source | {"reference_sha256": "0" * 64})).reference(["age"])


def test_what_is_protected_is_no_column_of_it(source):
    assert RowSource(**source).columns == ("plan", "income", "age")
    assert RowSource(**source, protected=("age",)).columns == ("plan", "income")
