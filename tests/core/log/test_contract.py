import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log.contract import (
    Contract,
    FeatureRule,
    from_document,
    from_yaml,
    infer_contract,
    removals,
    to_document,
    to_yaml,
)
from tests.log_kit import SCHEMA

IDS = {"temp": "f_0001", "carrier": "f_0002", "origin": "c_0003"}
RULES = {
    "temp": FeatureRule(low=10.0, high=90.0, max_missing_share=0.25, on_violation="quarantine"),
    "carrier": FeatureRule(levels=frozenset({"UA", "AA"}), categorical=True, max_missing_share=0.0),
}


def test_the_contract_is_what_the_reference_fulfils():
    reference = pa.table(
        {
            "f_0001": [1.0, float("nan"), 3.0, None, float("inf")],
            "f_0002": pa.array(["UA", "AA", None, "UA", "UA"]).dictionary_encode(),
            "c_0003": ["x"] * 5,
        }
    )
    contract = infer_contract(reference, SCHEMA, IDS)
    assert contract.ranges == {"temp": (1.0, 3.0)}
    assert contract.categories == {"carrier": frozenset({"UA", "AA"})}
    assert contract.rules["temp"].max_missing_share == pytest.approx(0.4)
    assert contract.rules["carrier"].max_missing_share == pytest.approx(0.2)
    assert {rule.on_violation for rule in contract.rules.values()} == {"count"}


def test_a_reference_without_values_leaves_the_feature_open():
    reference = pa.table({"f_0001": pa.nulls(2, pa.float64()), "f_0002": pa.array([f"l{i}" for i in range(2)])})
    assert infer_contract(reference, SCHEMA, IDS).rules["temp"] == FeatureRule(max_missing_share=1.0)
    many = pa.table({"f_0001": pa.array([1.0] * 1_001), "f_0002": pa.array([f"l{i}" for i in range(1_001)])})
    assert infer_contract(many, SCHEMA, IDS).rules["carrier"].levels is None


def test_the_standards_document_and_its_yaml_come_back_the_same():
    contract = Contract(model="flights", rules=RULES)
    assert from_document(to_document(contract)) == contract
    assert from_yaml(to_yaml(contract)) == contract
    assert to_document(contract)["kind"] == "DataContract"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(colour="red"), "not an Open Data Contract Standard document: colour"),
        (lambda d: d.update(schema=[]), "exactly one object"),
        (
            lambda d: d["schema"][0]["properties"][0]["customProperties"][0].update(value="drop"),
            "must be count or quarantine, not 'drop'",
        ),
        (lambda d: d["schema"][0]["properties"][1]["quality"][0].update(metric="freshness"), "not known"),
    ],
)
def test_a_document_that_is_not_understood_is_refused(change, says):
    document = to_document(Contract(model="flights", rules=RULES))
    change(document)
    with pytest.raises(BadInputError, match=says):
        from_document(document)


def test_text_that_is_no_contract_is_refused():
    with pytest.raises(BadInputError, match="must be a mapping"):
        from_yaml("[1]")


def test_only_explicit_rules_remove_rows_and_missing_values_break_none():
    (rule,) = removals(Contract(model="flights", rules=RULES), IDS)
    frame = pl.DataFrame({"f_0001": [10.0, 9.9, 90.1, None, float("nan")]})
    assert frame.select(x=rule.breaks.fill_null(value=False))["x"].to_list() == [False, True, True, False, False]
    assert (rule.column, rule.rule) == ("temp", "contract_range")


def test_a_category_outside_the_list_is_removed_when_the_rule_says_so():
    strict = Contract(
        model="flights", rules={"carrier": FeatureRule(levels=frozenset({"UA"}), on_violation="quarantine")}
    )
    (rule,) = removals(strict, IDS)
    frame = pl.DataFrame({"f_0002": pl.Series(["UA", "ZZ", None], dtype=pl.Categorical)})
    assert frame.select(x=rule.breaks.fill_null(value=False))["x"].to_list() == [False, True, False]


def changed(change):
    document = to_document(Contract(model="flights", rules=RULES))
    change(document["schema"][0]["properties"])
    return document


def quality(index, **values):
    return lambda properties: properties[index]["quality"][0].update(values)


def limits(**values):
    return lambda properties: properties[0].update(logicalTypeOptions=values)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (limits(minimum="abc"), "minimum of 'temp' must be a finite number, not 'abc'"),
        (limits(minimum=[1]), r"minimum of 'temp' must be a finite number, not '\[1\]'"),
        (limits(maximum=float("nan")), "maximum of 'temp' must be a finite number, not 'nan'"),
        (limits(maximum=float("inf")), "maximum of 'temp' must be a finite number"),
        (limits(maximum=10**400), "maximum of 'temp' must be a finite number"),
        (limits(minimum=True), "minimum of 'temp' must be a finite number"),
        (limits(minimum=2, maximum=1), "minimum of 'temp', 2, is above its maximum, 1"),
        (limits(exclusiveMinimum=2), "option 'exclusiveMinimum' for 'temp', which is not known"),
        (quality(1, arguments={"validValues": 5}), "validValues of 'carrier' must be a list"),
        (quality(1, arguments={"validValues": "abc"}), "validValues of 'carrier' must be a list"),
        (quality(1, arguments={"validValues": ["a", None]}), "validValues of 'carrier' must be a list"),
        (quality(1, arguments={"validValues": [["a"]]}), "validValues of 'carrier' must be a list"),
        (quality(0, mustBeLessOrEqualTo=500), "nullValues of 'temp' must be 0 to 100 with unit: percent, not '500'"),
        (quality(0, mustBeLessOrEqualTo=float("nan")), "of 'temp' must be a finite number"),
        (quality(0, unit="rows"), "must be 0 to 100 with unit: percent, not '25.0' 'rows'"),
        (lambda p: p[1].update(name="temp"), "property 'temp' is there twice"),
        (lambda p: p[1].pop("name"), "Property 2 of the contract has no name"),
        (lambda p: p[1].update(name="a\u200bb"), "holds a character that cannot be seen"),
        (lambda p: p[1].update(logicalTypeOptions={"minimum": 1}), "'carrier' a range, but it is a category"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_its_name(change, says):
    with pytest.raises(BadInputError, match=says):
        from_document(changed(change))


def test_levels_are_spelled_as_in_a_log():
    document = changed(quality(1, arguments={"validValues": [2.0, True, 3, "a"]}))
    assert from_document(document).categories == {"carrier": frozenset({"2", "true", "3", "a"})}


def test_a_category_without_a_list_stays_a_category():
    contract = Contract(model="m", rules={"a": FeatureRule(categorical=True)})
    assert to_document(contract)["schema"][0]["properties"][0]["logicalType"] == "string"
    assert from_yaml(to_yaml(contract)) == contract


@given(st.floats(0, 1))
def test_a_share_never_shrinks_on_its_way_through_a_file(share):
    contract = Contract(model="m", rules={"a": FeatureRule(max_missing_share=share)})
    once = from_yaml(to_yaml(contract))
    assert share <= once.rules["a"].max_missing_share <= min(1, share + 1e-12)
    assert from_yaml(to_yaml(once)) == once


@given(st.lists(st.text(), min_size=1))
@example(["a\x85b", "\u2028", "no", "1"])
def test_any_level_comes_back_from_a_file(levels):
    contract = Contract(model="m", rules={"a": FeatureRule(levels=frozenset(levels), categorical=True)})
    assert from_yaml(to_yaml(contract)) == contract
