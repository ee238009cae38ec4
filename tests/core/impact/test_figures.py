from dataclasses import replace
from datetime import date

from core.impact.display import ValueSeries
from core.impact.figures import value_over_periods

SERIES = ValueSeries(
    labels=("2024-02-01", "2024-03-01"),
    starts=(date(2024, 2, 1), date(2024, 3, 1)),
    dated=True,
    value=(100.0, -50.0),
    low=(80.0, -60.0),
    high=(130.0, -45.0),
    settled=(True, True),
    left_out=(0, 3),
    n=(10, 12),
    coverage=(1.0, 0.9),
    currency="USD",
)


def test_each_bar_is_a_period_with_its_interval_and_hatched_where_days_are_left_out():
    bar = value_over_periods(SERIES, ("Feb", "Mar")).data[0]
    assert list(bar.y) == [100.0, -50.0]
    assert list(bar.error_y.array) == [30.0, 5.0]
    assert list(bar.error_y.arrayminus) == [20.0, 10.0]
    assert list(bar.marker.pattern.shape) == ["", "/"]
    assert bar.customdata[1] == "-50 [-60 to -45] USD, n = 12, 3 left out"


def test_a_period_without_a_value_is_a_gap_and_names_are_no_markup():
    gap = replace(SERIES, value=(None, 1.0), low=(None, None), high=(None, None), settled=(False, True))
    bar = value_over_periods(gap, ("<b>Feb</b>", "Mar")).data[0]
    assert bar.y[0] is None
    assert bar.customdata[0] == "no value"
    assert bar.x[0] == "&lt;b&gt;Feb&lt;/b&gt;"
