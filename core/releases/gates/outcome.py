"""How an interval becomes an outcome, and how several outcomes become one."""

from collections.abc import Iterable
from math import isnan

from core.releases.gates.gate import GateOutcome, GateResult


def judged(low: float | None, high: float | None, margin: float) -> GateOutcome:
    """Return what the interval of a harm says of the most that is allowed.

    Wholly within the margin passes (the challenger is shown not to be worse by more), wholly beyond it fails;
    an interval that holds the margin, or none at all, is no answer. A harm above 0 is worse.

    References
    ----------
    CPMP 2005, Guideline on the choice of the non-inferiority margin (inference from the confidence interval).

    >>> [judged(*ends, 0.01).value for ends in ((-0.02, 0.005), (0.02, 0.03), (0.0, 0.02))]
    ['pass', 'fail', 'inconclusive']
    """
    if low is None or high is None or isnan(low) or isnan(high):
        return GateOutcome.INCONCLUSIVE
    if high <= margin:
        return GateOutcome.PASSED
    return GateOutcome.FAILED if low > margin else GateOutcome.INCONCLUSIVE


def worst(outcomes: Iterable[GateOutcome]) -> GateOutcome:
    """Return the worst of several outcomes: one that fails, else one without an answer; none at all is no answer.

    >>> worst([GateOutcome.PASSED, GateOutcome.INCONCLUSIVE]).value, worst([]).value
    ('inconclusive', 'inconclusive')
    """
    found = set(outcomes)
    if GateOutcome.FAILED in found:
        return GateOutcome.FAILED
    return GateOutcome.INCONCLUSIVE if GateOutcome.INCONCLUSIVE in found or not found else GateOutcome.PASSED


def unanswered(gate: str, measure: str, reason: str, *, n: int | None = None) -> GateResult:
    """Return a gate that has nothing to judge: inconclusive, with the reason, never passed."""
    return GateResult(gate=gate, outcome=GateOutcome.INCONCLUSIVE, measure=measure, reason=reason, n=n)
