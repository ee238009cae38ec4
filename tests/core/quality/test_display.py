from core.log.contract import FeatureRule
from core.quality.display import rule_words
from core.quality.service import quality_history
from core.selection import MetricQuery
from core.windows import Grain


def test_rules_are_told_in_words():
    assert rule_words(FeatureRule(low=-1.5, high=2_000_000.0)) == "−1.5 to 2000000"
    assert rule_words(FeatureRule(low=-1.5)) == "at least −1.5"
    assert rule_words(FeatureRule(high=3.0)) == "at most 3"
    assert rule_words(FeatureRule(levels=frozenset("abc"), categorical=True)) == "one of 3 values"
    assert rule_words(FeatureRule()) == "no rule"
    assert rule_words(None) == "outside the rule"


def test_the_history_has_one_value_a_unit_everywhere(troubled):
    found = quality_history(troubled, MetricQuery(model="churn"), count=15)
    assert {len(one.value) for one in found.shares.values()} == {15}
    assert {len(one.count) for one in found.rules} == {15}
    assert len(found.expected) == len(found.expected_low) == len(found.n) == 15
    assert found.grain is Grain.DAY


def test_the_most_broken_rule_comes_first(troubled):
    rules = quality_history(troubled, MetricQuery(model="churn"), count=40).rules
    totals = [sum(one.count) for one in rules]
    assert totals == sorted(totals, reverse=True)
    assert rules[0].name.startswith("income: ")


def test_a_share_that_does_not_apply_has_its_reason(troubled):
    found = quality_history(troubled, MetricQuery(model="churn"), count=5)
    assert "no range" in found.shares["plan", "out_of_range_share"].reason
    assert found.shares["plan", "missing_share"].reference == 0
