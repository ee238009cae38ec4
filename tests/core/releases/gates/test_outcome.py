import math

import pytest

from core.releases.gates.gate import GateOutcome
from core.releases.gates.outcome import judged, unanswered, worst

PASS, FAIL, OPEN = GateOutcome.PASSED, GateOutcome.FAILED, GateOutcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (-0.1, 0.01, PASS),
        (-0.1, 0.0101, OPEN),
        (0.01, 0.02, OPEN),
        (0.0101, 0.02, FAIL),
        (None, 0.0, OPEN),
        (math.nan, math.nan, OPEN),
    ],
)
def test_the_interval_is_held_against_the_margin(low: float | None, high: float | None, outcome: GateOutcome):
    assert judged(low, high, 0.01) is outcome


def test_one_failure_outweighs_everything_and_nothing_is_no_pass():
    assert worst([PASS, OPEN, FAIL]) is FAIL
    assert worst([PASS, PASS]) is PASS
    assert worst([]) is OPEN


def test_a_gate_without_data_is_never_passed():
    assert unanswered("latency", "p95", "not logged").outcome is OPEN
