import polars as pl
import pyarrow as pa
import pytest

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
    "carrier": FeatureRule(levels=frozenset({"UA", "AA"}), max_missing_share=0.0),
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
