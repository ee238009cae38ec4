"""The Drift page's view of a selection, from the core's detail and the stored states."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter

import numpy as np

from app import words
from app.choices import ALL_SEGMENTS
from app.drift_rows import FeatureFacts, drift_row, measured, ranked
from app.views import Change, DriftLimits, DriftRow, DriftView, FeatureView, Selection, Standing
from core.checks.day_state import DayState
from core.checks.drift import expected_false_alarms
from core.checks.limits import Limits
from core.checks.verdicts import Verdict
from core.drift.display import DriftSeries, Event, LimitLine, distribution
from core.drift.service import DriftDetail, FeatureDetail
from core.inventory.service import ModelDetail
from core.log.schema import ModelSchema
from core.points import MetricPoint
from core.profile.binning import SCORE
from core.profile.bins import NumericBins
from core.selection import ReferenceKind
from core.states import State
from core.windows import Grain, Window, label

RELATION = "roc_auc_change"
CHECKS = ("feature_drift", "prediction_drift")
BREACHES = (State.WARNING, State.CRITICAL)
STANDINGS = 5


def drift_view(
    detail: DriftDetail,
    selection: Selection,
    states: Sequence[DayState],
    change: Change,
) -> DriftView:
    """Return the page's view.

    Parameters
    ----------
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
    return FeatureView(
        row=row,
        distribution=distribution(one.bins, one.drift.reference_cells, one.drift.current_cells, unit=unit or ""),
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
    )


def headline_change(
    detail: DriftDetail,
    selection: Selection,
    states: Sequence[DayState],
    auc: MetricPoint,
    reference_auc: float | None,
) -> Change:
    """Return ROC AUC of the window beside that of training, and what the stored verdict says of its change.

    Parameters
    ----------
    states : stored states up to the end of the window, oldest first
    """
    last = states[-1] if states and states[-1].day >= detail.window.start else None
    verdict = _of_check(last, RELATION) if last and is_stored(detail, selection, states) else None
    return Change(
        metric="ROC AUC",
        value=auc.value,
        low=auc.ci_low,
        high=auc.ci_high,
        n=auc.n,
        reference=reference_auc,
        state=verdict.state if verdict else State.NOT_APPLICABLE,
        mature=last is None or last.headline.mature,
        reason=auc.reason if auc.value is None else "",
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
    return {verdict.feature or "": verdict for verdict in states[-1].verdicts if verdict.check in CHECKS}


def _of(state: DayState, feature: str) -> Verdict | None:
    return next((one for one in state.verdicts if one.check in CHECKS and one.feature == feature), None)


def _n_over(state: DayState) -> int:
    return sum(one.check == "feature_drift" and one.state in BREACHES for one in state.verdicts)


def _row(detail: DriftDetail, one: FeatureDetail, verdict: Verdict, selection: Selection) -> DriftRow:
    declared = detail.schema.features.get(one.feature)
    trained = selection.reference == ReferenceKind.TRAINING.value
    seasonal = declared is not None and declared.seasonal and trained
    facts = FeatureFacts(
        meaning=(declared.meaning or "") if declared else "the model's score",
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
    grain = detail.schema.grain
    dated = grain is not Grain.BATCH
    return DriftSeries(
        starts=tuple(verdict.window_start for verdict in verdicts),
        labels=tuple(label(verdict.window_start, grain) for verdict in verdicts),
        excess=tuple(verdict.value for verdict in verdicts),
        low=tuple(verdict.ci_low for verdict in verdicts),
        high=tuple(verdict.ci_high for verdict in verdicts),
        n=tuple(verdict.n for verdict in verdicts),
        states=tuple(verdict.state if judged else State.NOT_APPLICABLE for verdict in verdicts),
        limits=lines if judged else (),
        events=tuple(one for one in events if dated and verdicts[0].window_start <= one.day < verdicts[-1].window_end),
        dated=dated,
    )
