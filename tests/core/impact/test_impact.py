import numpy as np
import pytest

from core.impact.impact import METRICS, impact_of, no_value, no_value_of_classes
from tests.core.impact.test_decisions import series_of


@pytest.mark.parametrize("model", ["loans", "sales", "tickets"])
def test_every_task_has_every_metric_in_order(valued, model):
    series = series_of(valued, model)
    found = impact_of(series.layout, series.schema, series.current.ints, series.current.floats)
    assert tuple(found.estimates) == METRICS
    assert found.coverage[0] == 1
    assert np.isnan(found.estimates["net_value"].value).all() == (model == "tickets")


def test_a_window_without_rows_is_not_applicable_whatever_the_value_model(valued):
    series = series_of(valued, "loans")
    nothing = series.current.ints[:0].sum(axis=0), series.current.floats[:0].sum(axis=0)
    found = impact_of(series.layout, series.schema, *nothing)
    assert {str(one.reason) for one in found.estimates.values()} == {"not applicable: no predictions in this window"}


def test_who_can_add_a_value_model_is_named():
    assert "ops-ml" in no_value("ops-ml")
    assert "desk-ml" in no_value_of_classes("desk-ml")
