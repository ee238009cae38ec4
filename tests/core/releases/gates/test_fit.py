from dataclasses import replace

import numpy as np
import pytest

from core.findings.finding import Finding, FindingState, Severity
from core.inventory.controls import policy
from core.profile.latency_grid import LATENCY_EDGES_MS
from core.releases.gates.fit import (
    CardStanding,
    documentation_gate,
    findings_gate,
    latency_gate,
    rollout_gate,
    schema_gate,
    validation_gate,
)
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.reviews.calendar import ValidationStanding
from tests.core.findings.made_up import FINDING

PASS, FAIL, OPEN = GateOutcome.PASSED, GateOutcome.FAILED, GateOutcome.INCONCLUSIVE
LIMITS, CONTROLS = gate_limits(), policy()
FULL = CardStanding(markdown="# card", missing=(), completeness=1.0)


@pytest.mark.parametrize(
    ("gaps", "empty", "consumers", "outcome", "words"),
    [
        ((), (), ["billing"], PASS, "read by billing"),
        (("'income' no longer arrives",), (), ["billing"], FAIL, "'income' no longer arrives"),
        ((), ("age",), ["billing"], FAIL, "'age' arrives empty"),
        ((), (), [], FAIL, "who reads the output is unknown"),
        (None, (), ["billing"], OPEN, "no rows of a live version"),
    ],
)
def test_a_missing_feature_and_unknown_readers_block(gaps, empty, consumers, outcome, words):
    found = schema_gate(gaps, empty, consumers)
    assert found.outcome is outcome
    assert words in found.reason


def latencies(ms: float, n: int = 2_000) -> np.ndarray:
    counts = np.zeros(len(LATENCY_EDGES_MS) + 2, np.int64)
    counts[np.searchsorted(LATENCY_EDGES_MS, ms)] = n
    return counts


@pytest.mark.parametrize(("ms", "outcome"), [(100.0, PASS), (110.0, PASS), (200.0, FAIL)])
def test_the_95th_percentile_is_held_to_a_ratio(ms: float, outcome: GateOutcome):
    assert latency_gate(latencies(100.0), latencies(ms), LIMITS).outcome is outcome


def test_a_few_milliseconds_more_never_fail():
    found = latency_gate(latencies(5.0), latencies(12.0), LIMITS)
    assert found.outcome is PASS
    assert found.value > LIMITS.latency.ratio


@pytest.mark.parametrize(("champion", "challenger"), [(None, None), (latencies(5.0), latencies(5.0, n=0))])
def test_latency_that_is_not_logged_is_no_answer(champion, challenger):
    assert latency_gate(champion, challenger, LIMITS).outcome is OPEN


def test_what_the_record_and_the_card_lack_is_named():
    found = documentation_gate(["business_use"], CardStanding(markdown="", missing=("limits",), completeness=0.5), 2)
    assert (found.outcome, found.value) == (FAIL, 2.0)
    assert "record: business_use, model card: limits" in found.reason
    assert documentation_gate([], None, 2).outcome is FAIL
    assert documentation_gate([], FULL, 2).outcome is PASS


def finding(severity: str, state: FindingState = FindingState.OPEN) -> Finding:
    return replace(FINDING, severity=Severity(severity), state=state)


@pytest.mark.parametrize(
    ("tier", "severity", "outcome"),
    [
        (1, "high", FAIL),
        (2, "high", FAIL),
        (3, "high", OPEN),
        (4, "high", PASS),
        (3, "critical", FAIL),
        (2, "low", PASS),
    ],
)
def test_an_open_finding_acts_by_severity_and_tier(tier: int, severity: str, outcome: GateOutcome):
    assert findings_gate([finding(severity)], CONTROLS[tier]).outcome is outcome


def test_a_closed_finding_holds_nothing_up():
    closed = next(state for state in FindingState if state is not FindingState.OPEN)
    assert findings_gate([finding("critical", closed)], CONTROLS[1]).reason == "no open finding"


def test_a_validation_by_its_developer_is_none():
    enough = ValidationStanding(enough=True, review_id=4, why="full validation by Dana")
    assert validation_gate(enough, "Dana", frozenset({"Dana"}), CONTROLS[2]).outcome is FAIL
    assert validation_gate(enough, "Vera", frozenset({"Dana"}), CONTROLS[2]).outcome is PASS
    assert validation_gate(enough, "Dana", frozenset({"Dana"}), CONTROLS[4]).outcome is PASS  # self-attested


def test_without_a_validation_the_release_is_held():
    never = ValidationStanding(enough=False, review_id=None, why="this version was never validated")
    assert validation_gate(never, None, frozenset(), CONTROLS[3]).outcome is FAIL


@pytest.mark.parametrize(
    ("tier", "days", "outcome"), [(1, 13, FAIL), (1, 14, PASS), (2, 7, PASS), (3, 1, FAIL), (4, 0, PASS)]
)
def test_the_days_in_shadow_are_those_of_the_tier(tier: int, days: int, outcome: GateOutcome):
    assert rollout_gate(days, 100 * days, CONTROLS[tier]).outcome is outcome
