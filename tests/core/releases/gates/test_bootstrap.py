import numpy as np
import pytest
from scipy import stats

from core.releases.gates.bootstrap import BLOCKS, block_sums, bootstrap_interval


def mean(sums: np.ndarray) -> np.ndarray:
    return sums[:, 1] / sums[:, 0]


@pytest.mark.parametrize("n", [500, 20_000])
def test_the_interval_of_a_mean_is_that_of_scipys_bootstrap(n: int):
    values = np.random.default_rng(3).exponential(size=n)
    low, high = bootstrap_interval(np.column_stack([np.ones(n), values]), mean)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=1_000, method="percentile", rng=1, batch=50)
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert low == pytest.approx(theirs.confidence_interval.low, abs=0.15 * width)
    assert high == pytest.approx(theirs.confidence_interval.high, abs=0.15 * width)


def test_blocks_hold_every_row_once():
    columns = np.random.default_rng(0).normal(size=(12_345, 2))
    sums = block_sums(columns)
    assert len(sums) == BLOCKS
    assert sums.sum(axis=0) == pytest.approx(columns.sum(axis=0))


def test_few_rows_are_their_own_blocks():
    columns = np.arange(6.0).reshape(3, 2)
    assert sorted(block_sums(columns).tolist()) == columns.tolist()


def test_the_same_rows_give_the_same_interval():
    columns = np.column_stack([np.ones(3_000), np.random.default_rng(2).normal(size=3_000)])
    assert bootstrap_interval(columns, mean) == bootstrap_interval(columns, mean)


def test_a_statistic_that_no_draw_has_gives_no_interval():
    columns = np.zeros((10, 2))
    with np.errstate(invalid="ignore"):
        assert np.isnan(bootstrap_interval(columns, mean)).all()
