"""Every metric has words, and each number is written as the house writes it."""

from app.performance.metrics import METRICS
from core.performance.of_task import METRICS as ALL


def test_every_metric_has_name_definition_and_formula():
    assert set(METRICS) == set(ALL)
    assert all(one.name and one.short and one.definition and one.formula for one in METRICS.values())


def test_rates_are_percents_areas_have_three_decimals_and_errors_the_unit_of_the_actual():
    assert METRICS["recall"].text(0.6126) == "61.3 %"
    assert METRICS["roc_auc"].text(0.71234) == "0.712"
    assert METRICS["mae"].text(1234.6) == "1,235"
    assert METRICS["bias"].text(-0.5) == "−0.500"
    assert METRICS["recall"].text(None) == "–"


def test_intervals_and_changes():
    assert METRICS["recall"].interval(0.5, 0.6) == "50.0 to 60.0 %"
    assert METRICS["recall"].interval(None, 0.6) == ""
    assert METRICS["recall"].change(-0.031) == "−3.1 pp"
    assert METRICS["roc_auc"].change(0.02) == "+0.020"
    assert METRICS["mae"].change(12.34) == "+12.3"
