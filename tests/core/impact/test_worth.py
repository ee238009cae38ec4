import numpy as np
import pytest
from scipy import stats

from core.impact.worth import amount_worth, confusion_worth, error_worth
from core.profile.counts import RESIDUAL_SUMS, AmountCounts, RegressionCounts

VALUES = np.array([[2.0, -150.0], [-40.0, 120.0]])
BASELINE = np.array([[2.0, -150.0], [2.0, -150.0]])


def cells_of(decided, actual):
    return np.array([[np.sum((decided == d) & (actual == a)) for a in (0, 1)] for d in (0, 1)])


def amounts_of(decided, actual, amount):
    known = np.isfinite(amount)
    counts, sums = np.zeros((3, 3), np.int64), np.zeros((3, 3, 2))
    for d in (0, 1):
        for a in (0, 1):
            mine = amount[known & (decided == d) & (actual == a)]
            counts[d, a], sums[d, a] = mine.size, (mine.sum(), (mine**2).sum())
    return AmountCounts(amount_counts=counts, amounts=sums)


def residuals_of(predicted, actual, centre):
    e, other = predicted - actual, centre - actual
    parts = {"e": e, "over": np.maximum(e, 0), "under": np.maximum(-e, 0)}
    parts |= {"baseline_over": np.maximum(other, 0), "baseline_under": np.maximum(-other, 0)}
    parts |= {f"{name}2": one**2 for name, one in list(parts.items())}
    for side in ("over", "under"):
        for there in ("over", "under"):
            parts[f"{side}_baseline_{there}"] = parts[side] * parts[f"baseline_{there}"]
    sums = np.array([parts.get(name, np.zeros(1)).sum() for name in RESIDUAL_SUMS])
    n = np.array([e.size, e.size])
    return RegressionCounts(
        edges=np.empty(0), centre=centre, residual_sums=sums, error_counts=np.array([e.size]), residual_n=n
    )


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_the_value_of_a_confusion_matrix_is_that_of_its_rows(rng):
    decided, actual = rng.integers(0, 2, 500), rng.integers(0, 2, 500)
    found = confusion_worth(cells_of(decided, actual), VALUES, BASELINE)
    by_row = VALUES[decided, actual]
    assert found.net.value == pytest.approx(by_row.sum(), abs=1e-9)
    assert found.versus.value == pytest.approx((by_row - BASELINE[decided, actual]).sum(), abs=1e-9)
    assert found.net.error == pytest.approx(by_row.std() * np.sqrt(500), rel=1e-12)
    assert (found.net.high - found.net.value) == pytest.approx(1.959964 * found.net.error, rel=1e-6)


def test_the_interval_of_a_confusion_matrix_covers_as_the_method_says():
    rng, shares = np.random.default_rng(1), np.array([0.6, 0.1, 0.1, 0.2])
    for n in (100, 1_000):
        drawn = rng.multinomial(n, shares, 8_000).reshape(-1, 2, 2)
        found = confusion_worth(drawn, VALUES, BASELINE).net
        truth = n * (shares * VALUES.ravel()).sum()
        assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.948, abs=0.009)


def test_the_value_of_amounts_is_that_of_their_rows_and_missing_ones_are_left_out(rng):
    decided, actual = rng.integers(0, 2, 400), rng.integers(0, 2, 400)
    amount = rng.lognormal(5, 1, 400)
    amount[::17] = np.nan
    found = amount_worth(amounts_of(decided, actual, amount), VALUES, BASELINE)
    by_row = (VALUES[decided, actual] * amount)[np.isfinite(amount)]
    n = by_row.size
    assert found.net.value == pytest.approx(by_row.sum(), rel=1e-12)
    assert found.net.n == n
    half = stats.t.ppf(0.975, n - 1) * by_row.std(ddof=1) * np.sqrt(n)
    assert found.net.high - found.net.value == pytest.approx(half, rel=1e-9)
    saved = ((VALUES - BASELINE)[decided, actual] * amount)[np.isfinite(amount)]
    assert found.versus.error == pytest.approx(saved.std(ddof=1) * np.sqrt(n), rel=1e-9)


def test_the_cost_of_errors_and_what_is_saved_are_those_of_the_rows(rng):
    actual = rng.gamma(3, 10, 600)
    predicted, centre = actual + rng.normal(1, 4, 600), float(np.median(actual))
    found = error_worth(residuals_of(predicted, actual, centre), cost_over=2.0, cost_under=5.0)

    def cost(e):
        return 2 * np.maximum(e, 0) + 5 * np.maximum(-e, 0)

    mine, saved = -cost(predicted - actual), cost(centre - actual) - cost(predicted - actual)
    assert found.net.value == pytest.approx(mine.sum(), rel=1e-12)
    assert found.versus.value == pytest.approx(saved.sum(), rel=1e-12)
    assert found.versus.error == pytest.approx(saved.std(ddof=1) * np.sqrt(600), rel=1e-9)


def test_without_a_known_row_no_value_is_given():
    found = confusion_worth(np.zeros((2, 2)), VALUES, BASELINE)
    assert np.isnan(found.net.value)
    assert "no row has both" in str(found.net.reason)
    empty = error_worth(residuals_of(np.empty(0), np.empty(0), 0.0), cost_over=1, cost_under=1)
    assert "no row has both a prediction" in str(empty.versus.reason)
    none = AmountCounts(amount_counts=np.zeros((3, 3), np.int64), amounts=np.zeros((3, 3, 2)))
    assert "an amount yet" in str(amount_worth(none, VALUES, BASELINE).net.reason)


def test_undecided_rows_and_unknown_actuals_add_nothing():
    counts = np.full((3, 3), 5)
    sums = np.full((3, 3, 2), 9.0)
    found = amount_worth(AmountCounts(amount_counts=counts, amounts=sums), np.ones((2, 2)), np.zeros((2, 2)))
    assert (float(found.net.value), float(found.net.n)) == (36.0, 20.0)
