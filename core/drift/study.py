"""Every series of a question compared with the reference that was asked for, window by window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from core.checks.drift_judgement import DriftJudgement, judge_families
from core.checks.limits import Limits
from core.checks.series import ABSENT, WEEK, Comparison, DailyCells, DriftReference, drift_reference
from core.drift.design_factor import DayVariation
from core.selection import Reference, ReferenceKind
from core.windows import Grain, Window

Words = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStudy:
    """All series of one window beside the reference asked for: the cells, and what the drift rule says of them.

    `judgement` is of this window alone: no persistence, no weekday or seasonal matching beyond the question's own.
    """

    window: Window
    comparison: Comparison
    judgement: DriftJudgement


def study(
    training: DailyCells,
    log: DailyCells,
    windows: Sequence[Window],
    reference: Reference,
    limits: Limits,
    *,
    codes: Words,
    dated: bool,
    grain: Grain,
) -> tuple[WindowStudy, ...]:
    """Return each window compared with the reference asked for.

    Parameters
    ----------
    training, log : DailyCells
        Days of the training reference, and of the version's own log back to its references.
    codes : (n_series,) str
        The check of each series: those of one check, in every segment, are one family.
    dated : bool
        The training reference has timestamps.
    """
    trained = drift_reference(training, limits.rules, dated=dated, grain=grain)
    found = []
    for window in windows:
        comparison = _comparison(trained, log, window, reference, limits=limits, grain=grain)
        found.append(
            WindowStudy(
                window=window,
                comparison=comparison,
                judgement=judge_families(comparison, codes, limits),
            )
        )
    return tuple(found)


def _comparison(
    trained: DriftReference, log: DailyCells, window: Window, reference: Reference, *, limits: Limits, grain: Grain
) -> Comparison:
    current = log.between(window.start, window.end).sum(0, dtype=np.int64)
    cells, variation, reason = _reference(trained, log, window, reference, limits=limits, grain=grain)
    rules, minimum_n = limits.rules, limits["feature_drift"].minimum_n
    n, m = current.sum(-1), cells.sum(-1)
    reasons = np.full(len(current), reason, "U120")
    if not reason:
        reasons[n < minimum_n] = f"fewer than {minimum_n} rows in the window"
        reasons[cells[:, -1] == m] = "the feature is absent from the reference"
        reasons[(current[:, -1] == n) & (n > 0)] = ABSENT
        reasons[m < rules.minimum_reference] = f"fewer than {rules.minimum_reference} reference rows"
        reasons[n == 0] = "no predictions in this window"
    return Comparison(
        start=window.start,
        end=window.end,
        width=np.full(len(current), window.days, np.int64),
        current=current,
        reference=cells,
        variation=variation,
        reason=reasons,
    )


def _reference(
    trained: DriftReference, log: DailyCells, window: Window, reference: Reference, *, limits: Limits, grain: Grain
) -> tuple[np.ndarray, DayVariation, str]:
    """Return the reference's cells, its own variation between days, and why there is none (else empty)."""
    if reference.kind is ReferenceKind.TRAINING:
        return trained.whole, _variation(trained, window), ""
    if reference.kind is ReferenceKind.SAME_WEEKDAY:
        if trained.weekdays is None or trained.weekday_variation is None:
            why = "the reference does not span 28 days with dates"
            return trained.whole, trained.variation, why if grain is Grain.DAY else "only daily logs have weekdays"
        if window.days >= WEEK:
            return trained.whole, trained.weekly_variation, ""
        keys = sorted({(window.start + timedelta(days=day)).weekday() for day in range(window.days)})
        return trained.weekdays[keys].sum(0), trained.weekday_variation, ""
    other = reference.window or previous(window, grain)
    days = DailyCells(days=log.days_between(other.start, other.end), cells=log.between(other.start, other.end))
    if not days.days:
        return np.zeros_like(trained.whole), trained.variation, f"no predictions in {other.start}..{other.end}"
    own = drift_reference(days, limits.rules, grain=grain)
    return own.whole, _variation(own, window), ""


def _variation(reference: DriftReference, window: Window) -> DayVariation:
    """Return how much days vary, or blocks of 7 days for a window at least as long."""
    return reference.weekly_variation if window.days >= WEEK else reference.variation


def previous(window: Window, grain: Grain) -> Window:
    """Return the window of the same length just before: the same number of days, or of months or years.

    >>> from datetime import date
    >>> previous(Window(date(2013, 7, 8), date(2013, 7, 15)), Grain.DAY).start
    datetime.date(2013, 7, 1)
    """
    if grain in (Grain.DAY, Grain.BATCH):
        return Window(window.start - timedelta(days=window.days), window.start)
    months = (window.end.year - window.start.year) * 12 + window.end.month - window.start.month
    total = window.start.year * 12 + window.start.month - 1 - months
    return Window(window.start.replace(year=total // 12, month=total % 12 + 1), window.start)
