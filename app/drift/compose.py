"""The Drift page's view of a selection, from the core's detail and the stored states."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from operator import itemgetter

import numpy as np

from app import words
from app.choices import ALL_SEGMENTS
from app.drift.further import further
from app.drift.metric_lines import metric_lines
from app.drift.rows import FeatureFacts, drift_row, measured, ranked, shown_distribution
from app.drift.views import Change, DriftLimits, DriftRow, DriftView, FeatureView, OutcomeView, SlowLine, Standing
from app.views import Selection
from core.checks.daily import DECISION
from core.checks.day_state import DayState
from core.checks.drift_judgement import expected_false_alarms
from core.checks.drift_slow import AVERAGE, ROLLING
from core.checks.limits import Limits
from core.checks.verdicts import Verdict
from core.drift.detail import DriftDetail, FeatureDetail
from core.drift.display import VALUE_NAME, DriftSeries, Event, LimitLine
from core.inventory.service import ModelDetail
from core.log.schema import ModelSchema
from core.points import MetricPoint
from core.profile.binning import ACTUAL, SCORE
from core.profile.bins import NumericBins
from core.selection import ReferenceKind
from core.states import State
from core.windows import Grain, Window, day_starts_at, label

CHECKS = ("feature_drift", "prediction_drift", "decision_drift", "label_drift")
OUTCOMES = {SCORE: "predictions", DECISION: "decisions", ACTUAL: "actuals"}
SLOW = {ROLLING: ("rolling 7 days", VALUE_NAME, False), AVERAGE: ("moving average", "shift of the average", True)}
METRIC_NAMES = {"roc_auc": "ROC AUC", "f1_macro": "macro F1", "mae": "mean absolute error"}
OUTCOME_MEANINGS = {
    SCORE: "the model's score",
    DECISION: "what the model decided",
    ACTUAL: "what really happened, as far as it is known",
}
BREACHES = (State.WARNING, State.CRITICAL)
STANDINGS = 5


def drift_view(
    detail: DriftDetail,
    selection: Selection,
    states: Sequence[DayState],
    change: Change,
    *,
    at: datetime,
) -> DriftView:
    """Return the page's view.

    Parameters
    ----------
    at : aware datetime, the store's clock
    states : stored states up to the window, oldest first; used when they are of exactly this selection
    change : of the headline metric; see `headline_change`
    """
    stored = _stored_verdicts(detail, selection, states)
    rows = {one.feature: _row(detail, one, stored.get(one.feature, one.verdict), selection) for one in detail.features}
    score = rows.pop(SCORE, None)
    first = detail.features[0].drift
    verdicts = [one.verdict for one in detail.features]
    before = states[-2] if stored and len(states) > 1 else None
    return DriftView(
        model=selection.model,
        version=selection.version,
        grain=detail.schema.grain,
        window=detail.window,
        n=int(first.n),
        n_reference=int(first.m),
        reference=selection.reference,
        segment=selection.segment,
        rows=ranked(list(rows.values())),
        score=score,
        performance=change,
        over_before=None if before is None else _n_over(before),
        false_alarms_month=expected_false_alarms(verdicts, detail.limits.rules),
        limits=drift_limits(detail.limits),
        removed=detail.removed,
        provisional=detail.version.provisional,
        outcomes=_outcomes(detail, selection, stored, at),
        further=further(states[-1].verdicts) if stored else (),
    )


def feature_view(
    detail: DriftDetail,
    feature: str,
    row: DriftRow,
    states: Sequence[DayState],
    history: Sequence[Verdict],
    *,
    events: Sequence[Event],
) -> FeatureView:
    """Return one feature in full.

    Parameters
    ----------
    states : stored states of the last units, oldest first; empty when they are not of this reference and segment
    history : raw verdicts of the last windows, used when there are no stored states
    events : of the model; those of the last windows are drawn
    """
    one = next(item for item in detail.features if item.feature == feature)
    verdicts = [found for state in states if (found := _of(state, feature))] if states else list(history)
    unit = detail.schema.features[feature].unit if feature in detail.schema.features else None
    phi = float(one.drift.phi)
    n_units = len(list(detail.window.units(detail.schema.grain)))
    withheld = feature in detail.schema.protected
    return FeatureView(
        row=row,
        distribution=None if withheld else shown_distribution(one.drift, one.bins, unit=unit or ""),
        withheld=withheld,
        series=_series(detail, verdicts, events, judged=bool(states) or not row.seasonal) if verdicts else None,
        phi=phi if np.isfinite(phi) else None,
        n_cells=int(one.drift.n_counted),
        standings=tuple(
            Standing(
                label=words.unit(verdict.window_start, detail.schema.grain),
                raw_state=verdict.raw_state,
                state=verdict.state,
            )
            for verdict in (verdicts[-STANDINGS:] if states and n_units == 1 else ())
        ),
        limits=drift_limits(detail.limits),
        metrics=metric_lines(one.drift, p_value=one.p_value, unit=unit or "", grain=detail.schema.grain)
        if row.psi is not None and not withheld
        else (),
        slow=tuple(line for code in SLOW if (line := _slow(detail, states, feature, code, events))),
    )


def _slow(
    detail: DriftDetail, states: Sequence[DayState], feature: str, code: str, events: Sequence[Event]
) -> SlowLine | None:
    """Return one check of slow drift over the stored units; None where it was never made."""
    found = [one for state in states for one in state.verdicts if one.check == code and one.feature == feature]
    if not found:
        return None
    name, drawn, signed = SLOW[code]
    floor = detail.limits[code].warning
    sides = () if floor is None else (floor, -floor) if signed else (floor,)
    lines = tuple(LimitLine(name="warning", value=value, state=State.WARNING) for value in sides)
    series = _drawn(detail, found, events, lines)
    return SlowLine(
        name=name, state=found[-1].state, reason=found[-1].reason, series=replace(series, name=drawn, signed=signed)
    )


def _outcomes(
    detail: DriftDetail, selection: Selection, stored: Mapping[str, Verdict], at: datetime
) -> tuple[OutcomeView, ...]:
    """Return score, decisions and actuals with their distributions; of those that the model has."""
    found = []
    for one in (*(item for item in detail.features if item.feature == SCORE), *detail.outcomes):
        if not int(one.drift.m) and not int(one.drift.n):
            continue
        row = _row(detail, one, stored.get(one.feature, one.verdict), selection)
        found.append(
            OutcomeView(
                name=OUTCOMES[one.feature],
                row=row,
                distribution=shown_distribution(one.drift, one.bins),
                waiting=_waiting(detail, at) if one.feature == ACTUAL else "",
            )
        )
    return tuple(found)


def _waiting(detail: DriftDetail, at: datetime) -> str:
    """Return when the labels of the window are due; why they cannot be judged once they are; empty when mature."""
    if detail.mature.mature:
        return ""
    schema = detail.schema
    if schema.grain is Grain.BATCH:
        return detail.mature.reason
    due = day_starts_at(detail.window.end, schema.zone) + schema.actual_delay - at
    days = math.ceil(due / timedelta(days=1))
    return f"labels mature in {days} d" if days > 0 else detail.mature.reason


def headline_change(
    detail: DriftDetail,
    selection: Selection,
    states: Sequence[DayState],
    point: MetricPoint,
    reference: float | None,
) -> Change:
    """Return the task's headline metric of the window beside training, and the stored verdict on its change.

    Parameters
    ----------
    states : stored states up to the end of the window, oldest first
    """
    last = states[-1] if states and states[-1].day >= detail.window.start else None
    verdict = _of_check(last, f"{point.metric}_change") if last and is_stored(detail, selection, states) else None
    return Change(
        metric=METRIC_NAMES[point.metric],
        code=point.metric,
        value=point.value,
        low=point.ci_low,
        high=point.ci_high,
        n=point.n,
        reference=reference,
        state=verdict.state if verdict else State.NOT_APPLICABLE,
        mature=last is None or last.headline.mature,
        reason=point.reason if point.value is None else "",
    )


def _of_check(state: DayState, check: str) -> Verdict | None:
    return next((one for one in state.verdicts if one.check == check and not one.segment), None)


def releases(inventory: ModelDetail) -> tuple[Event, ...]:
    """Return when the versions of a model were added and which one went live, by the model's calendar, a day once."""
    zone, champion = inventory.schema.zone, inventory.champion
    happened = [(one.created_at, f"{one.name} added") for one in inventory.versions]
    if champion and inventory.model.champion_since:
        happened.append((inventory.model.champion_since, f"{champion.name} live"))
    days: dict[date, list[str]] = {}
    for moment, text in sorted(happened, key=itemgetter(0)):
        days.setdefault(moment.astimezone(zone).date(), []).append(text)
    return tuple(Event(day=day, text=", ".join(texts)) for day, texts in days.items())


def drift_limits(limits: Limits) -> DriftLimits:
    """Return the drift limits in force, as the page explains them."""
    limit, rules = limits["feature_drift"], limits.rules
    return DriftLimits(
        warning=limit.warning,
        critical=limit.critical,
        level=rules.significance,
        min_n=limit.minimum_n,
        source="declared in model.yaml" if limit.overridden else f"default limits, version {limits.version}",
        critical_p=rules.critical_p,
        needed=limit.persistence.needed,
        of=limit.persistence.of,
        missing=limits["missing_share"].warning,
    )


def last_unit(window: Window) -> date:
    """Return a day within the last unit of a window."""
    return window.end - timedelta(days=1)


def is_of_stored_rule(selection: Selection) -> bool:
    """Say whether units are stored with the verdicts of this selection: against training, everybody."""
    return selection.reference == ReferenceKind.TRAINING.value and selection.segment == ALL_SEGMENTS


def is_stored(detail: DriftDetail, selection: Selection, states: Sequence[DayState]) -> bool:
    """Say whether the last stored state is of exactly this selection: training, everybody, that one unit."""
    return (
        is_of_stored_rule(selection)
        and bool(states)
        and states[-1].day == detail.window.start
        and len(list(detail.window.units(detail.schema.grain))) == 1
    )


def _stored_verdicts(detail: DriftDetail, selection: Selection, states: Sequence[DayState]) -> Mapping[str, Verdict]:
    if not is_stored(detail, selection, states):
        return {}
    return {one.feature or "": one for one in states[-1].verdicts if one.check in CHECKS and not one.segment}


def _of(state: DayState, feature: str) -> Verdict | None:
    return next(
        (one for one in state.verdicts if one.check in CHECKS and one.feature == feature and not one.segment), None
    )


def _n_over(state: DayState) -> int:
    return sum(one.check == "feature_drift" and one.state in BREACHES and not one.segment for one in state.verdicts)


def _row(detail: DriftDetail, one: FeatureDetail, verdict: Verdict, selection: Selection) -> DriftRow:
    declared = detail.schema.features.get(one.feature)
    trained = selection.reference == ReferenceKind.TRAINING.value
    seasonal = declared is not None and declared.seasonal and trained
    facts = FeatureFacts(
        meaning=(declared.meaning or "") if declared else OUTCOME_MEANINGS[one.feature],
        importance=_importance(detail.schema, one.feature),
        seasonal=seasonal,
        compared_with="the 28 days before" if seasonal else _reference_words(selection.reference),
        provenance_id=detail.provenance_id,
        training_outside=_outside(one) if seasonal else None,
        measured=measured(one.drift, detail.limits),
    )
    return drift_row(verdict, one.drift, one.bins, facts)


def _reference_words(reference: str) -> str:
    return {
        "training": "training",
        "previous": "the period before",
        "same_weekday": "the same weekdays of training",
    }.get(reference, reference)


def _importance(schema: ModelSchema, feature: str) -> float | None:
    """Return the declared importance as a share of all declared importance."""
    total = sum(one.importance or 0.0 for one in schema.features.values())
    if feature not in schema.features or total <= 0:
        return None
    return (schema.features[feature].importance or 0.0) / total


def _outside(one: FeatureDetail) -> float | None:
    """Return the share of the window's rows outside the training range; None for categories or without rows."""
    if not isinstance(one.bins, NumericBins) or not int(one.drift.n):
        return None
    new = np.flatnonzero(one.bins.is_new_cell)
    return float(one.drift.current_cells[new].sum() / one.drift.n)


def _series(detail: DriftDetail, verdicts: Sequence[Verdict], events: Sequence[Event], *, judged: bool) -> DriftSeries:
    """Return what is drawn over time; `judged` is false where a seasonal feature is held against fixed training."""
    limits = drift_limits(detail.limits)
    named = (("warning", limits.warning, State.WARNING), ("critical", limits.critical, State.CRITICAL))
    lines = tuple(LimitLine(name=name, value=value, state=state) for name, value, state in named if value is not None)
    drawn = _drawn(detail, verdicts, events, lines if judged else ())
    return drawn if judged else replace(drawn, states=(State.NOT_APPLICABLE,) * len(verdicts))


def _drawn(
    detail: DriftDetail, verdicts: Sequence[Verdict], events: Sequence[Event], lines: tuple[LimitLine, ...]
) -> DriftSeries:
    grain = detail.schema.grain
    dated = grain is not Grain.BATCH
    return DriftSeries(
        starts=tuple(verdict.window_start for verdict in verdicts),
        labels=tuple(label(verdict.window_start, grain) for verdict in verdicts),
        excess=tuple(verdict.value for verdict in verdicts),
        low=tuple(verdict.ci_low for verdict in verdicts),
        high=tuple(verdict.ci_high for verdict in verdicts),
        n=tuple(verdict.n for verdict in verdicts),
        states=tuple(verdict.state for verdict in verdicts),
        limits=lines,
        events=tuple(one for one in events if dated and verdicts[0].window_start <= one.day < verdicts[-1].window_end),
        grain=grain,
    )
