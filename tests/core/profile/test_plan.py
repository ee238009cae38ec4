from dataclasses import replace

import pytest

from core.log.columns import bind, storage_keys
from core.log.contract import Contract, FeatureRule
from core.log.schema import load_schema
from core.profile.plan import GroupPlan, Plan, chosen_segment_features, plan_of

MODEL = """
model: m
task: binary
owner: o
columns:
  prediction_id: id
  timestamp: at
  score: score
  threshold: 0.3
  weight: w
  source: via
  feature_set: fs
  latency_ms: took
  error: failed
  amount: money
  features: {numeric: [a, b], categorical: [c]}
  segments: [c, region]
  segment_features: [b]
"""


@pytest.fixture
def schema():
    return load_schema(MODEL)


@pytest.fixture
def ids(schema):
    return bind(schema, {key: f"{prefix}_{n:04d}" for n, (key, prefix) in enumerate(storage_keys(schema).items())})


def test_a_schema_becomes_a_plan(schema, ids):
    contract = Contract(
        model="m",
        rules={"a": FeatureRule(low=0.0), "c": FeatureRule(levels=frozenset({"x"})), "gone": FeatureRule(high=1.0)},
    )
    plan = plan_of(schema, ids, contract)
    assert dict(plan.kinds) == {"a": "numeric", "b": "numeric", "c": "categorical"}
    assert plan.segments == ("c", "region")
    assert plan.automatic_segments == ("via", "fs")
    assert (plan.task, plan.classes, plan.class_sources) == ("binary", (), ())
    assert (plan.latency, plan.error, plan.amount) == (ids["took"], ids["failed"], ids["money"])
    assert plan.segment_features == ("b",)
    assert (plan.threshold, plan.weight, plan.score_kind) == (0.3, ids["w"], "probability")
    assert plan.ranges == {"a": (0.0, None)}
    assert plan.categories == {"c": frozenset({"x"})}
    assert set(plan.columns) == {
        ids[name] for name in ("a", "b", "c", "region", "via", "fs", "took", "failed", "money", "w")
    }


def test_a_protected_column_never_becomes_a_segment_by_itself(schema, ids):
    columns = schema.columns.model_copy(update={"protected": [schema.source]})
    assert plan_of(replace(schema, columns=columns), ids, None).automatic_segments == ("fs",)


def test_without_a_contract_nothing_is_a_violation(schema, ids):
    plan = plan_of(schema, ids, None, provisional=True)
    assert (plan.ranges, plan.categories, plan.provisional) == ({}, {}, True)


def test_declared_segment_features_are_taken_as_they_are():
    plan = Plan(kinds={"a": "numeric"}, sources={"a": "f_0001"}, segment_features=())
    assert chosen_segment_features(plan) == ((), ())


def test_every_threshold_is_known():
    assert Plan(kinds={}, sources={}, threshold=0.5, thresholds=(0.7,)).all_thresholds == (0.5, 0.7)
    assert Plan(kinds={}, sources={}).all_thresholds == ()
    assert Plan(kinds={}, sources={}, threshold=0.5, task="regression").all_thresholds == ()


CLASSES = """
model: m
task: multiclass
owner: o
columns:
  prediction_id: id
  timestamp: at
  scores: {red: p_red, green: p_green, blue: p_blue}
  actual: colour
  amount: money
  features: {numeric: [a]}
"""


def bound(schema):
    return bind(schema, {key: f"{prefix}_{n:04d}" for n, (key, prefix) in enumerate(storage_keys(schema).items())})


def test_the_classes_of_a_schema_keep_their_order_and_find_their_columns():
    schema = load_schema(CLASSES)
    ids = bound(schema)
    plan = plan_of(schema, ids, None)
    assert (plan.task, plan.classes) == ("multiclass", ("red", "green", "blue"))
    assert plan.class_sources == (ids["p_red"], ids["p_green"], ids["p_blue"])
    assert plan.amount is None  # money is counted by decision and actual, which only a binary model has
    assert set(plan.class_sources) < set(plan.columns)


def test_a_regression_has_neither_classes_nor_thresholds():
    plan = plan_of(load_schema(NUMBERS), bound(load_schema(NUMBERS)), None)
    assert (plan.task, plan.classes, plan.threshold, plan.weight) == ("regression", (), None, None)


NUMBERS = """
model: m
task: regression
owner: o
columns:
  prediction_id: id
  timestamp: at
  prediction: guess
  actual: truth
  features: {numeric: [a]}
"""


def test_protected_columns_become_groups_with_their_bands_and_shap_columns_keep_the_order_of_features(schema):
    columns = schema.columns.model_copy(update={"protected": ["age", "sex", "a"], "group_bands": {"age": (25,)}})
    changed = replace(schema, columns=columns)
    known = {key: f"{prefix}_{n:04d}" for n, (key, prefix) in enumerate(storage_keys(changed).items())}
    ids = bind(changed, known)
    plan = plan_of(changed, ids, None, shap={"c": "c_0099", "a": "c_0098"})
    assert plan.groups == (
        GroupPlan(name="age", source=ids["age"], numeric=True, cuts=(25.0,)),
        GroupPlan(name="sex", source=ids["sex"]),
        GroupPlan(name="a", source=plan.sources["a"], numeric=True),
    )
    assert list(plan.shap) == ["a", "c"]
    assert {ids["age"], ids["sex"]} <= set(plan.columns)
