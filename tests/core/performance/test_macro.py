import numpy as np
import pytest
from sklearn import metrics

from core.performance.macro import class_f1, drawn_intervals, margin_intervals, margins, mean_f1

MATRIX = np.array([[50, 4, 1], [6, 30, 3], [2, 2, 20]])
"""Called × actual."""


def rows(matrix):
    called, actual = np.indices(matrix.shape)
    return np.repeat(actual.ravel(), matrix.ravel()), np.repeat(called.ravel(), matrix.ravel())


def test_means_agree_with_scikit_learn():
    y, called = rows(MATRIX)
    found = mean_f1(margins(MATRIX))
    assert float(found.macro) == pytest.approx(metrics.f1_score(y, called, average="macro"), abs=1e-12)
    assert float(found.weighted) == pytest.approx(metrics.f1_score(y, called, average="weighted"), abs=1e-12)
    assert class_f1(margins(MATRIX)) == pytest.approx(metrics.f1_score(y, called, average=None), abs=1e-12)


def test_a_class_with_four_rows_is_left_out_of_the_macro_mean_and_not_of_the_weighted():
    matrix = MATRIX.copy()
    matrix[:, 2] = [1, 1, 2]
    found, by_class = mean_f1(margins(matrix)), class_f1(margins(matrix))
    assert float(found.macro) == pytest.approx(by_class[:2].mean())
    y, called = rows(matrix)
    assert float(found.weighted) == pytest.approx(metrics.f1_score(y, called, average="weighted"), abs=1e-12)


def test_the_same_counts_give_the_same_interval_whatever_stands_beside_them():
    alone, _ = drawn_intervals(MATRIX)
    many, _ = drawn_intervals(np.stack([MATRIX * 3, MATRIX, np.zeros((3, 3), np.int64)]))
    assert float(alone.low) == float(many.low[1])
    assert float(alone.high) == float(many.high[1])
    assert np.isnan(many.low[2])


def test_the_order_of_classes_does_not_matter_to_the_interval_of_margins():
    swapped = MATRIX[np.ix_([2, 0, 1], [2, 0, 1])]
    for mine, theirs in zip(margin_intervals(margins(MATRIX)), margin_intervals(margins(swapped)), strict=True):
        assert float(mine.low) == pytest.approx(float(theirs.low), rel=1e-12)


def test_margins_and_draws_say_nearly_the_same():
    big = MATRIX * 20
    for drawn, delta in zip(drawn_intervals(big), margin_intervals(margins(big)), strict=True):
        assert float(drawn.low) == pytest.approx(float(delta.low), abs=0.003)
        assert float(drawn.high) == pytest.approx(float(delta.high), abs=0.003)


def test_of_two_classes_the_margins_hold_the_whole_matrix_and_the_error_is_that_of_all_cells():
    matrix = np.array([[60.0, 9.0], [5.0, 40.0]])
    steps, errors = 1e-4, []
    for cell in np.ndindex(2, 2):
        moved = matrix.copy()
        moved[cell] += steps
        errors.append(float(mean_f1(margins(moved)).macro - mean_f1(margins(matrix)).macro) / steps)
    error = np.sqrt((matrix.ravel() * np.array(errors) ** 2).sum())
    value = float(mean_f1(margins(matrix)).macro)
    interval, _ = margin_intervals(margins(matrix))
    logit = np.log(interval.high / (1 - interval.high)) - np.log(value / (1 - value))
    assert float(logit) == pytest.approx(1.959964 * error / (value * (1 - value)), rel=1e-4)


PLAIN = np.array([[0.45, 0.05, 0.03], [0.03, 0.22, 0.04], [0.02, 0.03, 0.13]])


def covered(n, *, by_margins, repeats=500):
    drawn = np.random.default_rng(2).multinomial(n, PLAIN.ravel(), size=repeats).reshape(-1, 3, 3)
    truth = float(mean_f1(margins(PLAIN * 1e6)).macro)
    interval = (margin_intervals(margins(drawn)) if by_margins else drawn_intervals(drawn))[0]
    return float(((interval.low <= truth) & (truth <= interval.high)).mean())


@pytest.mark.parametrize("by_margins", [True, False])
@pytest.mark.parametrize("n", [100, 1_000])
def test_the_intervals_of_macro_f1_hold_the_truth_as_often_as_they_say(n, by_margins):
    assert 0.925 <= covered(n, by_margins=by_margins) <= 0.97


@pytest.mark.parametrize("matrix", [np.diag([60, 0, 0]), np.diag([20, 20, 20]), np.array([[0, 30], [30, 0]])])
def test_where_all_is_right_or_all_is_wrong_the_draws_give_no_interval_rather_than_one_beside_the_value(matrix):
    for found in drawn_intervals(matrix):
        assert np.isnan(found.low)
        assert np.isnan(found.high)
