"""The worst windows of a version's past: where its metrics were in breach, and which week of that was worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from app.performance.segments import badness
from app.performance.views import WorstWindow
from core.checks.day_state import DayState
from core.checks.limits import Limit
from core.checks.verdicts import Verdict
from core.performance.of_task import METRICS
from core.states import SEVERITY, State
from core.windows import Grain, Window, following

FAMILY = "performance"
UNITS = 7
SEGMENT_UNITS = 28
"""A segment has few rows a unit: its episode is told whole, up to as many units."""

MOST = 5
BREACHES = (State.WARNING, State.CRITICAL)
Segment = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """Units in a row in which one metric was in breach, of all rows or in one segment."""

    metric: str
    segment: Segment
    verdicts: tuple[Verdict, ...]

    @property
    def state(self) -> State:
        return max((one.state for one in self.verdicts), key=SEVERITY.__getitem__)

    @property
    def first(self) -> date:
        since = self.verdicts[0].since
        return self.verdicts[0].window_start if since is None else min(since, self.verdicts[0].window_start)

    @property
    def last(self) -> date:
        """The last unit; of a segment the last one over its limit by itself: persistence alone tells of no rows."""
        own = [one.window_start for one in self.verdicts if one.raw_state in BREACHES] if self.segment else []
        return max(own, default=self.verdicts[-1].window_start)


def worst_windows(states: Sequence[DayState], grain: Grain, limits: Mapping[str, Limit]) -> tuple[WorstWindow, ...]:
    """Return the worst units of each episode of breach, at most 5 episodes, the newest first.

    An episode is a run of judged units in which a metric was in warning or critical state, of all rows or in a
    declared segment, from its first breach on: its worst 7 units, or in a segment the whole of it, up to 28 units.
    What was in breach at the same time is told once: by what was furthest, critical first, all rows before segments;
    a segment that was in breach for twice as long is told beside them.

    Parameters
    ----------
    states : stored states of a version, oldest first
    limits : by check
    """
    found_in = sorted({_segment(one) for state in states for one in state.verdicts if _is_breach(one)})
    episodes = [one for segment in found_in for metric in METRICS for one in _episodes(states, metric, segment)]
    episodes.sort(key=lambda one: (-SEVERITY[one.state], bool(one.segment), -len(one.verdicts), -_badness(one)))
    found: list[WorstWindow] = []
    for episode in episodes:
        worst = _worst(episode, states, grain, limits)
        if worst is not None and not any(_tells(held.window, worst.window) for held in found):
            found.append(worst)
    kept = found[:MOST]
    return tuple(sorted(kept, key=lambda one: one.window.start, reverse=True))


def _tells(held: Window, other: Window) -> bool:
    """Whether a window that is told already tells of another one too: they overlap, and it is not far shorter."""
    return held.start < other.end and other.start < held.end and other.days < 2 * held.days


def _segment(verdict: Verdict) -> Segment:
    return tuple(sorted(verdict.segment.items()))


def _is_breach(verdict: Verdict) -> bool:
    return verdict.family == FAMILY and verdict.state in BREACHES


def _badness(episode: _Episode) -> float:
    known = [one.value for one in episode.verdicts if one.value is not None]
    return badness(episode.metric, sum(known) / len(known)) if known else -inf


def _episodes(states: Sequence[DayState], metric: str, segment: Segment) -> list[_Episode]:
    found: list[_Episode] = []
    run: list[Verdict] = []
    for state in states:
        breach = _breach(state, metric, segment)
        if breach is not None:
            run.append(breach)
        elif run:
            found.append(_Episode(metric=metric, segment=segment, verdicts=tuple(run)))
            run = []
    return [*found, _Episode(metric=metric, segment=segment, verdicts=tuple(run))] if run else found


def _breach(state: DayState, metric: str, segment: Segment) -> Verdict | None:
    """Return the worst verdict on a metric, of all rows or of a segment, that is in breach on a unit."""
    checks = (metric, f"{metric}_change")
    mine = [one for one in state.verdicts if one.check in checks and _is_breach(one) and _segment(one) == segment]
    return max(mine, key=lambda one: SEVERITY[one.state], default=None)


def _worst(
    episode: _Episode, states: Sequence[DayState], grain: Grain, limits: Mapping[str, Limit]
) -> WorstWindow | None:
    code, units = episode.verdicts[0].check, SEGMENT_UNITS if episode.segment else UNITS
    inside = [state for state in states if episode.first <= state.day <= episode.last]
    days = [(state.day, _value(state, code, episode.segment)) for state in inside]
    known = [(day, value) for day, value in days if value is not None]
    if not known:
        return None
    runs = [known[place : place + units] for place in range(max(len(known) - units + 1, 1))]
    chosen = max(runs, key=lambda run: badness(episode.metric, sum(value for _, value in run) / len(run)))
    mean = sum(value for _, value in chosen) / len(chosen)
    return WorstWindow(
        window=Window(chosen[0][0], following(chosen[-1][0], grain)),
        metric=episode.metric,
        state=episode.state,
        mean=mean,
        changed=code.endswith("_change"),
        relative=code.endswith("_change") and limits[code].scale == "relative",
        segment=", ".join(f"{column} = {level}" for column, level in episode.segment),
    )


def _value(state: DayState, code: str, segment: Segment) -> float | None:
    return next((one.value for one in state.verdicts if one.check == code and _segment(one) == segment), None)
