import pytest

from app.performance.estimation import estimated_line, estimation_view
from core.estimation.service import estimation_detail
from core.selection import MetricQuery


@pytest.fixture
def detail(fleet):
    return estimation_detail(fleet, MetricQuery(model="churn"))


def test_the_line_has_one_value_a_window_and_trusts_what_came_true(detail):
    line = estimated_line(detail, "roc_auc")
    assert line is not None
    assert len(line.value) == len(line.low) == len(line.trusted) == len(detail.windows)
    assert all(line.trusted)
    assert all(low <= value <= high for low, value, high in zip(line.low, line.value, line.high, strict=True))


def test_what_is_not_estimated_has_no_line(detail):
    assert estimated_line(None, "roc_auc") is None
    assert estimated_line(detail, "mae") is None


def test_the_view_is_of_the_last_window(detail):
    view = estimation_view(detail)
    assert view.facts["roc_auc"].value == pytest.approx(float(detail.found.estimates["roc_auc"].value[-1]))
    assert view.coverage.share[-1] == 0.0
    assert view.coverage.mature[-1] is False
    assert (view.lag, view.mature_by_lag) == (None, None)
    assert "loaded at once" in view.no_lag
