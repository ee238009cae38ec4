"""Verdicts on a unit as a whole: how many rows it has, and how late they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.checks.limits import Limit, Limits
from core.checks.quality_shares import WINDOWS_A_MONTH, share_state
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, p_words, percent
from core.quality.freshness import HISTORY, NO_DAYS, Freshness
from core.quality.freshness import freshness as freshness_of
from core.quality.freshness import loaded_at_once as loaded_of
from core.quality.volume import FREEDOM, WEEK, WEEKS_BACK, VolumeRatio, volume_ratio
from core.quality.volume import NO_DAYS as NO_VOLUME
from core.states import State
from core.windows import Grain, Window

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NOT = "not applicable: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How rows came in, unit by unit; arrays over ``(n_days, ...)``.

    Attributes
    ----------
    volume : VolumeRatio over (n_days, 1 + n_segments)
        Of all rows, then of the rows of each segment.
    days : tuple of date, length n_days
    segments : tuple of mapping, length 1 + n_segments
        The first is empty: the whole population.
    freshness : Freshness over (n_days,)
    loaded_at_once : (n_days,) bool
    """

    volume: VolumeRatio
    days: tuple[date, ...]
    segments: tuple[Mapping[str, str], ...]
    freshness: Freshness
    loaded_at_once: Bools
    grain: Grain


def flow(
    days: tuple[date, ...], rows: Ints, arrival: Ints, segments: tuple[Mapping[str, str], ...], grain: Grain
) -> Flow:
    """Return what the verdicts of all units need, computed once.

    Parameters
    ----------
    days : length n_days
    rows : (n_days, 1 + n_segments) int64
    arrival : (n_days, 13) int64
    segments : length 1 + n_segments
    """
    return Flow(
        volume=volume_ratio(days, rows),
        days=days,
        segments=segments,
        freshness=freshness_of(arrival),
        loaded_at_once=loaded_of(days, arrival),
        grain=grain,
    )


def volume_verdicts(found: Flow, row: int, window: Window, limits: Limits) -> tuple[Verdict, ...]:
    """Return the raw verdicts of ``volume``: of all rows first, then of the segments.

    Warning when a unit has half or twice the rows that its weekday had in the 28 days before, critical from a fifth
    or five times on, and only where days of this log do not differ as much by themselves: p <= .01 of t(8).
    """
    return tuple(_volume(found, row, place, window, limits) for place in range(len(found.segments)))


def _volume(found: Flow, row: int, place: int, window: Window, limits: Limits) -> Verdict:
    limit, volume = limits["volume"], found.volume
    n, expected = int(volume.n[row, place]), float(volume.expected[row, place])
    why = _why_no_volume(found, expected, limit)
    if why:
        return not_applicable(
            limit, why, n=n, window_start=window.start, window_end=window.end, segment=found.segments[place]
        )
    if n == 0:
        return _vanished(found, row, place, window, limit)
    ratio, error, p = (float(of[row, place]) for of in (volume.ratio, volume.error, volume.p_value))
    interval = volume.interval
    low, high = float(interval.low[row, place]), float(interval.high[row, place])
    significant = p <= limits.rules.significance
    factor = max(ratio, 1 / ratio)
    state = share_state(factor, limit) if significant else State.HEALTHY
    bounds = (low, high) if ratio >= 1 else (1 / high, 1 / low)
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=found.segments[place],
        state=state,
        raw_state=state,
        value=number(factor),
        limit=limit_shown(limit, state),
        ci_low=number(bounds[0]),
        ci_high=number(bounds[1]),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=f"{n:,} rows, {expected:,.0f} on the same weekday of the last 28 days: {ratio:.2f} times as many "
        f"({p_words(p)})",
        detail=f"{n:,} instead of {expected:,.0f}",
        significant=significant,
        adjusted_p=number(p),
        false_alarms_month=_volume_false_alarms(limit, limits, error),
    )


def _vanished(found: Flow, row: int, place: int, window: Window, limit: Limit) -> Verdict:
    """Return the verdict on a segment without a row on a day on which others have some.

    Beyond every factor and no chance, unless one of the same weekdays of the 28 days before had none either.
    """
    expected = float(found.volume.expected[row, place])
    weeks = {window.start - timedelta(days=WEEK * week) for week in range(1, WEEKS_BACK + 1)}
    before = [day in weeks and found.volume.n[at, place] == 0 for at, day in enumerate(found.days)]
    state = State.HEALTHY if any(before) else share_state(np.inf, limit)
    usual = "; it had none on another of these days either" if any(before) else ""
    return Verdict(
        check=limit.code,
        family=limit.family,
        segment=found.segments[place],
        state=state,
        raw_state=state,
        value=number(expected),
        limit=limit_shown(limit, state),
        n=0,
        window_start=window.start,
        window_end=window.end,
        reason=f"no row, {expected:,.0f} on the same weekday of the last 28 days{usual}",
        detail=f"none instead of {expected:,.0f}",
    )


def _why_no_volume(found: Flow, expected: float, limit: Limit) -> str:
    if found.grain is not Grain.DAY:
        return NO_VOLUME
    if np.isnan(expected):
        return "fewer than 3 of the same weekday in the last 28 days"
    return f"fewer than {limit.minimum_n} rows on such a weekday" if expected < limit.minimum_n else ""


def _volume_false_alarms(limit: Limit, limits: Limits, error: float) -> float | None:
    """Return the false alarms in 30 days: t(8) beyond both the limit and the level."""
    if limit.warning is None:
        return None
    crossing = 2 * float(special.stdtr(FREEDOM, -np.log(max(limit.warning, 1.0)) / error))
    return WINDOWS_A_MONTH * min(crossing, limits.rules.significance)


def freshness_verdict(found: Flow, row: int, window: Window, limits: Limits) -> Verdict:
    """Return the raw verdict of ``freshness``: 90 % of the rows came in within how many hours.

    The state rests on the lower end of the grid's bin: beyond a limit is said only where the delay certainly is.
    """
    limit, fresh = limits["freshness"], found.freshness
    n, history = int(fresh.n[row]), int(fresh.n_history[row])
    why = _why_not_fresh(found, row, limit)
    if why:
        return not_applicable(limit, why, n=n, window_start=window.start, window_end=window.end)
    state = share_state(float(fresh.at_least[row]), limit)
    hours = f"{fresh.hours[row]:,.0f}"
    spoken = f"{hours} hour{'' if hours == '1' else 's'}"
    older = f"; {history:,} further rows were loaded as history" if history else ""
    late = float(fresh.late_share[row])
    return Verdict(
        check=limit.code,
        family=limit.family,
        state=state,
        raw_state=state,
        value=number(float(fresh.hours[row])),
        limit=limit_shown(limit, state),
        ci_low=number(float(fresh.low[row])),
        ci_high=number(float(fresh.high[row])),
        n=n,
        window_start=window.start,
        window_end=window.end,
        reason=f"90 % of the rows came in within {spoken} of the end of their day, "
        f"{percent(late)} % later than 24 hours{older}",
        detail=f"90 % within {hours} h",
    )


def _why_not_fresh(found: Flow, row: int, limit: Limit) -> str:
    if found.grain is not Grain.DAY:
        return NO_DAYS.removeprefix(NOT)
    n, history = int(found.freshness.n[row]), int(found.freshness.n_history[row])
    if bool(found.loaded_at_once[row]) or history > n:
        return HISTORY.removeprefix(NOT)
    return f"fewer than {limit.minimum_n} rows" if n < limit.minimum_n else ""


def silence_verdict(silent: int | None, usual: int, limits: Limits, *, last_unit: date | None, until: date) -> Verdict:
    """Return the verdict of ``silence`` at a moment: it rests on the clock, so it is no part of a unit's stored state.

    Parameters
    ----------
    silent : units closed since the last one with a prediction (`core.quality.freshness.silence`)
    usual : units in a row without a prediction that this log is used to (`core.quality.freshness.usual_gap`)
    last_unit : the last unit with predictions
    until : the unit that is running now
    """
    limit = limits["silence"]
    start = last_unit or until
    if silent is None:
        reason = "no predictions yet" if last_unit is None else "numbered batches have no clock"
        return not_applicable(limit, reason, n=0, window_start=start, window_end=until)
    state = share_state(silent, limit) if silent > usual else State.HEALTHY
    used = f"; up to {usual} in a row are usual here" if usual else ""
    return Verdict(
        check=limit.code,
        family=limit.family,
        state=state,
        raw_state=state,
        value=float(silent),
        limit=limit_shown(limit, state),
        n=0,
        window_start=start,
        window_end=until,
        reason=f"{silent} closed window{'' if silent == 1 else 's'} without a prediction{used}",
        detail=f"{silent} window{'' if silent == 1 else 's'}",
    )
