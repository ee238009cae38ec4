import pyarrow as pa

from core.log.schema import load_schema
from core.profile.binning import Segment
from core.segments.columns import rows_of_segment, searchable

YAML = """
model: m
task: binary
owner: o
columns:
  prediction_id: i
  timestamp: t
  score: s
  protected: [sex, age]
  segments: [region]
  features:
    age: {kind: numeric, importance: 0.9}
    income: {kind: numeric, importance: 0.1}
    plan: {kind: categorical, importance: 0.5}
"""


def test_segment_columns_come_first_then_features_by_importance_and_never_a_protected_one():
    assert searchable(load_schema(YAML)) == ("region", "plan", "income")


def test_what_is_protected_by_now_is_left_out_too():
    assert searchable(load_schema(YAML), protected=("plan",)) == ("region", "income")


def test_the_segments_of_a_column_part_its_rows():
    rows = pa.table({"plan": pa.array(["a", "b", None, "c", "a"]).dictionary_encode()})
    segments = (Segment("plan", "a"), Segment("plan", "b"), Segment("plan", None), Segment("plan", None, missing=True))
    found = [rows_of_segment(rows, one, segments).tolist() for one in segments]
    assert [sum(column) for column in zip(*found, strict=True)] == [1] * 5
    assert found[2] == [False, False, False, True, False]
    assert found[3] == [False, False, True, False, False]
