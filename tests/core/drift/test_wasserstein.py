import numpy as np
import pytest
from scipy import stats

from core.drift.wasserstein import centred_sums, feature_wasserstein, scaled, wasserstein
from core.profile.bins import FeatureCounts
from core.profile.build_bins import numeric_bins


def test_all_rows_moved_by_one_bin_give_the_distance_worked_by_hand():
    # 1, 1 against 3, 3 around 2: everything moves by 2
    distance = wasserstein(
        [2.0], 2.0, reference_counts=[2, 0], reference_sums=[-2.0, 0.0], current_counts=[0, 2], current_sums=[0.0, 2.0]
    )
    assert float(distance) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("draw", "bound"),
    [
        (lambda rng, n: rng.normal(size=n), 0.001),
        (lambda rng, n: rng.gamma(2, size=n), 0.001),
        (lambda rng, n: 1e9 + rng.normal(size=n), 0.001),
        (lambda rng, n: rng.lognormal(0, 1.5, n), 0.01),
        (lambda rng, n: rng.poisson(30, n).astype(float), 1e-9),
    ],
    ids=["normal", "gamma", "offset", "lognormal", "integers"],
)
@pytest.mark.parametrize("shift", [0.0, 0.1])
def test_it_agrees_with_scipy_within_the_stated_error(count, draw, bound, shift):
    rng = np.random.default_rng(4)
    reference, current = (
        draw(rng, 50_000),
        draw(rng, 10_000) + (round(10 * shift) if bound < 1e-6 else shift),
    )  # integers stay integers
    bins = numeric_bins(reference)
    distance = feature_wasserstein(bins, count(bins, reference), count(bins, current))
    exact = stats.wasserstein_distance(reference, current)
    assert abs(float(scaled(bins, distance)) - exact / bins.scale) <= bound


def test_it_is_never_below_the_difference_of_the_means(count):
    rng = np.random.default_rng(9)
    reference, current = rng.normal(size=20_000), rng.normal(0.4, 2, 5_000)
    bins = numeric_bins(reference)
    distance = float(feature_wasserstein(bins, count(bins, reference), count(bins, current)))
    assert distance >= abs(reference.mean() - current.mean()) - 1e-3


def test_it_is_zero_against_itself_and_symmetric(count):
    values, other = np.random.default_rng(1).normal(size=3_000), np.random.default_rng(2).normal(1, size=3_000)
    bins = numeric_bins(values)
    a, b = count(bins, values), count(bins, other)
    assert float(feature_wasserstein(bins, a, a)) == pytest.approx(0.0, abs=1e-12)
    assert float(feature_wasserstein(bins, a, b)) == pytest.approx(float(feature_wasserstein(bins, b, a)), rel=1e-9)


def test_one_sentinel_in_the_reference_does_not_flatten_the_scaled_distance(count):
    rng = np.random.default_rng(3)
    reference = np.append(rng.normal(size=20_000), 1e9)
    bins = numeric_bins(reference)
    assert bins.scale == pytest.approx(1.0, abs=0.05)


def test_a_constant_reference_gives_a_finite_scaled_distance(count):
    bins = numeric_bins(np.full(100, 7.0))
    distance = feature_wasserstein(bins, count(bins, np.full(100, 7.0)), count(bins, np.full(10, 8.0)))
    assert float(distance) == pytest.approx(1.0)
    assert np.isfinite(scaled(bins, distance))


def test_counts_without_sums_are_refused(count):
    bins = numeric_bins(np.arange(10.0))
    known = count(bins, np.arange(10.0))
    bare = FeatureCounts(
        fine=known.fine,
        null=known.null,
        nan=known.nan,
        neg_inf=known.neg_inf,
        pos_inf=known.pos_inf,
        tail_sums=None,
        violations=known.violations,
    )
    with pytest.raises(ValueError, match="tail sums"):
        centred_sums(bins, bare)
