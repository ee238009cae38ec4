import numpy as np
import pytest

from core.explain.additivity import NotAdditiveError, additivity_error, allowed_error, check
from core.explain.model import Contributions


def contributions(off: float) -> Contributions:
    return Contributions(values=np.ones((3, 2, 1)), base=np.array([0.5]), margin=np.array([[2.5], [2.5], [2.5 + off]]))


def test_the_error_is_the_largest_distance_from_the_margin():
    assert additivity_error(contributions(-0.25)) == 0.25
    assert additivity_error(contributions(0.0)) == 0.0


def test_values_that_are_no_numbers_are_infinitely_wrong():
    assert additivity_error(contributions(float("nan"))) == float("inf")


def test_an_error_within_the_bound_is_returned():
    assert check(contributions(5e-7), 1e-6, task="binary") == pytest.approx(5e-7)


def test_an_error_over_the_bound_is_refused_with_the_number():
    with pytest.raises(NotAdditiveError, match=r"by up to 8\.4, where 1e-06 is allowed"):
        check(contributions(8.4), 1e-6, task="binary")


def test_rows_without_a_finite_margin_are_counted():
    with pytest.raises(NotAdditiveError, match="no finite number for 1 of 3 rows"):
        check(contributions(float("inf")), 1e-6, task="binary")


def test_the_bound_grows_only_with_predicted_amounts():
    assert allowed_error(1e-6, np.array([[10.0]]), task="regression") == 1e-6
    assert allowed_error(1e-6, np.array([[100.0]]), task="regression") == pytest.approx(1e-5)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_the_bound_of_log_odds_is_absolute_however_large_they_are(task):
    far = Contributions(values=np.full((1, 2, 1), 50.0), base=np.zeros(1), margin=np.array([[100.0 + 5e-6]]))
    with pytest.raises(NotAdditiveError, match="1e-06 is allowed"):
        check(far, 1e-6, task=task)
    assert check(far, 1e-6, task="regression") == pytest.approx(5e-6)
