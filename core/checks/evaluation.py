"""Judging closed units one after the other: every check, then persistence, then the roll-up."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from core.checks.daily import daily_cells, series_of
from core.checks.day_state import RECENT_UNITS, DayState, Headline, Recent
from core.checks.drift import drift_verdicts
from core.checks.evidence import Evidence, Outline
from core.checks.history import VerdictMemory, with_history
from core.checks.performance import Judged, performance_verdicts, variance_between
from core.checks.quality import missing_verdicts, share_verdicts
from core.checks.rollup import roll_up
from core.checks.series import DailyCells, DriftReference, Series, drift_reference
from core.checks.verdicts import PROVISIONAL, Verdict
from core.log.schema import ModelSchema
from core.performance.binary import METRICS, BinaryPerformance, binary_performance
from core.performance.maturity import Maturity, maturity
from core.points import finite
from core.profile.binning import SCORE
from core.profile.bins import NumericBins
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, feature_counts, performance_counts
from core.profile.records import DaySummary
from core.quality.shares import NO_VALUES, out_of_range_share, unseen_share
from core.windows import Grain, Window, day_starts_at, following

RULES = 2
"""Raised whenever the same counts would be judged differently: stored states are then judged again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What is computed once for all units."""

    series: tuple[Series, ...]
    cells: DailyCells
    reference: DriftReference
    shares: Mapping[str, tuple[tuple[str, ...], DailyCells]]
    inapplicable: Mapping[str, str]
    seasonal: tuple[str, ...]
    performance: BinaryPerformance
    reference_performance: BinaryPerformance
    tau_squared: Mapping[str, float]


def bases(outline: Outline, at: datetime) -> dict[date, str]:
    """Return for each unit of the log a hash of what its state rests on: profile, reference, limits, maturity."""
    ids = [unit.provenance_id for unit in outline.reference]
    digest = hashlib.sha256(f"{RULES}|{outline.binning_id}|{ids}|{outline.limits!r}".encode())
    coverage = _coverage(outline, at)
    found = {}
    for unit in outline.log:
        own = digest.copy()
        own.update(f"|{unit.provenance_id}|{coverage[unit.day].mature}".encode())
        found[unit.day] = own.hexdigest()[:32]
    return found


def evaluate_days(
    evidence: Evidence, days: Sequence[date], memories: Mapping[str, VerdictMemory], at: datetime
) -> Iterator[DayState]:
    """Yield the state of each unit in `days`, oldest first.

    Parameters
    ----------
    days : consecutive units of the log, ascending
    memories : what is remembered from the unit before the first of `days`
    at : aware datetime, now
    """
    prepared = _prepare(evidence)
    basis, mature = bases(evidence.outline, at), _coverage(evidence.outline, at)
    units = {unit.day: unit for unit in evidence.outline.log}
    place = {day: row for row, day in enumerate(evidence.log.days)}
    remembered: Mapping[str, VerdictMemory] = memories
    for day in days:
        row = place[day]
        raw = _raw_verdicts(evidence, prepared, day, row, mature[day])
        verdicts, remembered = with_history(_marked(raw, evidence), remembered, evidence.limits)
        rolled = roll_up(verdicts)
        yield DayState(
            day=day,
            state=rolled.state,
            why=rolled.why,
            families=rolled.families,
            headline=_headline(
                units[day],
                prepared.performance,
                row,
                mature[day],
                recent=_recent(evidence, row) if day == days[-1] else None,
            ),
            verdicts=verdicts,
            memories=dict(remembered),
            basis=basis[day],
            evaluated_at=at,
        )


def _marked(verdicts: Sequence[Verdict], evidence: Evidence) -> Sequence[Verdict]:
    """Return the verdicts; those that compare with a provisional reference say so."""
    if not evidence.layout.binning.provisional:
        return verdicts
    return [
        one if one.value is None or one.check in METRICS else replace(one, reason=f"{one.reason}; {PROVISIONAL}")
        for one in verdicts
    ]


def _raw_verdicts(
    evidence: Evidence, prepared: _Prepared, day: date, row: int, mature: Maturity
) -> tuple[Verdict, ...]:
    grain, limits = evidence.schema.grain, evidence.limits
    window = Window(day, following(day, grain))
    reference, cells, series = prepared.reference, prepared.cells, prepared.series
    first_day = evidence.outline.log[0].day
    verdicts = [
        *drift_verdicts(reference, cells, series, window, limits, first_day=first_day, grain=grain),
        *missing_verdicts(reference, cells, series, window, limits, grain=grain),
    ]
    for code, (features, daily) in prepared.shares.items():
        if features:
            verdicts += share_verdicts(
                code,
                features,
                daily,
                window,
                limits,
                without_verdict=prepared.seasonal,
                inapplicable=prepared.inapplicable,
                grain=grain,
            )
    whole = Judged(
        segment={},
        current=one_unit(prepared.performance, row),
        reference=prepared.reference_performance,
        tau_squared=prepared.tau_squared,
        maturity=mature,
    )
    return (*verdicts, *performance_verdicts([whole], window, limits))


def _prepare(evidence: Evidence) -> _Prepared:
    layout, schema = evidence.layout, evidence.schema
    seasonal = tuple(name for name, feature in schema.features.items() if feature.seasonal)
    series = series_of(layout.binning, seasonal=seasonal)
    training = daily_cells(layout, evidence.reference, evidence.reference, series)
    days = _performance(evidence, evidence.reference)
    return _Prepared(
        series=series,
        cells=daily_cells(layout, evidence.log, evidence.reference, series),
        reference=drift_reference(training, evidence.limits.rules, dated=evidence.dated, grain=schema.grain),
        shares=_shares(evidence),
        inapplicable=_without_reference(layout),
        seasonal=seasonal,
        performance=_performance(evidence, evidence.log),
        reference_performance=_total_performance(evidence),
        tau_squared={name: float(value) for name, value in variance_between(days).items()},
    )


def _shares(evidence: Evidence) -> dict[str, tuple[tuple[str, ...], DailyCells]]:
    """Return for both share checks the features and their daily counts (rows concerned, all other rows)."""
    layout, log = evidence.layout, evidence.log
    found: dict[str, tuple[list[str], list[np.ndarray]]] = {"unseen_share": ([], []), "out_of_range_share": ([], [])}
    for name, bins in layout.binning.features.items():
        if name == SCORE:
            continue
        counts = feature_counts(layout, log.ints, log.floats, name)
        numeric = isinstance(bins, NumericBins)
        share = out_of_range_share(bins, counts) if numeric else unseen_share(bins, counts)
        names, cells = found["out_of_range_share" if numeric else "unseen_share"]
        names.append(name)
        cells.append(np.stack([share.count, share.n - share.count], axis=-1))
    empty = np.zeros((len(log.days), 0, 2), np.int64)
    return {
        code: (tuple(names), DailyCells(days=log.days, cells=np.stack(cells, axis=1) if cells else empty))
        for code, (names, cells) in found.items()
    }


def _without_reference(layout: Layout) -> dict[str, str]:
    """Return the features of which the reference holds no value, so that nothing can lie outside it."""
    return {
        name: NO_VALUES.removeprefix("not applicable: ")
        for name, bins in layout.binning.features.items()
        if (bins.n_bins == 1 if isinstance(bins, NumericBins) else not bins.levels)
    }


def _performance(evidence: Evidence, stack: ProfileStack) -> BinaryPerformance:
    counts = performance_counts(evidence.layout, stack.ints, stack.floats)
    return binary_performance(counts, probability=evidence.schema.score_kind == "probability")


def _total_performance(evidence: Evidence) -> BinaryPerformance:
    ints, floats = evidence.reference.ints.sum(axis=0), evidence.reference.floats.sum(axis=0)
    counts = performance_counts(evidence.layout, ints, floats)
    return binary_performance(counts, probability=evidence.schema.score_kind == "probability")


def one_unit(performance: BinaryPerformance, row: int) -> BinaryPerformance:
    """Return the performance of one unit out of a stack of units."""
    return replace(
        performance,
        estimates={name: estimate.at(row) for name, estimate in performance.estimates.items()},
        n_rows=performance.n_rows[row],
        n_labelled=performance.n_labelled[row],
        n_positive=performance.n_positive[row],
        n_negative=performance.n_negative[row],
        label_coverage=performance.label_coverage[row],
    )


def _coverage(outline: Outline, at: datetime) -> dict[date, Maturity]:
    """Return for each unit whether its actuals are complete enough to be judged; each row counts once."""
    expected = _expected_coverage(outline)
    return {
        unit.day: maturity(
            coverage=unit.n_labelled / unit.n_rows if unit.n_rows else float("nan"),
            window_end_at=_end_at(unit.day, outline.schema, at),
            at=at,
            actual_delay=outline.schema.actual_delay,
            expected_coverage=expected,
        )
        for unit in outline.log
    }


def _expected_coverage(outline: Outline) -> float:
    """Return the share of rows whose actual ever comes: that of the reference, 1 when it has none."""
    rows = sum(unit.n_rows for unit in outline.reference)
    labelled = sum(unit.n_labelled for unit in outline.reference)
    return labelled / rows if rows and labelled else 1.0


def _end_at(day: date, schema: ModelSchema, at: datetime) -> datetime:
    """Return when a unit ended; a numbered batch has no date and counts as past its delay."""
    if schema.grain is Grain.BATCH:
        return at - schema.actual_delay - timedelta(days=1)
    return day_starts_at(following(day, schema.grain), schema.zone)


def _recent(evidence: Evidence, row: int) -> Recent:
    """Return the ROC AUC of the last units up to this one together."""
    units = slice(max(0, row + 1 - RECENT_UNITS), row + 1)
    log = evidence.log
    ints, floats = log.ints[units].sum(axis=0), log.floats[units].sum(axis=0)
    counts = performance_counts(evidence.layout, ints, floats)
    found = binary_performance(counts).estimates["roc_auc"]
    return Recent(
        value=finite(float(found.value)),
        low=finite(float(found.low)),
        high=finite(float(found.high)),
        n=int(found.n),
        reason=found.note,
    )


def _headline(
    unit: DaySummary, performance: BinaryPerformance, row: int, mature: Maturity, *, recent: Recent | None
) -> Headline:
    return Headline(
        n=unit.n_rows,
        n_labelled=unit.n_labelled,
        metric="roc_auc",
        value=finite(float(performance.estimates["roc_auc"].value[row])),
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
