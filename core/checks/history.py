"""From verdicts of single windows to states that do not flap: persistence and hysteresis.

A warning counts when it stands in 2 of the last 3 applicable windows, a critical verdict at once where the
check says so. An open breach closes after 3 applicable windows in a row without warning. Windows that are
not applicable neither count nor reset: an open breach stays open, a quiet series has no data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.checks.limits import Limits, Persistence
from core.checks.verdicts import Verdict
from core.states import SEVERITY, State
from core.windows import Grain, unit_words

DEFAULT = Persistence(needed=2, of=3, critical_at_once=True)


@dataclass(frozen=True, slots=True)
class VerdictMemory:
    """What must be known of the past to judge the next window; empty for a quiet series.

    Attributes
    ----------
    recent : tuple of (State, date or None)
        Raw states of the last applicable windows, oldest first, beginning with a breach: leading healthy
        windows do not change anything and are dropped.
    state : State
        `HEALTHY`, or the level of the open breach.
    since : date or None
        First window of the open breach.
    """

    recent: tuple[tuple[State, date | None], ...] = ()
    state: State = State.HEALTHY
    since: date | None = None

    def document(self) -> dict[str, object]:
        """Return the memory in JSON types."""
        return {
            "recent": [[raw.value, day.isoformat() if day else None] for raw, day in self.recent],
            "state": self.state.value,
            "since": self.since.isoformat() if self.since else None,
        }

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "VerdictMemory":
        """Return the memory that `document` wrote."""
        return VerdictMemory(
            recent=tuple((State(raw), _date(day)) for raw, day in document["recent"]),
            state=State(document["state"]),
            since=_date(document["since"]),
        )


QUIET = VerdictMemory()


def advance(
    previous: VerdictMemory, raw: State, *, rule: Persistence = DEFAULT, day: date | None = None
) -> tuple[VerdictMemory, State]:
    """Return the memory and the state after one more window.

    >>> memory, state = advance(QUIET, State.WARNING)
    >>> state
    <State.HEALTHY: 'healthy'>
    >>> advance(memory, State.WARNING)[1]
    <State.WARNING: 'warning'>
    """
    if rule.of == 1:
        return _fact(previous, raw, day)
    if raw is State.NOT_APPLICABLE:
        return previous, previous.state if previous.state is not State.HEALTHY else State.NOT_APPLICABLE
    recent = _from_first_breach((*previous.recent, (raw, day))[-rule.of :])
    state = _level(recent, raw, previous.state, rule)
    if state is State.HEALTHY:
        return VerdictMemory(recent=recent), state
    since = previous.since if previous.state is not State.HEALTHY else recent[0][1]
    return VerdictMemory(recent=recent, state=state, since=since), state


def _fact(previous: VerdictMemory, raw: State, day: date | None) -> tuple[VerdictMemory, State]:
    """Return memory and state of a check that looks at one window only: a late day is late, and the next one is not."""
    if raw not in (State.WARNING, State.CRITICAL):
        return QUIET, raw
    since = previous.since if previous.state is not State.HEALTHY else day
    return VerdictMemory(recent=((raw, day),), state=raw, since=since), raw


def _from_first_breach(recent: tuple[tuple[State, date | None], ...]) -> tuple[tuple[State, date | None], ...]:
    for place, (raw, _) in enumerate(recent):
        if raw is not State.HEALTHY:
            return recent[place:]
    return ()


def _level(recent: tuple[tuple[State, date | None], ...], raw: State, before: State, rule: Persistence) -> State:
    """Return the level: opened by enough breaches, kept while one of the last windows was that bad."""
    n_critical = sum(state is State.CRITICAL for state, _ in recent)
    at_once = rule.critical_at_once and raw is State.CRITICAL
    if at_once or n_critical >= rule.needed or (before is State.CRITICAL and n_critical):
        return State.CRITICAL
    n_breaches = sum(SEVERITY[state] >= SEVERITY[State.WARNING] for state, _ in recent)
    if n_breaches >= rule.needed or (before is not State.HEALTHY and n_breaches):
        return State.WARNING
    return State.HEALTHY


def with_history(
    verdicts: Iterable[Verdict], memories: Mapping[str, VerdictMemory], limits: Limits
) -> tuple[tuple[Verdict, ...], dict[str, VerdictMemory]]:
    """Return the verdicts of one window with their states after persistence, and the new memories.

    Memories are kept by `Verdict.key`; a quiet series is not kept at all, and the memory of a series
    that got no verdict this time stays as it was.
    """
    after = dict(memories)
    judged = []
    for verdict in verdicts:
        memory, state = advance(
            memories.get(verdict.key, QUIET),
            verdict.raw_state,
            rule=limits[verdict.check].persistence,
            day=verdict.window_start,
        )
        if memory == QUIET:
            after.pop(verdict.key, None)
        else:
            after[verdict.key] = memory
        judged.append(_told(verdict, memory, state))
    return tuple(judged), after


def _told(verdict: Verdict, memory: VerdictMemory, state: State) -> Verdict:
    """Return the verdict with its state and, where that differs from the window's own, the reason."""
    reason = verdict.reason
    opened = "" if memory.since is None else _unit(memory.since, verdict.grain)
    if state is not State.NOT_APPLICABLE and verdict.raw_state is State.NOT_APPLICABLE:
        reason = f"still open since {opened}; this window: {reason}"
    elif SEVERITY[state] < SEVERITY[verdict.raw_state]:
        reason = f"{reason}; not yet in enough windows"
    elif SEVERITY[state] > SEVERITY[verdict.raw_state]:
        reason = f"open since {opened}: closes after 3 windows in a row without warning" + (
            f"; {reason}" if reason else ""
        )
    if (state, memory.since, reason) == (verdict.state, verdict.since, verdict.reason):
        return verdict
    return replace(verdict, state=state, since=memory.since, reason=reason)


def _unit(unit: date, grain: Grain) -> str:
    """Return a unit as a reason carries it: days as ``2013-11-04``, which pages write out."""
    return unit.isoformat() if grain is Grain.DAY else unit_words(unit, grain)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
