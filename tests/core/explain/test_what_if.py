import pytest

from core.errors import BadInputError
from core.explain.usual import Usual
from core.explain.what_if import checked, ranges
from core.log.contract import Contract, FeatureRule
from core.log.schema import load_schema
from tests.small_fleet import MODEL_YAML

SCHEMA = load_schema(MODEL_YAML)
USUAL = {
    "income": Usual(numeric=True, quantiles=tuple(float(i) for i in range(21))),
    "age": Usual(numeric=True, quantiles=tuple(float(i) for i in range(21)), missing=0.1),
    "plan": Usual(numeric=False, levels=(("basic", 0.7), ("max", 0.3))),
}
CONTRACT = Contract(
    model="churn",
    rules={
        "income": FeatureRule(low=5.0, high=80.0),
        "plan": FeatureRule(categorical=True, levels=frozenset({"basic", "plus"})),
    },
)
ALLOWED = ranges(SCHEMA, CONTRACT, USUAL, withheld=())


def test_the_contract_decides_else_what_the_reference_held():
    assert (ALLOWED["income"].low, ALLOWED["income"].high, ALLOWED["plan"].levels) == (5.0, 80.0, ("basic", "plus"))
    assert (ALLOWED["age"].low, ALLOWED["age"].high, ALLOWED["age"].missing) == (0.0, 20.0, True)


def test_allowed_values_are_taken_as_the_features_own_kinds():
    assert checked({"income": 40, "plan": "plus", "age": None}, ALLOWED) == {
        "income": 40.0,
        "plan": "plus",
        "age": None,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Nothing is changed"),
        ({"height": 1.0}, "no feature of this model, or it is withheld"),
        ({"income": "much"}, "is a number"),
        ({"income": True}, "is a number"),
        ({"income": float("nan")}, "is a number"),
        ({"income": 81.0}, "may be 5 to 80, not 81"),
        ({"income": None}, "always has a value"),
        ({"plan": 3.0}, "is a category"),
        ({"plan": "gold"}, "has no category 'gold'"),
    ],
)
def test_what_the_contract_does_not_allow_is_refused_with_one_sentence(changes, words):
    with pytest.raises(BadInputError, match=words):
        checked(changes, ALLOWED)


def test_a_withheld_feature_cannot_be_changed():
    hidden = ranges(SCHEMA, CONTRACT, USUAL, withheld=("age",))
    with pytest.raises(BadInputError, match="withheld"):
        checked({"age": 3.0}, hidden)
