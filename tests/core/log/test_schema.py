import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log.names import name_fault, same_name
from core.log.schema import from_document, load_schema
from core.windows import Grain
from tests.log_kit import MULTICLASS_YAML, REGRESSION_YAML

WHOLE = """
model: flight-delay
task: binary
owner: ops-ml
risk_tier: 2
timezone: America/New_York
words: {row: flight, rows: flights, positive_decision: warned, positive_actual: late}
columns:
  prediction_id: id
  timestamp: scheduled_at
  score: p
  decision: warned
  threshold: 0.25
  actual: late
  positive: "yes"
  weight: w
  amount: fare
  latency_ms: ms
  error: err
  source: src
  feature_set: fs
  features:
    temp: {kind: numeric, unit: °F, seasonal: true, monotone: increasing, importance: 0.5}
    carrier: {kind: categorical, sensitive: true}
  segments: [carrier, origin]
  segment_features: [temp]
  protected: [sex]
actual_delay: 36h
actual_window: 90d
dedup_days: 14
value: {kind: confusion, tp: 120, fp: -40, fn: -150, tn: 0, currency: USD, source: assumed}
limits: {psi: {warn: 0.1}}
"""
SMALL = "{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, features: {}}}"


def test_everything_that_the_file_says_is_in_the_schema():
    schema = load_schema(WHOLE)
    assert (schema.model, schema.task, schema.owner, schema.risk_tier) == ("flight-delay", "binary", "ops-ml", 2)
    assert (schema.zone.key, schema.grain, schema.time_column) == ("America/New_York", Grain.DAY, None)
    assert (schema.prediction_id, schema.timestamp, schema.score, schema.score_kind) == (
        "id",
        "scheduled_at",
        "p",
        "probability",
    )
    assert (schema.decision, schema.threshold, schema.actual, schema.positive) == ("warned", 0.25, "late", "yes")
    assert (schema.weight, schema.amount, schema.latency_ms) == ("w", "fare", "ms")
    assert (schema.error, schema.source, schema.feature_set) == ("err", "src", "fs")
    assert schema.feature_names == ("temp", "carrier")
    assert (schema.features["temp"].unit, schema.features["temp"].seasonal) == ("°F", True)
    assert (schema.features["temp"].monotone, schema.features["temp"].importance) == ("increasing", 0.5)
    assert schema.features["carrier"].sensitive
    assert (schema.segments, schema.segment_features, schema.protected) == (("carrier", "origin"), ("temp",), ("sex",))
    assert (schema.actual_delay, schema.actual_window) == (timedelta(hours=36), timedelta(days=90))
    assert (schema.dedup_days, schema.words.rows, schema.value.tp) == (14, "flights", 120)
    assert schema.limits == {"psi": {"warn": 0.1}}


def test_what_the_file_does_not_say_is_none_or_the_default():
    schema = load_schema(SMALL)
    assert (schema.threshold, schema.positive, schema.zone.key) == (0.5, 1, "UTC")
    nothing = (schema.decision, schema.actual, schema.weight, schema.segment_features, schema.actual_window)
    assert nothing == (None,) * 5
    assert load_schema(SMALL.replace("score: s", "score: s, threshold: null")).threshold is None


def test_a_file_and_its_text_give_the_same_schema(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    assert load_schema(path) == load_schema(WHOLE)


def test_mistakes_name_the_file(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(WHOLE.replace("risk_tier: 2", "risk_tier: 9"), encoding="utf-8")
    with pytest.raises(BadInputError, match=r"wrong\.yaml: risk_tier"):
        load_schema(path)
    with pytest.raises(BadInputError, match=r"model\.yaml: risk_tier"):
        load_schema(path.read_text(encoding="utf-8"))


def test_a_stored_schema_comes_back_the_same():
    schema = load_schema(WHOLE)
    assert from_document(schema.document()) == schema
    with pytest.raises(BadInputError, match="the stored schema: owner is missing"):
        from_document({name: value for name, value in schema.document().items() if name != "owner"})


def test_the_digest_is_of_the_meaning_and_not_of_the_spelling():
    short = SMALL.replace("features: {}", "features: {numeric: [a]}")
    long = SMALL.replace("features: {}", "features: {a: {kind: numeric, seasonal: false}}, positive: 1")
    assert load_schema(short).digest == load_schema(long).digest
    assert load_schema(short).digest != load_schema(short.replace("[a]", "[b]")).digest


def test_a_schema_is_frozen():
    schema = load_schema(SMALL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        schema.owner = "me"
    with pytest.raises(TypeError, match="does not support item assignment"):
        schema.features["a"] = None


def test_the_coarser_grains_have_a_column_of_units():
    schema = load_schema(
        "{model: m, task: binary, owner: o, grain: batch, time: {column: slice}, "
        "columns: {prediction_id: i, score: s, features: {}}}"
    )
    assert (schema.grain, schema.time_column, schema.timestamp) == (Grain.BATCH, "slice", None)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda name: name_fault(name) is None)


@settings(max_examples=50)
@given(st.lists(NAMES, max_size=5, unique_by=same_name))
def test_any_readable_names_survive_storing(names):
    names = [name for name in names if name not in ("i", "t", "s", "score", "actual", "decision")]
    raw = load_schema(SMALL).document()
    raw["columns"] = {**raw["columns"], "features": [{"name": name, "kind": "numeric"} for name in names]}
    schema = from_document(raw)
    assert schema.feature_names == tuple(names)
    assert from_document(schema.document()).digest == schema.digest


def test_a_multiclass_schema_names_its_classes_in_order_with_their_columns():
    schema = load_schema(MULTICLASS_YAML)
    assert (schema.task, schema.classes) == ("multiclass", ("card", "loan", "other"))
    assert schema.score_columns == schema.class_columns == ("p_card", "p_loan", "p_other")
    assert (schema.score, schema.score_kind, schema.threshold) == ("score", "probability", None)
    assert from_document(schema.document()) == schema
    turned = load_schema(MULTICLASS_YAML.replace("{card: p_card, loan: p_loan,", "{loan: p_loan, card: p_card,"))
    assert turned.digest != schema.digest


def test_a_regression_schema_has_one_prediction_and_neither_threshold_nor_classes():
    schema = load_schema(REGRESSION_YAML)
    assert (schema.task, schema.score, schema.score_columns) == ("regression", "expected", ("expected",))
    assert (schema.score_kind, schema.threshold, schema.classes, schema.class_columns) == ("prediction", None, (), ())
    assert from_document(schema.document()) == schema


def test_a_model_is_staged_only_when_it_says_so():
    assert not load_schema(WHOLE).staged
    staged = load_schema(WHOLE + "staged: true\n")
    assert staged.staged
    assert from_document(staged.document()).staged


def test_a_file_from_before_the_other_tasks_keeps_its_digest():
    assert load_schema(WHOLE).digest == "b9617849f83132dd5181b772df386d5b0cdb7cca770d88c50e255fd3026693c7"


def test_bands_of_protected_columns_are_numbers_and_proxies_are_found_by_what_they_stand_for():
    schema = load_schema(
        "{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, protected: [age, sex],"
        " group_bands: {age: [25, 40]}, features: {a: {kind: numeric, proxy_of: [sex]}, b: {kind: numeric}}}}"
    )
    assert schema.group_bands == {"age": (25.0, 40.0)}
    assert schema.proxies_of("sex") == ("a",)
    assert schema.proxies_of("age") == ()
    assert from_document(schema.document()).digest == schema.digest
