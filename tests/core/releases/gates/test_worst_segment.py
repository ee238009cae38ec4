from dataclasses import replace

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
    return search_segments(pairs, pairs.rows.column_names, probability=True, share=share)


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


def noisy(n: int):
    """Return pairs of two versions that are as good as each other and far from alike."""
    rng = np.random.default_rng(2)
    logit = rng.normal(0, 1.2, n)
    ours, theirs = (1 / (1 + np.exp(-(logit + rng.normal(0, 0.6, n)))) for _ in range(2))
    rows = pa.table({"region": pa.array(rng.normal(size=n)), "age": pa.array(rng.normal(size=n))})
    return pairs_of(rng.random(n) < 1 / (1 + np.exp(-logit)), side(ours), side(theirs), rows=rows)


def test_silence_of_a_search_that_would_see_nothing_is_no_pass():
    few, many = noisy(1_500), noisy(60_000)
    gate = worst_segment_gate(few, searched(few), LIMITS)
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert gate.details["detectable"] > gate.limit
    assert "hardly be found" in gate.reason
    assert worst_segment_gate(many, searched(many), LIMITS).outcome is GateOutcome.PASSED


@pytest.mark.parametrize("harm", [0.0, 0.75, 1.1, 2.0])
def test_outcome_and_interval_never_contradict_each_other(harm: float):
    pairs = planted(harm)
    gate = worst_segment_gate(pairs, searched(pairs), LIMITS)
    assert (gate.outcome is GateOutcome.FAILED) == (gate.ci_low > gate.limit)
    assert gate.ci_low <= gate.value <= gate.ci_high


def test_a_segment_beyond_the_limit_only_by_itself_is_told_with_the_end_that_holds_for_the_search():
    pairs = planted(0.75)
    one, overall = searched(pairs).segments[0], searched(pairs).overall
    between = (one.least + one.low) / 2
    again = searched(pairs, share=between / overall)
    gate = worst_segment_gate(pairs, again, LIMITS)
    assert again.segments[0].low > gate.limit == pytest.approx(between)
    assert gate.outcome is GateOutcome.INCONCLUSIVE
    assert gate.ci_low < gate.limit < gate.ci_high


def test_the_error_of_a_segment_is_that_of_its_days_where_these_differ_more_than_rows():
    pairs = planted(1.0, n=6_000)
    day = np.arange(6_000) // 300
    shifted = pairs.challenger.score * (1 - 0.5 * (day % 4 == 0))
    pairs = replace(pairs, challenger=side(shifted), unit=day)
    north = np.array(pairs.rows["region"].to_pylist()) == "north"
    losses = [-np.log(np.where(pairs.actual == 1, s.score, 1 - s.score)) for s in (pairs.champion, pairs.challenger)]
    apart, days = (losses[1] - losses[0])[north], day[north]
    sums = np.array([(apart[days == one] - apart.mean()).sum() for one in range(20)])
    error = np.sqrt(np.square(sums).sum() * 20 / 19) / len(apart)
    told = next(one for one in searched(pairs).tested if one[0] == len(apart))
    assert told == (len(apart), 19, pytest.approx(apart.mean()), pytest.approx(error))
    assert error > stats.sem(apart)


def test_days_that_happen_to_be_bad_for_the_challenger_accuse_no_segment_of_theirs():
    accused = {"rows": 0, "days": 0}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        day = np.repeat(np.arange(30), 300)
        logit = rng.normal(0, 1.2, len(day))
        chance, other = (1 / (1 + np.exp(-(logit + 0.7 * rng.normal(size=30)[day]))) for _ in range(2))
        rows = pa.table({"warm": pa.array(rng.normal(size=30)[day]), "age": pa.array(rng.normal(size=len(day)))})
        actual = rng.random(len(day)) < 1 / (1 + np.exp(-logit))
        for name, unit in (("rows", None), ("days", day)):
            found = searched(pairs_of(actual, side(chance), side(other), rows=rows, unit=unit), share=0.05)
            accused[name] += found.n_beyond > 0
    assert accused["days"] <= 2 < 8 <= accused["rows"]


def test_too_few_pairs_are_no_answer():
    assert worst_segment_gate(binary(400), None, LIMITS).outcome is GateOutcome.INCONCLUSIVE
