from datetime import date

import pytest

from core.estimation.display import CoverageStrip, lag_steps
from core.estimation.figures import coverage_bars, lag_curve
from core.estimation.lag import known_share
from core.windows import Grain


def strip(**changes):
    fields = {
        "starts": (date(2024, 1, 1), date(2024, 1, 2)),
        "labels": ("2024-01-01", "2024-01-02"),
        "share": (0.97, None),
        "mature": (True, False),
        "by_lag": (True, False),
        "expected": 0.974,
    }
    return CoverageStrip(**(fields | changes))


def test_windows_that_still_wait_are_hatched():
    drawn = coverage_bars(strip())
    assert [one.name for one in drawn.data] == ["complete enough", "labels still arriving"]
    assert list(drawn.data[1].y) == [0.0]
    assert any("plateau 97.4 %" in one.text for one in drawn.layout.annotations)


def test_batches_have_numbers_instead_of_days():
    drawn = coverage_bars(strip(grain=Grain.BATCH, starts=(date(1970, 1, 2), date(1970, 1, 3)), expected=None))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert list(drawn.data[0].x) == [1]


def test_the_plateau_is_drawn_and_named():
    drawn = lag_curve(lag_steps(known_share([1, 4, 30], [900, 74, 0], [0, 0, 26])))
    told = [one.text for one in drawn.layout.annotations]
    assert "2.6 % never" in told
    assert "90 % of them by day 1" in told


def test_a_curve_that_still_rises_names_no_never():
    drawn = lag_curve(lag_steps(known_share([1, 3], [90, 0], [0, 10])))
    assert "90.0 % so far" in [one.text for one in drawn.layout.annotations]


@pytest.mark.parametrize(("last", "step"), [(4, 1), (9, 2), (30, 5), (90, 20)])
def test_the_ages_have_few_ticks_and_the_axis_ends_with_the_curve(last, step):
    drawn = lag_curve(lag_steps(known_share([1, last], [90, 10], [0, 0])))
    assert drawn.layout.xaxis.dtick == step
    assert drawn.layout.xaxis.range[1] < 1.1 * last


@pytest.mark.parametrize(("known", "side"), [([95, 5], "left"), ([5, 95], "right")])
def test_the_words_of_the_wait_stay_within_the_plot(known, side):
    drawn = lag_curve(lag_steps(known_share([1, 9], known, [0, 0])))
    (waiting,) = [one for one in drawn.layout.annotations if one.text.startswith("90 %")]
    assert waiting.xanchor == side
