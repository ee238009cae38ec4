import numpy as np
import pytest
from scipy import stats

from core.segments.search_losses import LossKind
from core.segments.search_means import mean_interval_of
from core.segments.search_significance import sums_of
from core.stats.intervals import wilson


def test_a_share_has_wilsons_interval():
    found = mean_interval_of(sums_of(np.array([1.0] * 8 + [0.0] * 22)), LossKind.ERROR)
    assert (float(found.low), float(found.high)) == (float(wilson(8, 30).low), float(wilson(8, 30).high))


def test_a_mean_has_the_t_interval_which_may_lie_below_nothing():
    values = np.random.default_rng(0).normal(0.0, 1.0, 40)
    found = mean_interval_of(sums_of(values), LossKind.EXCESS_LOG_LOSS)
    expected = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert (float(found.low), float(found.high)) == pytest.approx(expected, abs=1e-9)
    assert float(found.low) < 0


def test_one_row_has_no_interval():
    assert np.isnan(float(mean_interval_of(sums_of(np.array([1.0])), LossKind.LOG_LOSS).low))
