import numpy as np
import pytest
from scipy import special, stats

from core.calibration.groups import equal_mass, merged
from core.calibration.miscalibration import calibration_chi_square, likelihood_ratio, spiegelhalter
from core.calibration.recalibration import fitted_line
from core.calibration.score_bins import score_bins
from tests.core.calibration.made_up import counted, rows


def p_values(rng, *, intercept=0.0, slope=1.0, n=1_000, repeats=400, a=2, b=3):
    found = []
    for _ in range(repeats):
        p = rng.beta(a, b, n)
        y = (rng.random(n) < special.expit(intercept + slope * special.logit(p))).astype(int)
        bins = score_bins(counted(y, p))
        tests = (
            likelihood_ratio(bins, fitted_line(bins)),
            calibration_chi_square(merged(equal_mass(bins))),
            spiegelhalter(bins),
        )
        found.append([float(test.p) for test in tests])
    return np.array(found)


def test_every_test_holds_its_level_on_a_perfect_model():
    share = (p_values(np.random.default_rng(1)) <= 0.05).mean(0)
    assert (share <= 0.085).all()
    assert (share >= 0.02).all()


def test_the_chi_square_holds_its_level_for_rare_events_because_groups_are_merged():
    p = p_values(np.random.default_rng(2), n=300, a=0.5, b=20)[:, 1]
    assert (p[~np.isnan(p)] <= 0.05).mean() <= 0.085


def test_a_moved_intercept_and_a_flat_slope_are_found():
    power = (p_values(np.random.default_rng(3), intercept=0.2, repeats=150) <= 0.05).mean(0)
    assert power[0] > 0.6
    assert power[1] > 0.35
    assert ((p_values(np.random.default_rng(3), slope=0.7, repeats=100) <= 0.05).mean(0)[0]) > 0.8


def test_the_statistics_are_those_of_the_rows():
    y, p = rows(2_000, seed=4)
    bins = score_bins(counted(y, p))
    z = ((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    assert float(spiegelhalter(bins).statistic) == pytest.approx(z, abs=1e-3)
    test = calibration_chi_square(merged(equal_mass(bins)))
    assert float(test.p) == pytest.approx(stats.chi2.sf(float(test.statistic), float(test.df)))


def test_with_too_few_expected_events_there_is_no_chi_square():
    bins = score_bins(counted(np.r_[np.ones(3, int), np.zeros(97, int)], np.full(100, 0.02)))
    assert np.isnan(calibration_chi_square(merged(equal_mass(bins))).p)
    assert np.isnan(likelihood_ratio(bins, fitted_line(bins)).at(()).p)
