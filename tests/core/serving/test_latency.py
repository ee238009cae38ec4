import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.profile.flags import latency_places
from core.profile.latency_grid import LATENCY_BOUND
from core.serving.latency import LONGEST_MS, latency_quantile


def exact(values, share):
    return np.quantile(values, share, method="inverted_cdf")


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize(
    "drawn",
    [
        lambda rng, n: rng.lognormal(np.log(80), 0.5, n),
        lambda rng, n: rng.gamma(2, 30, n),
        lambda rng, n: np.where(rng.random(n) < 0.9, rng.normal(20, 2, n), rng.normal(900, 50, n)),
        lambda rng, n: rng.integers(1, 400, n).astype(float),
        lambda rng, n: rng.pareto(1.2, n) + 1,
    ],
)
def test_a_quantile_agrees_with_numpy_within_the_bound_of_the_grid(drawn, share):
    for n in (30, 100, 1_000, 20_000):
        values = drawn(np.random.default_rng(n), n)
        found = latency_quantile(latency_places(values), share)
        truth = exact(values, share)
        assert abs(found.value / truth - 1) <= LATENCY_BOUND
        assert abs(found.value - truth) <= found.bound * (1 + LATENCY_BOUND)


def test_the_interval_covers_the_true_quantile_at_least_in_95_of_100_cases():
    rng = np.random.default_rng(4)
    true = stats.lognorm(0.5, scale=80)
    for n in (500, 3_000):
        counts = np.stack([latency_places(true.rvs(n, random_state=rng)) for _ in range(800)])
        for share in (0.5, 0.95):
            interval = latency_quantile(counts, share).interval
            covered = np.mean((interval.low <= true.ppf(share)) & (true.ppf(share) <= interval.high))
            assert covered >= 0.94, (n, share, covered)


def test_missing_latencies_are_counted_apart_and_change_nothing():
    values = np.random.default_rng(1).lognormal(4, 0.3, 500)
    alone, among = (latency_quantile(latency_places(one), 0.95) for one in (values, np.append(values, [np.nan] * 50)))
    assert among.value == alone.value
    assert (int(among.n), int(among.n_missing)) == (500, 50)


def test_days_add_up_to_the_quantile_of_all_their_rows():
    rng = np.random.default_rng(2)
    days = [rng.lognormal(4, 0.4, n) for n in (200, 900, 50)]
    summed = latency_quantile(np.sum([latency_places(day) for day in days], axis=0), 0.99)
    assert summed.value == latency_quantile(latency_places(np.concatenate(days)), 0.99).value


def test_few_requests_have_a_value_and_no_interval_and_none_have_neither():
    few = latency_quantile(latency_places(np.full(20, 50.0)), 0.99)
    assert (np.isfinite(few.value), np.isnan(few.interval.high)) == (True, True)
    assert np.isnan(latency_quantile(latency_places(np.empty(0)), 0.5).value)


def test_a_quantile_beyond_the_grid_is_withheld_and_one_below_it_is_at_most_a_tenth_of_a_millisecond():
    assert np.isnan(latency_quantile(latency_places(np.full(100, 2 * LONGEST_MS)), 0.5).value)
    short = latency_quantile(latency_places(np.full(100, 0.01)), 0.5)
    assert (0 <= short.value <= 0.1, float(short.bound)) == (True, 0.1)


@settings(max_examples=60)
@given(st.lists(st.floats(0.11, 9e5), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_any_latencies_stay_within_the_bound(values, share):
    found = latency_quantile(latency_places(np.array(values)), share)
    assert abs(found.value / exact(values, share) - 1) <= LATENCY_BOUND * (1 + 1e-9)
