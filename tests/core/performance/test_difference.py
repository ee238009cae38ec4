import numpy as np
import pytest

from core.performance.difference import difference
from core.performance.estimates import NO_ACTUALS, estimate
from core.stats.intervals import Interval, wilson


def rate(k, n, *, metric="recall", error=None):
    share = np.asarray(k / n)
    return estimate(metric, share, wilson(k, n), n=np.asarray(float(n)), reason=np.asarray(""), error=error)


def test_the_difference_of_two_shares_has_newcombes_interval():
    found = difference(rate(48, 80), rate(56, 70))
    assert float(found.value) == pytest.approx(0.2)
    assert [float(found.low), float(found.high)] == pytest.approx([0.05243147240236498, 0.33387265403690614], abs=1e-9)


def test_the_difference_of_two_areas_adds_their_variances():
    found = difference(
        rate(60, 100, metric="roc_auc", error=np.asarray(0.03)), rate(70, 100, metric="roc_auc", error=np.asarray(0.04))
    )
    assert float(found.high - found.value) == pytest.approx(1.959964 * 0.05, rel=1e-6)
    assert bool(found.conclusive)


def test_swapping_the_two_turns_the_sign():
    one, other = difference(rate(48, 80), rate(56, 70)), difference(rate(56, 70), rate(48, 80))
    assert float(one.low) == pytest.approx(-float(other.high))


def test_a_value_that_is_withheld_gives_no_difference_and_says_why():
    nothing = np.asarray(np.nan)
    without = estimate(
        "recall", nothing, Interval(low=nothing, high=nothing), n=np.asarray(0.0), reason=np.asarray(NO_ACTUALS)
    )
    found = difference(rate(48, 80), without)
    assert np.isnan(found.value)
    assert str(found.reason) == NO_ACTUALS
    assert not bool(found.conclusive)


def test_the_interval_holds_the_true_difference_as_often_as_it_says():
    rng = np.random.default_rng(0)
    one, other = rng.binomial(60, 0.9, 4_000), rng.binomial(300, 0.8, 4_000)
    pair = [
        estimate("recall", k / n, wilson(k, n), n=np.full(4_000, float(n)), reason=np.full(4_000, ""))
        for k, n in ((one, 60), (other, 300))
    ]
    found = difference(*pair)
    assert 0.935 <= np.mean((found.low <= -0.1) & (found.high >= -0.1)) <= 0.97
