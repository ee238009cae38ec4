import json

import pytest

from core.points import MetricPoint, finite, withheld
from core.states import State


def test_a_point_has_exactly_the_fields_of_the_command_line():
    point = MetricPoint(metric="psi", window_start="2013-07-01", window_end="2013-07-08", value=0.1, n=5)
    fields = "metric window_start window_end segment feature value ci_low ci_high n status reason provenance_id"
    assert list(point.document()) == fields.split()
    assert json.loads(json.dumps(point.document()))["status"] == "healthy"


def test_a_point_that_is_not_applicable_has_no_value():
    point = MetricPoint(
        metric="roc_auc", window_start="7", window_end="8", value=None, n=0, status=State.NOT_APPLICABLE, reason="why"
    )
    assert point.document()["value"] is None
    assert point.document()["reason"] == "why"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_hold_becomes_nothing(number):
    assert finite(number) is None
    assert finite(0.5) == 0.5


def test_points_of_protected_columns_are_withheld_with_their_n_and_the_others_stay():
    shown = MetricPoint(metric="missing_share", window_start="7", window_end="8", feature="plan", value=0.1, n=50)
    told = MetricPoint(
        metric="missing_share",
        window_start="7",
        window_end="8",
        feature="sex",
        value=0.04,
        ci_low=0.01,
        ci_high=0.1,
        n=50,
    )
    kept, hidden = withheld((shown, told), ("sex",))
    assert kept == shown
    assert (hidden.value, hidden.ci_low, hidden.ci_high, hidden.n) == (None, None, None, 0)
    assert hidden.status is State.NOT_APPLICABLE
    assert "withheld: a protected column" in hidden.reason
