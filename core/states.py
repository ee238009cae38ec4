"""The four states of everything that is judged, and their order."""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """Outcome of a check, a family of checks or a model. No data is never healthy."""

    HEALTHY = "healthy"
    WARNING = "warning"
    CRITICAL = "critical"
    NOT_APPLICABLE = "not_applicable"


SEVERITY = {State.NOT_APPLICABLE: 0, State.HEALTHY: 1, State.WARNING: 2, State.CRITICAL: 3}


def worst(states: Iterable[State]) -> State:
    """Return the worst applicable state; `NOT_APPLICABLE` when there is none.

    >>> worst([State.NOT_APPLICABLE, State.WARNING, State.HEALTHY])
    <State.WARNING: 'warning'>
    >>> worst([])
    <State.NOT_APPLICABLE: 'not_applicable'>
    """
    return max(states, key=SEVERITY.__getitem__, default=State.NOT_APPLICABLE)
