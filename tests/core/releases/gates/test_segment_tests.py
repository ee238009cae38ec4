import numpy as np
import pytest
from scipy import optimize, stats

from core.releases.gates.segment_tests import judge_segments

LIMIT = 0.04


def searched(m: int = 200, losing: int = 20, growth: float = 0.06, seed: int = 3):
    rng = np.random.default_rng(seed)
    n = rng.integers(100, 4_000, m).astype(float)
    error = 0.3 / np.sqrt(n)
    true = np.where(np.arange(m) < losing, growth, 0.0)
    return n - 1, rng.normal(true, error), error


def test_both_corrections_are_scipys_over_everything_searched():
    n, growth, error = searched()
    found = judge_segments(n, growth, error, LIMIT)
    for told, edge in ((found.worse, 0.0), (found.beyond, LIMIT)):
        assert told == pytest.approx(stats.false_discovery_control(stats.t.sf((growth - edge) / error, n)))
    high = growth + stats.t.ppf(0.975, n) * error
    assert found.n_beyond == int((found.beyond <= 0.02).sum()) > 0
    assert found.n_open == int(((found.worse <= 0.02) & (found.beyond > 0.02) & (high > LIMIT)).sum()) > 0


@pytest.mark.parametrize("growth", [0.0, 0.03, 0.06, 0.2])
def test_the_lower_end_lies_above_the_limit_just_where_the_test_says_so(growth: float):
    found = judge_segments(*searched(growth=growth), LIMIT)
    assert ((found.least > LIMIT) == (found.beyond <= 0.02)).all()


def test_of_a_search_without_a_loser_no_lower_end_lies_above_nothing_in_98_of_100():
    above = [(judge_segments(*searched(losing=0, seed=seed), LIMIT).least > 0).any() for seed in range(300)]
    assert np.mean(above) < 0.04


def test_the_curse_of_the_winner_is_taken_out_by_the_likelihood_of_a_z_over_the_cut():
    n, growth, error = searched()
    found = judge_segments(n, growth, error, LIMIT)
    loses = found.worse <= 0.02
    cut = stats.norm.isf(0.02 * loses.sum() / len(n))
    place = int(np.flatnonzero(loses)[np.argmin((growth / error)[loses])])
    z = growth[place] / error[place]
    best = optimize.minimize_scalar(
        lambda mu: stats.norm.logsf(cut - mu) - stats.norm.logpdf(z - mu), bounds=(0, z), method="bounded"
    )
    assert found.shown[place] == pytest.approx(best.x * error[place], abs=1e-3 * error[place])
    assert (found.shown[~loses] == growth[~loses]).all()


def test_what_is_detectable_is_found_in_four_of_five_searches_though_alone():
    n, _, error = searched(losing=0)
    n, error = np.full_like(n, 900.0), np.full_like(error, 0.01)
    detectable = judge_segments(n, np.zeros_like(n), error, LIMIT).detectable
    rng, hits = np.random.default_rng(8), 0
    for _ in range(400):
        growth = rng.normal(0, error)
        growth[0] += detectable
        hits += judge_segments(n, growth, error, LIMIT).worse[0] <= 0.02
    assert 0.75 < hits / 400 < 0.87
