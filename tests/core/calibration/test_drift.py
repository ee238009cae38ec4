import numpy as np
import pytest
from scipy import special
from sklearn.linear_model import LogisticRegression

from core.calibration.drift import calibration_change, less
from core.calibration.recalibration import fitted_line
from core.calibration.score_bins import score_bins
from tests.core.calibration.made_up import counted


def made(rng, n, intercept=0.0, slope=1.0):
    p = rng.beta(2, 3, n)
    y = (rng.random(n) < special.expit(intercept + slope * special.logit(p))).astype(int)
    return y, p


def likelihood(x, y):
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    eta = fit.decision_function(x)
    return (y * special.log_expit(eta) + (1 - y) * special.log_expit(-eta)).sum()


def test_the_statistic_is_that_of_one_model_with_and_without_terms_of_the_window():
    rng = np.random.default_rng(1)
    (y0, p0), (y1, p1) = made(rng, 4_000), made(rng, 1_500, intercept=0.2)
    change = calibration_change(score_bins(counted(y0, p0)), score_bins(counted(y1, p1)))
    x, y = special.logit(np.r_[p0, p1]), np.r_[y0, y1]
    window = np.r_[np.zeros(len(y0)), np.ones(len(y1))]
    both = likelihood(np.c_[x, window, x * window], y) - likelihood(x[:, None], y)
    assert float(change.test.statistic) == pytest.approx(2 * both, abs=0.05)
    assert float(change.intercept) == pytest.approx(0.2, abs=4 * float(change.intercept_error))


def test_lines_that_are_known_already_change_nothing():
    rng = np.random.default_rng(4)
    reference, window = score_bins(counted(*made(rng, 4_000))), score_bins(counted(*made(rng, 1_500, intercept=0.2)))
    plain = calibration_change(reference, window)
    known = calibration_change(reference, window, line=fitted_line(window), before=fitted_line(reference))
    assert float(known.test.statistic) == float(plain.test.statistic)
    assert float(known.slope) == float(plain.slope)
    assert float(known.reference.intercept) == float(plain.reference.intercept)


def test_the_test_holds_its_level_and_finds_a_change():
    rng = np.random.default_rng(2)
    reference = score_bins(counted(*made(rng, 10_000, slope=0.9)))
    same = [calibration_change(reference, score_bins(counted(*made(rng, 800, slope=0.9)))) for _ in range(200)]
    moved = [calibration_change(reference, score_bins(counted(*made(rng, 800, 0.4, 0.9)))) for _ in range(50)]
    assert np.mean([float(one.test.p) <= 0.05 for one in same]) <= 0.09
    assert np.mean([float(one.test.p) <= 0.05 for one in moved]) >= 0.9


def test_what_is_left_of_the_whole_without_a_part_are_the_other_rows():
    rng = np.random.default_rng(3)
    (y0, p0), (y1, p1) = made(rng, 400), made(rng, 300)
    whole, part = score_bins(counted(np.r_[y0, y1], np.r_[p0, p1])), score_bins(counted(y1, p1))
    rest, truth = less(whole, part), score_bins(counted(y0, p0))
    assert np.allclose(rest.n, truth.n)
    assert np.allclose(rest.sum_py, truth.sum_py)


def test_without_actuals_on_one_side_there_is_no_test():
    nothing = score_bins(counted(np.empty(0, int), np.empty(0)))
    change = calibration_change(nothing, score_bins(counted(*made(np.random.default_rng(1), 300))))
    assert np.isnan(change.at(()).test.p)
