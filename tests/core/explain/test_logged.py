import numpy as np
import pytest

from core.errors import NotEnoughDataError
from core.explain.logged import from_columns

RNG = np.random.default_rng(0)
VALUES = RNG.normal(size=(200, 3))
MARGIN = VALUES.sum(axis=1) - 0.7
SCORE = 1 / (1 + np.exp(-MARGIN))


def test_the_base_is_what_every_row_implies():
    found = from_columns(("a", "b", "c"), VALUES, SCORE, task="binary")
    assert (found.unit, found.base) == ("log-odds", pytest.approx(-0.7, abs=1e-9))
    assert found.additivity_error < 1e-9


def test_rounded_logs_are_accepted_within_their_rounding():
    found = from_columns(("a", "b", "c"), VALUES.round(5), SCORE.round(6), task="binary")
    assert found.base == pytest.approx(-0.7, abs=1e-4)


def test_values_of_the_score_itself_are_recognised():
    found = from_columns(("a", "b"), VALUES[:, :2] * 0.01, 0.4 + VALUES[:, :2].sum(1) * 0.01, task="binary")
    assert (found.unit, found.base) == ("probability", pytest.approx(0.4))


def test_a_regression_is_explained_in_its_own_unit():
    found = from_columns(("a", "b", "c"), VALUES, MARGIN * 1.0, task="regression")
    assert (found.unit, found.base) == ("prediction", pytest.approx(-0.7))


def test_one_row_that_does_not_add_up_refuses_all_with_the_number():
    wrong = VALUES.copy()
    wrong[17, 0] += 0.25
    with pytest.raises(NotEnoughDataError, match=r"differ by up to 0\.\d+ .* more than 0\.0001"):
        from_columns(("a", "b", "c"), wrong, SCORE, task="binary")


def test_a_mean_that_hides_two_wrong_rows_is_not_taken():
    wrong = VALUES.copy()
    wrong[1, 0] += 0.25
    wrong[2, 0] -= 0.25
    with pytest.raises(NotEnoughDataError, match="do not add up"):
        from_columns(("a", "b", "c"), wrong, SCORE, task="binary")


def test_several_classes_and_no_rows_are_refused():
    with pytest.raises(NotEnoughDataError, match="of which class"):
        from_columns(("a",), VALUES[:, :1], SCORE, task="multiclass")
    with pytest.raises(NotEnoughDataError, match="no row has"):
        from_columns(("a",), np.zeros((0, 1)), np.zeros(0), task="binary")
