from datetime import UTC, datetime, timedelta

import pytest

from core.performance.maturity import maturity

END = datetime(2013, 7, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("coverage", "age", "expected", "mature"),
    [(0.99, 0, 1.0, True), (0.5, 0, 1.0, False), (0.97, 3, 1.0, True), (0.80, 3, 1.0, False), (0.80, 3, 0.85, True)],
)
def test_a_window_is_mature_when_enough_labels_came_or_none_are_due(coverage, age, expected, mature):
    found = maturity(
        coverage=coverage,
        window_end_at=END,
        at=END + timedelta(days=age),
        actual_delay=timedelta(days=1),
        expected_coverage=expected,
    )
    assert found.mature is mature
    assert bool(found.reason) is not mature


def test_a_window_without_rows_is_not_mature():
    found = maturity(
        coverage=float("nan"), window_end_at=END, at=END + timedelta(days=9), actual_delay=timedelta(days=1)
    )
    assert not found.mature
    assert "no labels known" in found.reason
