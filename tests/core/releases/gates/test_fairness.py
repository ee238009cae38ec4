from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference

from core.profile.group_columns import GroupColumn
from core.releases.gates.fairness import ProtectedGroups, fairness_gate, gap_changes
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from tests.core.releases.gates.paired_rows import binary, pairs_of, side

LIMITS = gate_limits()
SEX = GroupColumn(name="sex", source="c_0001", cuts=None, levels=("F", "M", "X"))
ALL = ProtectedGroups(column=SEX, shown=(True,) * SEX.n)


def grouped(lower: float, n: int = 20_000, *, x: int = 0, seed: int = 1):
    """Return pairs whose challenger scores women lower; `x` rows are of a third group."""
    rng = np.random.default_rng(seed)
    sex = np.where(np.arange(n) < x, "X", rng.choice(["F", "M"], n))
    logit = rng.normal(0, 1.2, n)
    chance = 1 / (1 + np.exp(-logit))
    other = 1 / (1 + np.exp(-(logit - lower * (sex == "F"))))
    rows = pa.table({"sex": pa.array(sex).dictionary_encode()})
    return pairs_of(rng.random(n) < chance, side(chance), side(other), rows=rows), sex


def test_both_gaps_agree_with_fairlearn():
    pairs, sex = grouped(0.5)
    parity, odds = gap_changes(pairs, [ALL])
    for one, theirs in ((parity, demographic_parity_difference), (odds, equalized_odds_difference)):
        for value, decided in ((one.champion, pairs.champion), (one.challenger, pairs.challenger)):
            assert value == pytest.approx(theirs(pairs.actual, decided.decision, sensitive_features=sex), abs=1e-9)


def test_a_gap_that_grows_fails_and_one_that_stays_passes():
    worse, _ = grouped(0.6)
    same, _ = grouped(0.0)
    assert fairness_gate(worse, gap_changes(worse, [ALL]), LIMITS).outcome is GateOutcome.FAILED
    found = fairness_gate(same, gap_changes(same, [ALL]), LIMITS)
    assert (found.outcome, found.value) == (GateOutcome.PASSED, 0.0)
    assert found.ci_low < 0 < found.ci_high


def test_where_units_differ_the_growth_of_a_gap_is_less_sure():
    pairs, sex = grouped(0.3)
    day = np.repeat(np.arange(40), 500)
    away = pairs.challenger.decision.copy()
    away[(sex == "F") & np.isin(day, np.arange(0, 40, 8))] = 1.0  # a few days on which women are called throughout
    told = {}
    for name, unit in (("rows", None), ("days", day)):
        challenger = replace(pairs.challenger, decision=away)
        units = np.zeros(len(day), np.int64) if unit is None else unit
        parity = gap_changes(replace(pairs, challenger=challenger, unit=units), [ALL])[0]
        told[name] = parity.high - parity.low
    assert told["days"] > 1.5 * told["rows"]


def test_a_group_that_is_withheld_or_below_100_rows_never_enters():
    pairs, _ = grouped(0.2, x=99)
    small = gap_changes(pairs, [ALL])[0]
    assert small.groups == ("F", "M")
    hidden = ProtectedGroups(column=SEX, shown=(True, False, True, True, True))
    assert gap_changes(grouped(0.2, x=2_000)[0], [hidden])[0].groups == ("F", "X")


def test_one_group_alone_is_no_answer_and_never_a_pass():
    pairs, _ = grouped(0.0)
    only = ProtectedGroups(column=SEX, shown=(True, False, False, False, False))
    found = fairness_gate(pairs, gap_changes(pairs, [only]), LIMITS)
    assert found.outcome is GateOutcome.INCONCLUSIVE
    assert "fewer than two groups" in found.reason
    assert found.as_json()["value"] is None


def test_no_protected_column_is_no_answer():
    pairs = binary(4_000)
    assert fairness_gate(pairs, (), LIMITS).reason == "no protected column is declared"
    assert fairness_gate(pairs, (), LIMITS, why_not="this one is a regression").reason == "this one is a regression"


def test_no_count_of_a_group_is_told():
    pairs, _ = grouped(0.3, x=150)
    told = fairness_gate(pairs, gap_changes(pairs, [ALL]), LIMITS).as_json()["details"]["gaps"][0]
    assert set(told) == {
        *("column", "gap", "groups", "n", "champion", "challenger", "ci_low", "ci_high"),
        *("worse_by", "reason", "outcome"),
    }
