from core.impact.outcomes import baseline_values, outcome_values
from core.log.document import ValueDocument


def value(baseline):
    return ValueDocument(
        kind="confusion", tp=3, fp=-1, fn=-2, tn=0.5, currency="USD", source="assumed", baseline=baseline
    )


def test_values_stand_by_decision_and_actual():
    assert outcome_values(value("all_negative")).tolist() == [[0.5, -2.0], [-1.0, 3.0]]


def test_a_baseline_decides_alike_whatever_the_model_decided():
    assert baseline_values(value("all_negative")).tolist() == [[0.5, -2.0], [0.5, -2.0]]
    assert baseline_values(value("all_positive")).tolist() == [[-1.0, 3.0], [-1.0, 3.0]]
