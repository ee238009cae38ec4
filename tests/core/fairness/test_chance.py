import numpy as np
import pytest

from core.fairness.chance import null_gaps
from core.fairness.rates import Tally


def tally(n, rate):
    n = np.asarray(n, np.float64)
    return Tally(successes=np.rint(n * rate), n=n)


def test_small_groups_alone_make_a_large_gap_as_the_method_says():
    everyone = [10_000, 3_000, 1_000, 200, 50, 30]
    found = null_gaps([tally(everyone, 0.3)], [np.ones(6, bool)])
    assert float(found.together.difference.mean) == pytest.approx(0.1, abs=0.02)
    large = null_gaps([tally(everyone, 0.3)], [np.asarray(everyone) >= 100])
    assert float(large.together.difference.mean) < 0.06


def test_two_groups_follow_the_folded_normal():
    found = null_gaps([tally([4_000, 4_000], 0.5)], [np.ones(2, bool)], draws=20_000)
    sd = np.sqrt(2 * 0.25 / 4_000)
    assert float(found.together.difference.mean) == pytest.approx(sd * np.sqrt(2 / np.pi), rel=0.02)
    assert float(found.together.difference.limit) == pytest.approx(1.96 * sd, rel=0.05)


def test_the_same_seed_draws_the_same_and_another_one_not():
    one = [null_gaps([tally([300, 200], 0.4)], [np.ones(2, bool)], seed=seed) for seed in (1, 1, 2)]
    assert (
        float(one[0].together.difference.mean)
        == float(one[1].together.difference.mean)
        != float(one[2].together.difference.mean)
    )


def test_of_two_rates_the_worse_gap_counts():
    sides = [tally([400, 300], 0.4), tally([500, 600], 0.2)]
    both = null_gaps(sides, [np.ones(2, bool)] * 2)
    alone = [null_gaps([one], [np.ones(2, bool)]) for one in sides]
    assert float(both.together.difference.mean) > max(float(one.together.difference.mean) for one in alone)
    assert float(both.alone[0].difference.mean) == float(alone[0].together.difference.mean)
    assert float(both.together.ratio.mean) < min(float(one.together.ratio.mean) for one in alone)


def test_without_two_groups_or_without_draws_nothing_is_told():
    one = null_gaps([tally([300, 200], 0.4)], [np.array([True, False])])
    none = null_gaps([tally([300, 200], 0.4)], [np.ones(2, bool)], draws=0)
    assert np.isnan(one.together.difference.mean)
    assert np.isnan(none.together.ratio.limit)


def test_groups_that_never_differ_have_no_gap_by_chance():
    found = null_gaps([tally([300, 200], 0.0)], [np.ones(2, bool)])
    assert (float(found.together.difference.limit), float(found.together.ratio.mean)) == (0.0, 1.0)
