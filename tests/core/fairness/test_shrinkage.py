import numpy as np

from core.fairness.rates import Tally
from core.fairness.shrinkage import shrunk_rates


def test_small_groups_are_drawn_in_more_than_large_ones():
    one = Tally(successes=np.array([300.0, 200.0, 60.0]), n=np.array([1000.0, 500.0, 100.0]))
    found, raw = shrunk_rates(one).rates, one.share
    pooled = 560 / 1600
    assert abs(found[0] - raw[0]) < abs(found[2] - raw[2])
    assert all(abs(found - pooled) <= abs(raw - pooled))


def test_groups_that_differ_by_chance_alone_all_get_the_pooled_rate():
    found = shrunk_rates(Tally(successes=np.array([30.0, 31.0]), n=np.array([100.0, 100.0])))
    assert float(found.variance) == 0.0
    assert found.rates.tolist() == [0.305, 0.305]


def test_a_group_without_rows_has_no_rate_and_changes_none():
    with_empty = shrunk_rates(Tally(successes=np.array([300.0, 0.0, 90.0]), n=np.array([1000.0, 0.0, 200.0])))
    without = shrunk_rates(Tally(successes=np.array([300.0, 90.0]), n=np.array([1000.0, 200.0])))
    assert np.isnan(with_empty.rates[1])
    assert np.allclose(with_empty.rates[[0, 2]], without.rates, rtol=0, atol=1e-12)


def test_the_range_by_chance_nearly_vanishes():
    rng = np.random.default_rng(2)
    n = np.array([10_000.0, 3_000, 1_000, 200, 50, 30])
    k = rng.binomial(n.astype(int), 0.3, (500, 6)).astype(float)
    shrunk = shrunk_rates(Tally(successes=k, n=np.broadcast_to(n, k.shape))).rates
    assert np.ptp(k / n, axis=1).mean() > 0.09
    assert np.ptp(shrunk, axis=1).mean() < 0.02
