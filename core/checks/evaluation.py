"""Judging closed units one after the other: every check, then persistence, then the roll-up."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Protocol

from core.checks import attribution, calibration, drift, fairness, performance, quality, serving
from core.checks.coverage import coverage
from core.checks.day_state import RECENT_UNITS, DayState, Headline, Recent
from core.checks.evidence import Evidence, Outline
from core.checks.history import VerdictMemory, with_history
from core.checks.rollup import FamilyState, roll_up, with_last_judged
from core.checks.verdicts import PROVISIONAL, Verdict
from core.performance.maturity import Maturity
from core.performance.of_task import HEADLINE_OF, METRICS, performance_of
from core.performance.performance import Performance
from core.points import finite
from core.profile.records import DaySummary
from core.states import State
from core.windows import Grain, Window, following

RULES = 6
"""Raised whenever the same counts would be judged differently: stored states are then judged again."""


class Judge(Protocol):
    """Returns the raw verdicts of one family on one unit of the log."""

    def __call__(self, row: int, window: Window, mature: Maturity, *, followed: Collection[str]) -> tuple[Verdict, ...]:
        """Judge the unit ``evidence.log.days[row]``.

        Of segments only those are told that have something to say, and those of the `followed` keys: a series with
        a past must be told as healthy once it is, or its breach would never close.
        """


def judges(evidence: Evidence) -> tuple[Judge, ...]:
    """Return every family of checks, prepared once for all units of the evidence."""
    return (
        partial(serving.verdicts, serving.prepare(evidence)),
        partial(quality.verdicts, quality.prepare(evidence)),
        partial(drift.verdicts, drift.prepare(evidence)),
        partial(performance.verdicts, performance.prepare(evidence)),
        partial(calibration.verdicts, calibration.prepare(evidence)),
        partial(attribution.verdicts, attribution.prepare(evidence)),
        partial(fairness.verdicts, fairness.prepare(evidence)),
    )


def bases(outline: Outline, at: datetime) -> dict[date, str]:
    """Return for each unit of the log a hash of what its state rests on: profile, reference, limits and maturity."""
    ids = [unit.provenance_id for unit in outline.reference]
    chosen = sorted(outline.reference_groups.items())
    digest = hashlib.sha256(f"{RULES}|{outline.binning_id}|{ids}|{outline.limits!r}|{chosen}".encode())
    covered = coverage(outline, at)
    found = {}
    for unit in outline.log:
        own = digest.copy()
        explained = outline.shap_digests.get(unit.day, "")
        own.update(f"|{unit.provenance_id}|{covered[unit.day].mature}|{covered[unit.day].reason}|{explained}".encode())
        found[unit.day] = own.hexdigest()[:32]
    return found


def evaluate_days(
    evidence: Evidence, days: Sequence[date], before: DayState | None, at: datetime
) -> Iterator[DayState]:
    """Yield the state of each unit in `days`, oldest first.

    Verdicts of segments are kept only where they say something: their number is that of features × segments.

    Parameters
    ----------
    days : consecutive units of the log, ascending
    before : state of the unit before the first of `days`, whose memories and families go on; None at the beginning
    at : aware datetime, now
    """
    judging, grain = judges(evidence), evidence.schema.grain
    importance = {name: one.importance or 0.0 for name, one in evidence.schema.features.items()}
    metrics = performance_of(evidence.layout, evidence.log.ints, evidence.log.floats)
    basis, mature = bases(evidence.outline, at), coverage(evidence.outline, at)
    units = {unit.day: unit for unit in evidence.outline.log}
    place = {day: row for row, day in enumerate(evidence.log.days)}
    remembered: Mapping[str, VerdictMemory] = before.memories if before else {}
    families: Mapping[str, FamilyState] = before.families if before else {}
    for day in days:
        row, window = place[day], Window(day, following(day, grain))
        raw = [verdict for judge in judging for verdict in judge(row, window, mature[day], followed=remembered)]
        judged, remembered = with_history(_marked(raw, evidence), remembered, evidence.limits)
        verdicts = tuple(one for one in judged if not one.segment or _says_something(one))
        rolled = roll_up(verdicts, importance=importance)
        families = with_last_judged(rolled.families, families, day)
        yield DayState(
            day=day,
            state=rolled.state,
            why=rolled.why,
            families=families,
            headline=_headline(
                units[day],
                evidence,
                metrics,
                row,
                mature=mature[day],
                recent=_recent(evidence, row) if day == days[-1] else None,
            ),
            verdicts=verdicts,
            memories=dict(remembered),
            basis=basis[day],
            evaluated_at=at,
        )


def _says_something(verdict: Verdict) -> bool:
    quiet = (State.HEALTHY, State.NOT_APPLICABLE)
    return verdict.state not in quiet or verdict.raw_state not in quiet


def _marked(verdicts: Sequence[Verdict], evidence: Evidence) -> Sequence[Verdict]:
    """Return the verdicts in the grain of the log; those that compare with a provisional reference say so."""
    grain = evidence.schema.grain
    if grain is not Grain.DAY:
        verdicts = [replace(one, grain=grain) for one in verdicts]
    verdicts = [_coarse(one, evidence.schema.protected) for one in verdicts]
    if not evidence.layout.binning.provisional:
        return verdicts
    return [
        one if one.value is None or one.check in METRICS else replace(one, reason=f"{one.reason}; {PROVISIONAL}")
        for one in verdicts
    ]


def _coarse(verdict: Verdict, protected: Collection[str]) -> Verdict:
    """Return a verdict on a protected feature in whole hundredths: finer, it tells the size of a small group.

    The fairness checks speak in hundredths themselves.
    """
    if verdict.feature not in protected or verdict.family == "fairness" or verdict.value is None:
        return verdict
    value = round(verdict.value, 2)
    low, high = (None if end is None else round(end, 2) for end in (verdict.ci_low, verdict.ci_high))
    reason = f"{verdict.check.replace('_', ' ')} {value:.2f}; the column is protected: told in hundredths"
    return replace(verdict, value=value, ci_low=low, ci_high=high, reason=reason, detail="")


def _recent(evidence: Evidence, row: int) -> Recent:
    """Return the headline metric of the last units up to this one together."""
    units = slice(max(0, row + 1 - RECENT_UNITS), row + 1)
    ints, floats = evidence.log.ints[units].sum(axis=0), evidence.log.floats[units].sum(axis=0)
    found = performance_of(evidence.layout, ints, floats).estimates[HEADLINE_OF[evidence.schema.task]]
    return Recent(
        value=finite(float(found.value)),
        low=finite(float(found.low)),
        high=finite(float(found.high)),
        n=int(found.n),
        reason=found.note,
    )


def _headline(
    unit: DaySummary, evidence: Evidence, metrics: Performance, row: int, *, mature: Maturity, recent: Recent | None
) -> Headline:
    name = HEADLINE_OF[evidence.schema.task]
    return Headline(
        n=unit.n_rows,
        n_labelled=unit.n_labelled,
        metric=name,
        value=finite(float(metrics.estimates[name].value[row])),
        mature=mature.mature,
        recent=recent,
    )


def first_changed(stored: Mapping[date, str], wanted: Mapping[date, str], days: Iterable[date]) -> date | None:
    """Return the first unit whose stored state rests on something else than it would now; None: all are right.

    A unit that vanished counts at its own place, so that everything after it is judged again.
    """
    changed = [day for day in days if stored.get(day) != wanted[day]]
    vanished = [day for day in stored if day not in wanted]
    return min(changed + vanished, default=None)
