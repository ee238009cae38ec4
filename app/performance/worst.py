"""The worst windows of a version's past: where its metrics were in breach, and which week of that was worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
MOST = 5
BREACHES = (State.WARNING, State.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """Units in a row in which one metric of all rows was in breach."""

    metric: str
    verdicts: tuple[Verdict, ...]

    @property
    def state(self) -> State:
        return max((one.state for one in self.verdicts), key=SEVERITY.__getitem__)

    @property
    def first(self) -> date:
        since = self.verdicts[0].since
        return self.verdicts[0].window_start if since is None else min(since, self.verdicts[0].window_start)


def worst_windows(states: Sequence[DayState], grain: Grain, limits: Mapping[str, Limit]) -> tuple[WorstWindow, ...]:
    """Return the worst 7 units of each episode of breach, at most 5, the newest episode first.

    An episode is a run of judged units in which a metric of all rows was in warning or critical state, from its first
    breach on. Metrics in breach at the same time are told once: by the one that was furthest, critical first.

    Parameters
    ----------
    states : stored states of a version, oldest first
    limits : by check
    """
    episodes = [one for metric in METRICS for one in _episodes(states, metric)]
    episodes.sort(key=lambda one: (-SEVERITY[one.state], -len(one.verdicts)))
    found: list[WorstWindow] = []
    for episode in episodes:
        worst = _worst(episode, states, grain, limits)
        if worst is not None and not any(_overlap(worst.window, held.window) for held in found):
            found.append(worst)
    kept = found[:MOST]
    return tuple(sorted(kept, key=lambda one: one.window.start, reverse=True))


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end


def _episodes(states: Sequence[DayState], metric: str) -> list[_Episode]:
    found: list[_Episode] = []
    run: list[Verdict] = []
    for state in states:
        breach = _breach(state, metric)
        if breach is not None:
            run.append(breach)
        elif run:
            found.append(_Episode(metric=metric, verdicts=tuple(run)))
            run = []
    return [*found, _Episode(metric=metric, verdicts=tuple(run))] if run else found


def _breach(state: DayState, metric: str) -> Verdict | None:
    """Return the worst verdict on a metric of all rows that is in breach on a unit."""
    checks = (metric, f"{metric}_change")
    mine = [
        one
        for one in state.verdicts
        if one.family == FAMILY and not one.segment and one.check in checks and one.state in BREACHES
    ]
    return max(mine, key=lambda one: SEVERITY[one.state], default=None)


def _worst(
    episode: _Episode, states: Sequence[DayState], grain: Grain, limits: Mapping[str, Limit]
) -> WorstWindow | None:
    last = episode.verdicts[-1].window_start
    code = episode.verdicts[0].check
    days = [(state.day, _value(state, code)) for state in states if episode.first <= state.day <= last]
    known = [(day, value) for day, value in days if value is not None]
    if not known:
        return None
    runs = [known[place : place + UNITS] for place in range(max(len(known) - UNITS + 1, 1))]
    chosen = max(runs, key=lambda run: badness(episode.metric, sum(value for _, value in run) / len(run)))
    mean = sum(value for _, value in chosen) / len(chosen)
    return WorstWindow(
        window=Window(chosen[0][0], following(chosen[-1][0], grain)),
        metric=episode.metric,
        state=episode.state,
        mean=mean,
        changed=code.endswith("_change"),
        relative=code.endswith("_change") and limits[code].scale == "relative",
    )


def _value(state: DayState, code: str) -> float | None:
    return next((one.value for one in state.verdicts if one.check == code and not one.segment), None)
