import numpy as np
import pytest
from scipy import optimize, special
from sklearn.linear_model import LogisticRegression

from core.calibration.recalibration import fitted_line, in_the_large, likelihood_of_scores
from core.calibration.score_bins import ScoreBins, score_bins
from tests.core.calibration.made_up import counted, rows


def own_bins(y, p):
    """Return bins that hold one row each."""
    order = np.argsort(p)
    p, y = p[order], y[order].astype(float)
    return ScoreBins(
        upper=p, n=np.ones(len(p)), events=y, sum_p=p, sum_pp=p**2, sum_py=p * y, error=np.zeros(len(p))
    )  # fmt: skip


def test_rows_agree_with_the_logistic_regression_of_scikit_learn_and_of_scipy():
    y, p = rows(2_000, seed=1)
    line = fitted_line(own_bins(y, p))
    x = special.logit(p)
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=500).fit(x[:, None], y)
    assert float(line.slope) == pytest.approx(fit.coef_[0, 0], abs=1e-5)
    assert float(line.intercept) == pytest.approx(fit.intercept_[0], abs=1e-5)

    def loss(b):
        eta = b[0] + b[1] * x
        return -(y * special.log_expit(eta) + (1 - y) * special.log_expit(-eta)).sum()

    best = optimize.minimize(loss, [0.0, 1.0], method="BFGS", options={"gtol": 1e-9})
    assert [float(line.intercept), float(line.slope)] == pytest.approx(best.x.tolist(), abs=1e-6)
    assert float(line.log_likelihood) == pytest.approx(-best.fun, abs=1e-8)


def test_bins_are_close_to_their_rows():
    for n, slope, intercept in ((300, 0.0024, 0.0042), (10_000, 0.0004, 0.0011)):
        y, p = rows(n, seed=6)
        by_row, by_bin = fitted_line(own_bins(y, p)), fitted_line(score_bins(counted(y, p)))
        assert abs(float(by_row.slope - by_bin.slope)) <= slope
        assert abs(float(by_row.intercept - by_bin.intercept)) <= intercept


def test_calibration_in_the_large_makes_the_mean_score_fit():
    y, p = rows(seed=2)
    bins = own_bins(y, np.clip(p * 0.6, 1e-5, 1))
    shift = in_the_large(bins)
    raised = special.expit(special.logit(bins.mean_score) + float(shift.value))
    assert raised.sum() == pytest.approx(y.sum(), abs=1e-6)
    assert float(shift.value) > 0


def test_windows_are_fitted_together_as_they_are_alone():
    parts = [score_bins(counted(*rows(seed=seed))) for seed in (1, 2, 3)]
    names = ("n", "events", "sum_p", "sum_pp", "sum_py", "error")
    stacked = ScoreBins(
        upper=parts[0].upper, **{name: np.stack([getattr(one, name) for one in parts]) for name in names}
    )
    line = fitted_line(stacked)
    for place, one in enumerate(parts):
        assert float(line.at(place).slope) == pytest.approx(float(fitted_line(one).slope), abs=1e-9)
        assert float(likelihood_of_scores(stacked)[place]) == pytest.approx(float(likelihood_of_scores(one)))


def test_the_interval_of_the_slope_holds_its_level():
    rng = np.random.default_rng(4)
    p = rng.beta(2, 3, (300, 500))
    y = (rng.random(p.shape) < special.expit(0.2 + 0.8 * special.logit(p))).astype(int)
    lines = [fitted_line(score_bins(counted(y[one], p[one]))) for one in range(300)]
    inside = [abs(float(line.slope) - 0.8) <= 1.96 * float(line.slope_error) for line in lines]
    assert 0.91 <= np.mean(inside) <= 0.985


def test_one_class_one_score_and_separated_scores_have_no_line():
    p = np.linspace(0.1, 0.9, 50)
    assert np.isnan(fitted_line(own_bins(np.zeros(50, int), p)).slope)
    assert np.isnan(fitted_line(score_bins(counted(np.arange(50) % 2, np.full(50, 0.3)))).slope)
    assert np.isnan(fitted_line(own_bins((p > 0.5).astype(int), p)).slope)
    assert np.isnan(in_the_large(own_bins(np.ones(50, int), p)).value)


def test_scores_far_from_the_truth_still_converge():
    y, p = rows(3_000, seed=9)
    line = fitted_line(own_bins(y, np.clip(p**8, 1e-9, 1 - 1e-9)))
    assert 0 < float(line.slope) < 1
    assert np.isfinite(line.slope_error)
