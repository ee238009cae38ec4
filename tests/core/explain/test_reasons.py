from core.explain.reasons import reasons, usual_words
from core.explain.usual import Usual
from core.explain.waterfall import Step
from core.log.schema import Feature

FEATURES = {
    "income": Feature(name="income", kind="numeric", unit="USD"),
    "plan": Feature(name="plan", kind="categorical"),
}
USUAL = {
    "income": Usual(numeric=True, quantiles=tuple(float(1000 * i) for i in range(42, 63))),
    "plan": Usual(numeric=False, levels=(("basic", 0.5), ("max", 0.2))),
}


def step(name: str, value: float | str | None, phi: float, kind: str = "feature") -> Step:
    return Step(features=(name,), kind=kind, value=value, phi=phi, start=0.0, end=phi)


def test_a_reason_says_value_direction_size_and_what_is_usual():
    found = reasons([step("income", 21_000.0, 0.62)], FEATURES, USUAL, unit="log-odds")
    assert found == ("income of 21,000 USD raised the score by 0.62 log-odds (usual: 52,000 USD)",)


def test_a_category_is_compared_with_the_most_frequent_level():
    found = reasons([step("plan", "max", -0.3)], FEATURES, USUAL, unit="log-odds")
    assert found == ("plan of max lowered the score by 0.30 log-odds (usual: basic, 50 % of rows)",)


def test_the_three_largest_are_told_and_the_rest_is_no_reason():
    steps = [
        step("a", 1.0, 0.1),
        step("b", 1.0, -0.4),
        step("c", 1.0, 0.3),
        step("d", 1.0, 0.2),
        step("e", 1.0, 9.0, "rest"),
    ]
    found = reasons(steps, {}, {}, unit="prediction")
    assert [one.split(" ")[0] for one in found] == ["b", "c", "d"]
    assert found[0] == "b of 1 lowered the prediction by 0.4"


def test_withheld_features_are_told_together_and_by_no_value():
    found = reasons([step("sex", None, 0.5, "withheld")], FEATURES, USUAL, unit="log-odds")
    assert found == ("features that are withheld together raised the score by 0.50 log-odds",)


def test_a_missing_value_is_said_and_nothing_is_a_reason_when_nothing_moves():
    assert reasons([step("income", None, 0.5)], FEATURES, {}, unit="log-odds") == (
        "income without a value raised the score by 0.50 log-odds",
    )
    assert reasons([step("income", 1.0, 0.0)], FEATURES, USUAL, unit="log-odds") == ()


def test_an_unknown_feature_has_nothing_usual():
    assert usual_words("other", None, USUAL) == ""
