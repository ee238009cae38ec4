"""Quality of the stored windows: what is missing, late, unusual, or against the contract, and what was kept out."""

from dataclasses import dataclass, replace

import numpy as np

from core.checks.limits import Limits, load_limits
from core.checks.silence import silence_now
from core.checks.verdicts import Verdict
from core.errors import NotEnoughDataError
from core.inventory.records import AcceptedContract
from core.log.outcomes import BatchInfo, QuarantinedRow
from core.points import MetricPoint, withheld
from core.profile.binning import SCORE
from core.profile.profile import ProfileStack
from core.profile.segments import chosen_segments
from core.profile.summing import window_sums
from core.quality.display import History, history_of
from core.quality.points import Asked, Place, quality_rows
from core.quality.shares import METRICS
from core.selection import MetricAnswer, MetricQuery
from core.store import batches as stored_batches
from core.store import quarantine as stored_quarantine
from core.store.contracts import accepted_contract
from core.store.database import Session, Store
from core.store.models import model_by_name
from core.store.quarantine import RuleCount
from core.store.series import (
    Series,
    find_version,
    load_series,
    model_schema,
    profiled_days,
    removed_words,
    roles_of,
    unanswered,
    with_removed,
)
from core.windows import Window, following

HISTORY_DAYS = 56
"""Days before a unit that its volume and its freshness look back on."""


def quality_points(store: Store, query: MetricQuery) -> MetricAnswer:
    """Return every quality metric of the windows asked for, with interval and n.

    By feature (and for the score): `core.quality.shares.SHARES` and, of numeric ones, `SKEW`; for all features
    together: `WHOLE`. By segment what is counted there; all else says why not.
    """
    with store.read() as session:
        try:
            series = load_series(session, query, store.clock.now())
        except NotEnoughDataError as why:
            schema = model_schema(session, model_by_name(session, query.model))
            return unanswered(session, query, METRICS, (*schema.feature_names, SCORE, None), str(why))
        silent = _silence(session, store, query, series)
    points = quality_rows(_asked(series, query), silent.value if silent.value is None else int(silent.value))
    return MetricAnswer(
        version=series.version.name, points=with_removed(series, withheld(points, series.schema.protected))
    )


def _asked(series: Series, query: MetricQuery) -> Asked:
    sums = window_sums(series.current, series.windows)
    places: tuple[Place, ...] = (Place(),)
    if query.slice is not None:
        chosen = chosen_segments(series.layout.binning, query.slice)
        places = tuple(Place(segment={one.column: one.label}, place=place) for one, place in chosen)
    return Asked(
        layout=series.layout,
        grain=series.schema.grain,
        windows=series.windows,
        sums=sums,
        days=series.current,
        reference=series.reference,
        places=places,
    )


def _silence(session: Session, store: Store, query: MetricQuery, series: Series) -> Verdict:
    """Return what is said of the time since the last prediction, by the store's clock."""
    roles = roles_of(query.role)
    days = profiled_days(session, series.version, roles)[-HISTORY_DAYS:]
    return silence_now(days, series.schema, load_limits(series.schema.limits), store.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityDetail:
    """What the Data quality page shows of one window beside the stored verdicts.

    Attributes
    ----------
    points : every quality metric of the window
    reference_points : the same shares of the whole reference, by metric and feature
    silence : verdict by the store's clock
    removed : rows that the contract removed, in words; or empty
    """

    version: str
    window: Window
    limits: Limits
    points: tuple[MetricPoint, ...]
    reference_points: tuple[MetricPoint, ...]
    silence: Verdict
    removed: str
    provisional: bool
    provenance_id: str


def quality_detail(store: Store, query: MetricQuery) -> QualityDetail:
    """Return the quality of one window in full.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    with store.read() as session:
        series = load_series(session, query, store.clock.now())
        silent = _silence(session, store, query, series)
    asked = _asked(series, query)
    points = quality_rows(asked, None if silent.value is None else int(silent.value))
    return QualityDetail(
        version=series.version.name,
        window=series.windows[0],
        limits=load_limits(series.schema.limits),
        points=tuple(withheld(points, series.schema.protected)),
        reference_points=tuple(withheld(quality_rows(_of_reference(asked), None), series.schema.protected)),
        silence=silent,
        removed=removed_words(series, series.windows[0]),
        provisional=series.version.provisional,
        provenance_id=asked.sums.provenance_ids[0],
    )


def _of_reference(asked: Asked) -> Asked:
    """Return the same question to the whole reference as if it were one window."""
    whole = asked.reference
    total = ProfileStack(
        binning_id=whole.binning_id,
        days=whole.days[:1],
        ints=whole.ints.sum(axis=0, dtype=np.int64)[None],
        floats=whole.floats.sum(axis=0)[None],
        provenance_ids=whole.provenance_ids[:1],
    )
    window = Window(whole.days[0], following(whole.days[0], asked.grain))
    return replace(asked, windows=(window,), sums=window_sums(total, (window,)), days=total)


def quality_history(store: Store, query: MetricQuery, *, count: int) -> History:
    """Return shares, violations by rule and volume of the last `count` units up to the window's end, unit by unit.

    Raises
    ------
    NotEnoughDataError
        When the version has no reference, or no closed unit with predictions.
    """
    at = store.clock.now()
    with store.read() as session:
        one = load_series(session, query, at)
        end = one.windows[-1].end
        roles = roles_of(query.role)
        days = [day for day in profiled_days(session, one.version, roles) if day < end][-count:]
        if not days:
            raise NotEnoughDataError("no predictions up to the end of this window")
        series = load_series(session, replace(query, window=Window(days[0], end), every=None), at)
        contract = accepted_contract(session, series.version.id)
    asked = _asked(series, query)
    rules = {} if contract is None else contract.contract.rules
    return history_of(asked, days, rules=rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What came in for a model, and what stayed out.

    Attributes
    ----------
    batches : newest first
    quarantined : rows by batch, column and rule, of landed batches
    n_entries : entries that `quarantine_page` has in all (rows, and counts of further rows)
    contract : in force for the version; None: none was accepted
    """

    batches: tuple[BatchInfo, ...]
    quarantined: tuple[RuleCount, ...]
    n_entries: int
    contract: AcceptedContract | None


def intake(store: Store, *, model: str, version: str | None = None) -> Intake:
    """Return the batches of a model, what was kept out of its log, and the contract of a version."""
    with store.read() as session:
        known = model_by_name(session, model)
        return Intake(
            batches=stored_batches.batches(session, known.id),
            quarantined=stored_quarantine.rule_counts(session, known.id),
            n_entries=stored_quarantine.quarantine_entries(session, known.id),
            contract=accepted_contract(session, find_version(session, known, version).id),
        )


def quarantine_page(store: Store, *, model: str, offset: int, count: int) -> tuple[tuple[str, QuarantinedRow], ...]:
    """Return `count` quarantined rows of a model from `offset` on, each with the name of its file, newest first."""
    with store.read() as session:
        known = model_by_name(session, model)
        return stored_quarantine.quarantine_page(session, known.id, offset=offset, limit=count)
