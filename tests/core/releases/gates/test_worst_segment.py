import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gates.worst_segment import search_segments, worst_segment_gate
from tests.core.releases.gates.paired_rows import binary, pairs_of, side

LIMITS = gate_limits()


def planted(harm: float, n: int = 20_000, seed: int = 4):
    """Return pairs whose challenger is off in one region by `harm` on the logit, and nowhere else."""
    rng = np.random.default_rng(seed)
    logit, region = rng.normal(0, 1.2, n), rng.choice(["north", "south", "east"], n, p=[0.1, 0.5, 0.4])
    chance = 1 / (1 + np.exp(-logit))
    other = 1 / (1 + np.exp(-(logit + harm * (region == "north"))))
    rows = pa.table({"region": pa.array(region).dictionary_encode(), "age": pa.array(rng.normal(size=n))})
    return pairs_of(rng.random(n) < chance, side(chance), side(other), rows=rows)


def searched(pairs, share: float = 0.10):
    return search_segments(pairs, ("region", "age"), probability=True, share=share)


def test_a_segment_that_loses_a_lot_is_found_and_fails():
    found = searched(planted(2.0))
    gate = worst_segment_gate(planted(2.0), found, LIMITS)
    assert gate.outcome is GateOutcome.FAILED
    assert "north" in gate.measure
    assert gate.value > gate.limit


def test_a_change_that_harms_nobody_passes_and_says_what_would_have_been_seen():
    pairs = planted(0.0)
    gate = worst_segment_gate(pairs, searched(pairs), LIMITS)
    assert gate.outcome is GateOutcome.PASSED
    assert gate.details["detectable"] >= 0
    assert gate.details["searched"] > 10


def test_noise_everywhere_accuses_no_segment_in_98_of_100_searches():
    accused = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = 3_000
        logit = rng.normal(0, 1.2, n)
        ours, theirs = (1 / (1 + np.exp(-(logit + rng.normal(0, 0.3, n)))) for _ in range(2))
        rows = pa.table({"region": pa.array(rng.normal(size=n)), "age": pa.array(rng.normal(size=n))})
        pairs = pairs_of(rng.random(n) < 1 / (1 + np.exp(-logit)), side(ours), side(theirs), rows=rows)
        accused += searched(pairs).n_beyond
    assert accused <= 2


def test_the_adjusted_p_of_a_column_alone_is_the_paired_t_of_scipy():
    pairs = planted(1.0, n=4_000)
    found = next(one for one in searched(pairs).segments if one.where == "region = north")
    north = np.array(pairs.rows["region"].to_pylist()) == "north"
    losses = [
        -np.log(np.where(pairs.actual == 1, s.score, 1 - s.score))[north] for s in (pairs.champion, pairs.challenger)
    ]
    theirs = stats.ttest_rel(losses[1], losses[0])
    ends = theirs.confidence_interval(0.95)
    assert found.harm == pytest.approx(np.mean(losses[1] - losses[0]))
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_the_shown_growth_is_never_larger_than_the_seen_one():
    assert all(one.shown <= one.harm + 1e-12 for one in searched(planted(0.8)).segments)


def test_between_the_two_there_is_no_answer():
    pairs = planted(0.75)
    found = searched(pairs, share=0.15)
    gate = worst_segment_gate(pairs, found, LIMITS)
    assert (found.n_beyond, found.n_open > 0) == (0, True)
    assert gate.outcome is GateOutcome.INCONCLUSIVE


def test_too_few_pairs_are_no_answer():
    assert worst_segment_gate(binary(400), None, LIMITS).outcome is GateOutcome.INCONCLUSIVE
