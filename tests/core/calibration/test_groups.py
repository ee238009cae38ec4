import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from core.calibration.groups import equal_mass, equal_width, merged
from core.calibration.score_bins import ScoreBins, score_bins
from tests.core.calibration.made_up import counted, rows


def test_equal_width_groups_agree_with_scikit_learn():
    for seed in range(5):
        y, p = rows(seed=seed)
        groups = equal_width(score_bins(counted(y, p)))
        true, said = calibration_curve(y, p, n_bins=10)
        held = groups.n > 0
        assert groups.observed[held].tolist() == pytest.approx(true.tolist(), abs=1e-9)
        assert groups.mean_score[held].tolist() == pytest.approx(said.tolist(), abs=1e-9)


def test_equal_mass_groups_hold_about_a_tenth_each_and_every_row_once():
    y, p = rows(10_000)
    groups = equal_mass(score_bins(counted(y, p)))
    assert groups.n.sum() == 10_000
    assert (np.abs(groups.n - 1_000) < 150).all()
    assert (np.diff(groups.mean_score) > 0).all()
    assert (groups.low[1:] >= groups.high[:-1]).all()


def test_a_score_of_half_the_rows_is_a_group_of_its_own():
    p = np.r_[np.full(500, 0.2), np.linspace(0.3, 0.9, 500)]
    y = (np.arange(1000) % 3 == 0).astype(int)
    groups = equal_mass(score_bins(counted(y, p)))
    heavy = np.argmax(groups.n)
    assert groups.n[heavy] == 500
    assert groups.mean_score[heavy] == pytest.approx(0.2)
    assert (groups.n == 0).sum() == 4


def test_the_order_of_leading_axes_does_not_matter():
    y, p = rows()
    one = score_bins(counted(y, p))
    two = ScoreBins(upper=one.upper, **{name: np.stack([getattr(one, name)] * 2) for name in
                                        ("n", "events", "sum_p", "sum_pp", "sum_py", "error")})  # fmt: skip
    for build in (equal_mass, equal_width):
        assert np.array_equal(build(two).n[1], build(one).n)
        assert np.array_equal(build(two).at(0).sum_py, build(one).sum_py)


def test_merged_groups_expect_five_events_and_five_non_events_each():
    rng = np.random.default_rng(5)
    p = rng.beta(0.4, 30, 3_000)
    groups = equal_mass(score_bins(counted((rng.random(3_000) < p).astype(int), p)))
    joined = merged(groups)
    held = joined.n > 0
    assert 1 < held.sum() < (groups.n > 0).sum()
    assert (joined.sum_p[held] >= 5).all()
    assert (joined.n - joined.sum_p)[held].min() >= 5
    assert joined.n.sum() == groups.n.sum()
    assert joined.low[0] == np.nanmin(groups.low)


def test_too_few_expected_events_leave_one_group():
    y, p = np.zeros(100, int), np.full(100, 0.01)
    assert (merged(equal_mass(score_bins(counted(y, p)))).n > 0).sum() == 1


def test_without_rows_every_group_is_empty():
    groups = equal_mass(score_bins(counted(np.empty(0, int), np.empty(0))))
    assert groups.n.tolist() == [0.0] * 10
    assert np.isnan(groups.mean_score).all()
    assert groups.weight.tolist() == [0.0] * 10
