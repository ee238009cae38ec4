import numpy as np
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve

from core.calibration.calibration_error import calibration_error, folded_normal_mean, maximum_error
from core.calibration.groups import Groups, equal_mass, equal_width, merged
from core.calibration.miscalibration import calibration_chi_square
from core.calibration.score_bins import score_bins
from tests.core.calibration.made_up import counted, rows


def groups_of(n, sum_p, sum_y):
    n, sum_p, sum_y = (np.asarray(x, float) for x in (n, sum_p, sum_y))
    zero = np.zeros(n.shape)
    return Groups(n=n, events=sum_y, sum_p=sum_p, sum_pp=zero, sum_py=zero, low=zero, high=zero, error=zero)


def test_the_error_is_the_one_worked_by_hand():
    error = calibration_error(groups_of([100, 300], [20, 210], [30, 180]))
    assert float(error.raw) == pytest.approx(0.25 * 0.1 + 0.75 * 0.1)
    perfect = 0.25 * np.sqrt(2 * 0.16 / 100 / np.pi) + 0.75 * np.sqrt(2 * 0.21 / 300 / np.pi)
    assert float(error.perfect) == pytest.approx(perfect)
    assert 0 < float(error.debiased) < float(error.raw)


def test_the_equal_width_error_agrees_with_the_curve_of_scikit_learn():
    y, p = rows(seed=8)
    groups = equal_width(score_bins(counted(y, p)))
    true, said = calibration_curve(y, p, n_bins=10)
    weight = groups.n[groups.n > 0] / len(y)
    assert float(calibration_error(groups).raw) == pytest.approx(float((weight * np.abs(true - said)).sum()), abs=1e-9)


def test_the_folded_normal_agrees_with_scipy():
    for mean, variance in ((0.0, 1.0), (0.3, 0.01), (-0.02, 0.004)):
        sd = variance**0.5
        expected = stats.foldnorm.mean(abs(mean) / sd, scale=sd)
        assert float(folded_normal_mean(mean, variance)) == pytest.approx(expected, abs=1e-12)
    assert float(folded_normal_mean(-0.4, 0.0)) == 0.4


def test_the_interval_holds_the_true_error_and_a_perfect_model_is_not_accused():
    """Coverage at n = 1,000: .96 (true 0) and about .95 (true .135) in the method's own simulation."""
    rng = np.random.default_rng(11)
    for slope, least in ((1.0, 0.93), (0.3, 0.9)):
        p = rng.beta(2, 2, (300, 1000))
        chance = 1 / (1 + np.exp(-slope * np.log(p / (1 - p))))
        y = (rng.random(p.shape) < chance).astype(int)
        covered = 0
        for one in range(300):
            groups = equal_mass(score_bins(counted(y[one], p[one])))
            ends = calibration_error(groups).interval(calibration_chi_square(merged(groups)).p)
            order = np.argsort(p[one])
            parts = np.array_split(order, 10)
            true = sum(abs(chance[one][part].mean() - p[one][part].mean()) * len(part) for part in parts) / 1000
            covered += float(ends.low) <= true <= float(ends.high)
        assert covered / 300 >= least


def test_small_samples_show_an_error_that_the_debiased_one_takes_off():
    rng = np.random.default_rng(2)
    raw, debiased, perfect = [], [], []
    for _ in range(100):
        p = rng.beta(2, 2, 300)
        error = calibration_error(equal_mass(score_bins(counted((rng.random(300) < p).astype(int), p))))
        raw.append(float(error.raw))
        debiased.append(float(error.debiased))
        perfect.append(float(error.perfect))
    assert np.mean(raw) == pytest.approx(np.mean(perfect), rel=0.1)
    assert np.mean(debiased) < 0.7 * np.mean(raw)


def test_the_largest_error_counts_groups_of_thirty_rows_only():
    groups = groups_of([29, 30, 100], [2, 9, 50], [29, 12, 52])
    value, ends = maximum_error(groups)
    assert float(value) == pytest.approx(0.1)
    assert float(ends.low) == 0.0
    assert float(ends.high) > 0.1


def test_without_a_group_of_thirty_rows_there_is_no_largest_error():
    value, ends = maximum_error(groups_of([29], [2], [29]))
    assert np.isnan(value)
    assert np.isnan(ends.low)


def test_without_rows_there_is_no_error():
    error = calibration_error(groups_of([0, 0], [0, 0], [0, 0]))
    assert np.isnan(error.raw)
    assert np.isnan(error.interval(np.nan).high)
