import pytest

from core.log.columns import bind, storage_keys
from core.log.contract import Contract, FeatureRule
from core.log.schema import load_schema
from core.profile.plan import Plan, chosen_segment_features, plan_of

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
    assert plan.automatic_segments == ("via",)
    assert plan.segment_features == ("b",)
    assert (plan.threshold, plan.weight, plan.score_kind) == (0.3, ids["w"], "probability")
    assert plan.ranges == {"a": (0.0, None)}
    assert plan.categories == {"c": frozenset({"x"})}
    assert set(plan.columns) == {ids[name] for name in ("a", "b", "c", "region", "via", "w")}


def test_without_a_contract_nothing_is_a_violation(schema, ids):
    plan = plan_of(schema, ids, None, provisional=True)
    assert (plan.ranges, plan.categories, plan.provisional) == ({}, {}, True)


def test_declared_segment_features_are_taken_as_they_are():
    plan = Plan(kinds={"a": "numeric"}, sources={"a": "f_0001"}, segment_features=())
    assert chosen_segment_features(plan) == ((), ())


def test_every_threshold_is_known():
    assert Plan(kinds={}, sources={}, threshold=0.5, thresholds=(0.7,)).all_thresholds == (0.5, 0.7)
    assert Plan(kinds={}, sources={}).all_thresholds == ()
