from dataclasses import replace
from datetime import date

import pytest

from core.impact.display import ValueSeries
from core.impact.figures import round_ticks, value_over_periods

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


def test_amounts_carry_their_currency_and_the_year_stands_below_the_month():
    dear = replace(SERIES, value=(310_000.0, -220_000.0), low=(300_000.0, -240_000.0), high=(320_000.0, -210_000.0))
    drawn = value_over_periods(dear, ("Feb 2024", "5 Mar"))
    assert list(drawn.layout.yaxis.ticktext) == ["−$200 K", "$0", "$200 K"]
    assert list(drawn.layout.xaxis.ticktext) == ["Feb<br>2024", "5 Mar"]
    assert drawn.layout.xaxis.tickangle == 0


@pytest.mark.parametrize(("low", "high"), [(0.0, 7.3), (-18_000.0, 302_000.0), (-5e6, 0.0), (0.0, 1.0)])
def test_round_ticks_are_few_lie_within_and_hold_zero(low, high):
    ticks = round_ticks(low, high)
    assert 2 <= len(ticks) <= 5
    assert low <= min(ticks) <= 0.0 <= max(ticks) <= high
    assert 0.0 in ticks
