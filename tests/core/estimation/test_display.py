import pytest

from core.estimation.display import lag_steps
from core.estimation.lag import known_share


def test_steps_begin_at_day_zero_and_end_at_the_oldest_age():
    steps = lag_steps(known_share([1, 4, 30], [6, 3, 0], [0, 0, 1]))
    assert steps.days == (0.0, 1.0, 4.0, 30.0)
    assert steps.share == pytest.approx((0.0, 0.6, 0.9, 0.9))
    assert (steps.plateau, steps.flat, steps.wait) == (pytest.approx(0.9), True, 4.0)
    assert (steps.n, steps.n_known) == (10, 9)


def test_actuals_that_are_there_at_once_begin_at_their_share():
    steps = lag_steps(known_share([0, 2], [5, 5], [0, 0]))
    assert steps.days == (0.0, 2.0)
    assert steps.share == pytest.approx((0.5, 1.0))


def test_no_actual_at_all_is_a_flat_line_at_nothing():
    steps = lag_steps(known_share([3], [0], [10]))
    assert (steps.days, steps.share) == ((0.0, 3.0), (0.0, 0.0))
