"""Verdicts on the service: requests in error, and latency against before or against declared limits."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from core.checks.evidence import Evidence
from core.checks.limits import Limit
from core.checks.performance_change import against_limit, alarms_a_month
from core.checks.serving_change import LatencyBefore, change_verdict
from core.checks.verdicts import Verdict, limit_shown, not_applicable, number, percent
from core.errors import NotEnoughDataError
from core.performance.estimates import Estimate
from core.performance.maturity import Maturity
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, latency_counts
from core.serving.latency import latency_quantile
from core.serving.serving import LATENCIES, NO_LATENCY_COLUMN, Serving, empty_means_none, milliseconds, serving_of
from core.stats.intervals import Z95
from core.windows import Grain, Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNITS_BEFORE = 28
KNOWN_AT_LEAST = 0.5
"""Share of rows with a known error field below which the others cannot be taken for like them."""

FINDINGS: Mapping[str, str] = {
    "error_rate": "requests fail more often than the limit allows",
    "latency_p95_change": "requests take longer than before",
    "latency_p50": "the usual latency is above its limit",
    "latency_p95": "the latency (p95) is above its limit",
    "latency_p99": "the latency (p99) is above its limit",
}
"""What a breach of each check says, without its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedService:
    """What the service verdicts of all units of some evidence need.

    Attributes
    ----------
    current : Serving with leading axes (W,), the units of the log
    before : LatencyBefore or None
        Latency that each unit is held against; None where latency is not logged.
    error_rate_before : (W,) float64
        Errors over known rows of the 28 units before each unit; NaN where there is none.
    """

    evidence: Evidence
    current: Serving
    before: LatencyBefore | None
    error_rate_before: Floats


def prepare(evidence: Evidence) -> PreparedService:
    """Return the service of every unit and what it is held against, computed once."""
    layout, log = evidence.layout, evidence.log
    fine = empty_means_none(layout, log.ints)
    current = serving_of(layout, log.ints, np.full(len(log.days), np.nan), empty_is_fine=fine)
    first = _first_before(log.days, evidence.schema.grain)
    errors, known = (_summed_before(one[:, None], first)[:, 0] for one in (current.n_errors, current.n_error_known))
    return PreparedService(
        evidence=evidence,
        current=current,
        before=_latency_before(evidence, first),
        error_rate_before=np.where(known > 0, errors / np.maximum(known, 1), np.nan),
    )


def _first_before(days: tuple[date, ...], grain: Grain) -> Ints:
    """Return for each unit the place of the first of the up to 28 units (days: by the calendar) before it."""
    if grain is not Grain.DAY:
        return np.maximum(np.arange(len(days)) - UNITS_BEFORE, 0)
    ordinals = np.array([day.toordinal() for day in days], np.int64)
    return np.asarray(np.searchsorted(ordinals, ordinals - UNITS_BEFORE, side="left"), np.int64)


def _summed_before(counts: Ints, first: Ints) -> Ints:
    """Return the sums over the units ``[first, unit)``, ``(W, …)``."""
    running = np.concatenate([np.zeros((1, *counts.shape[1:]), np.int64), np.cumsum(counts, axis=0)])
    return np.asarray(running[np.arange(len(counts))] - running[first], np.int64)


def _latency_before(evidence: Evidence, first: Ints) -> LatencyBefore | None:
    layout, log, part = evidence.layout, evidence.log, LATENCIES["latency_p95"]
    try:
        counts = latency_counts(layout, log.ints)
    except NotEnoughDataError:
        return None
    units = serving_of(layout, log.ints, np.full(len(log.days), np.nan)).estimates["latency_p95"]
    training = _of_training(layout, evidence.reference)
    if training is not None and int(training.n[-1]) >= evidence.limits.rules.minimum_reference:
        return training
    return LatencyBefore.of_units(latency_quantile(_summed_before(counts, first), part), units, first)


def _of_training(layout: Layout, reference: ProfileStack) -> LatencyBefore | None:
    """Return the latency of the reference; None where it has no units."""
    if not reference.days:
        return None
    counts = latency_counts(layout, reference.ints)
    units = serving_of(layout, reference.ints, np.full(len(reference.days), np.nan)).estimates["latency_p95"]
    return LatencyBefore.of_training(latency_quantile(counts.sum(axis=0), LATENCIES["latency_p95"]), units)


def verdicts(
    prepared: PreparedService,
    row: int,
    window: Window,
    mature: Maturity,  # noqa: ARG001 - every family of checks is asked alike
    *,
    followed: Collection[str] = (),  # noqa: ARG001 - there are no segments here
) -> tuple[Verdict, ...]:
    """Return the raw service verdicts of one unit, of the whole population.

    ``error_rate``: critical or warning where the whole Wilson interval lies beyond the limit; one that straddles it
    is healthy but inconclusive. ``latency_p95_change``: see `core.checks.serving_change.change_verdict`. The
    ``latency_*`` limits only where a model declares them. No actual is needed, so `mature` decides nothing.

    Parameters
    ----------
    row : place of the unit in ``evidence.log``
    """
    limits = prepared.evidence.limits
    found = []
    if limits["error_rate"].declared:
        found.append(_error_verdict(limits["error_rate"], prepared, row, window))
    if limits["latency_p95_change"].declared:
        found.append(_change(limits["latency_p95_change"], prepared, row, window))
    found += [
        _level_verdict(limits[name], prepared.current.estimates[name].at(row), window)
        for name in LATENCIES
        if limits[name].declared
    ]
    return tuple(found)


def _change(limit: Limit, prepared: PreparedService, row: int, window: Window) -> Verdict:
    now = prepared.current.estimates["latency_p95"].at(row)
    if prepared.before is None:
        return _cannot(limit, NO_LATENCY_COLUMN, now, window)
    rules, grain = prepared.evidence.limits.rules, prepared.evidence.schema.grain
    return change_verdict(limit, now, prepared.before.at(row), window, rules, grain=grain)


def _cannot(limit: Limit, why: str, one: Estimate, window: Window) -> Verdict:
    return not_applicable(limit, why, n=int(one.n), window_start=window.start, window_end=window.end)


def _why_not(limit: Limit, one: Estimate) -> str:
    if str(one.reason):
        return str(one.reason).removeprefix("not applicable: ")
    return f"fewer than {limit.minimum_n} requests" if float(one.n) < limit.minimum_n else ""


def _error_verdict(limit: Limit, prepared: PreparedService, row: int, window: Window) -> Verdict:
    one = prepared.current.estimates["error_rate"].at(row)
    n, errors, rows = int(one.n), int(prepared.current.n_errors[row]), int(prepared.current.n_requests[row])
    why = _why_not(limit, one)
    if not why and n < KNOWN_AT_LEAST * rows:
        why = (
            f"the error field is empty in {percent(1 - n / rows)} % of the rows: log 0 or false where a request "
            "succeeded"
        )
    if why:
        return _cannot(limit, why, one, window)
    told = f"{errors:,} of {n:,} requests in error"
    return _against(limit, one, window, _as_percent, told=told, alarms=_error_alarms(limit, prepared, row, n))


def _level_verdict(limit: Limit, one: Estimate, window: Window) -> Verdict:
    why = _why_not(limit, one)
    if not why and not np.isfinite(float(one.low)):
        why = "too few requests for an interval"
    if why:
        return _cannot(limit, why, one, window)
    return _against(limit, one, window, milliseconds, told=f"{limit.title}, {int(one.n):,} requests")


def _as_percent(share: float) -> str:
    return f"{percent(share)} %"


def _against(
    limit: Limit,
    one: Estimate,
    window: Window,
    written: Callable[[float], str],
    *,
    told: str,
    alarms: float | None = None,
) -> Verdict:
    """Return the verdict of a level against its absolute limits by its whole interval."""
    state, inconclusive = against_limit(float(one.low), float(one.high), limit)
    shown = limit_shown(limit, state)
    numbers = f"{written(float(one.value))}, limit {written(shown or 0.0)}"
    words = "not enough evidence: the interval holds the limit" if inconclusive else numbers
    return Verdict(
        check=limit.code,
        family=limit.family,
        state=state,
        raw_state=state,
        value=number(float(one.value)),
        limit=shown,
        ci_low=number(float(one.low)),
        ci_high=number(float(one.high)),
        n=int(one.n),
        window_start=window.start,
        window_end=window.end,
        reason="; ".join(filter(None, (f"{told} ({words})", str(one.remark)))),
        detail=numbers,
        false_alarms_month=alarms,
        inconclusive=inconclusive,
    )


def _error_alarms(limit: Limit, prepared: PreparedService, row: int, n: int) -> float | None:
    """Return the alarms to expect in 30 windows of this size if errors stayed as in the 28 units before.

    The whole Wilson interval lies above L where the errors exceed nL + z√(nL(1-L)); a warning needs 2 of 3, a
    critical verdict counts at once.
    """
    before = float(prepared.error_rate_before[row])
    if np.isnan(before):
        return None

    def beyond(share: float) -> float:
        most = n * share + Z95 * np.sqrt(n * share * (1 - share))
        return float(stats.binom.sf(np.floor(most), n, before))

    return alarms_a_month(limit, beyond)
