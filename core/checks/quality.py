"""Verdicts on the data itself: shares of rows, volume, freshness, completeness, skew against the reference."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.evidence import Evidence
from core.checks.limits import Limits
from core.checks.quality_days import Flow, flow, freshness_verdict, volume_verdicts
from core.checks.quality_shares import changed_shares, missing_verdicts, share_state, share_verdicts
from core.checks.quality_skew import Skew, skew, skew_verdicts
from core.checks.series import DailyCells, DriftReference, Series, drift_reference
from core.checks.verdicts import Verdict
from core.log.schema import ModelSchema
from core.performance.maturity import Maturity
from core.profile.binning import Binning, Segment
from core.profile.bins import Bins, CategoricalBins, NumericBins
from core.profile.counts import TOTAL_COMPLETE, TOTAL_ROWS
from core.profile.layout import Layout, counted_by_segment
from core.profile.profile import (
    ProfileStack,
    arrival_counts,
    feature_counts,
    segment_cells,
    segment_totals,
    totals,
)
from core.quality.shares import NO_VALUES, missing_share, out_of_range_share, segment_shares, unseen_share
from core.quality.shares import rows as rows_of
from core.states import State
from core.windows import Grain, Window

__all__ = [
    "FINDINGS",
    "Prepared",
    "automatic_segments",
    "missing_verdicts",
    "prepare",
    "share_state",
    "share_verdicts",
    "verdicts",
]

Ints = NDArray[np.int64]
NOT = "not applicable: "
OF_REFERENCE = "the rule is the reference's own range or list: judged as values out of range or unseen categories"

FINDINGS: Mapping[str, str] = {
    "violation_share": "{feature} breaks the contract",
    "completeness": "fewer rows are complete",
    "volume": "the number of rows is unusual",
    "freshness": "the rows came late",
    "silence": "no predictions came in",
    "unit_change": "{feature} seems to have another unit",
    "integer_share": "{feature} seems to have another type",
    "decimals_change": "{feature} is rounded otherwise",
}
"""What happened, by check, for the sentences of Fleet and Overview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """Shares that are compared with the reference: one family."""

    code: str
    series: tuple[Series, ...]
    cells: DailyCells
    reference: DriftReference


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """Shares that are compared with a limit alone: rows concerned and all others, ``(n_days, n_features, 2)``."""

    code: str
    features: tuple[str, ...]
    cells: DailyCells
    segment: Mapping[str, str]
    inapplicable: Mapping[str, str]
    seasonal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What the quality checks of all units of a log need, computed once.

    Attributes
    ----------
    changes, shares : of the whole population
    segment_changes, segment_shares : of the automatic segments, the values of request source and feature set
    """

    limits: Limits
    grain: Grain
    changes: tuple[_Changes, ...]
    segment_changes: tuple[_Changes, ...]
    shares: tuple[_Shares, ...]
    segment_shares: tuple[_Shares, ...]
    flow: Flow
    skew: Skew


def prepare(evidence: Evidence) -> Prepared:
    """Return what `verdicts` needs for every unit of the evidence's log."""
    layout, schema, log = evidence.layout, evidence.schema, evidence.log
    places = automatic_segments(layout.binning, schema)
    segments = ({}, *({one.column: one.label} for one, _ in places))
    by_segment = segment_totals(layout, log.ints)[:, [place for _, place in places], TOTAL_ROWS]
    rows = np.concatenate([totals(layout, log.ints)[:, None, TOTAL_ROWS], by_segment], axis=1)
    return Prepared(
        limits=evidence.limits,
        grain=schema.grain,
        changes=(_missing(evidence), _complete(evidence, {}, None)),
        segment_changes=tuple(_segment_changes(evidence, places)),
        shares=tuple(_whole_shares(layout, log, schema)),
        segment_shares=tuple(_segment_shares(layout, log, places, schema)),
        flow=flow(log.days, rows, arrival_counts(layout, log.ints), segments, schema.grain),
        skew=skew(layout, log, evidence.reference, evidence.limits),
    )


def verdicts(
    prepared: Prepared,
    row: int,
    window: Window,
    mature: Maturity,  # noqa: ARG001 - every family of checks is asked alike
    *,
    followed: Collection[str] = (),
) -> tuple[Verdict, ...]:
    """Return the raw quality verdicts of one unit.

    Of the automatic segments only what stands out is returned: a raw state other than healthy, or a significant
    change.

    Parameters
    ----------
    row : place of the unit in the evidence's log
    window : the unit
    mature : not used: quality does not wait for actuals
    followed : keys of verdicts (`Verdict.key`) that are wanted even if nothing stands out: those with a past
    """
    of_segments: tuple[_Changes | _Shares, ...] = (*prepared.segment_changes, *prepared.segment_shares)
    return (
        *(one for part in prepared.changes for one in _judged(prepared, part, window)),
        *(one for part in prepared.shares for one in _judged(prepared, part, window)),
        *(one for one in volume_verdicts(prepared.flow, row, window, prepared.limits) if _told(one, followed)),
        freshness_verdict(prepared.flow, row, window, prepared.limits),
        *skew_verdicts(prepared.skew, row, window),
        *(one for part in of_segments for one in _judged(prepared, part, window) if _told(one, followed)),
    )


def automatic_segments(binning: Binning, schema: ModelSchema) -> tuple[tuple[Segment, int], ...]:
    """Return the segments by request source and feature set with their places in the binning."""
    columns = {schema.source, schema.feature_set} - {None}
    return tuple((one, place) for place, one in enumerate(binning.segments) if one.column in columns)


def _told(verdict: Verdict, followed: Collection[str]) -> bool:
    """Return whether a verdict is worth telling: on everybody always, on a segment where it stands out."""
    if not verdict.segment or verdict.key in followed:
        return True
    breach = verdict.raw_state in (State.WARNING, State.CRITICAL)
    return breach or (verdict.significant is True and verdict.raw_state is not State.NOT_APPLICABLE)


def _judged(prepared: Prepared, part: _Changes | _Shares, window: Window) -> tuple[Verdict, ...]:
    limits, grain = prepared.limits, prepared.grain
    if isinstance(part, _Changes):
        return changed_shares(part.code, part.reference, part.cells, part.series, window, limits=limits, grain=grain)
    return share_verdicts(
        part.code,
        part.features,
        part.cells,
        window,
        limits,
        without_verdict=part.seasonal,
        inapplicable=part.inapplicable,
        segment=part.segment,
        grain=grain,
    )


def _changes(evidence: Evidence, code: str, series: tuple[Series, ...], cells: tuple[Ints, Ints]) -> _Changes:
    """Return shares of the log (first) and of the reference (second), each ``(n_days, n_series, 2)``."""
    before = DailyCells(days=evidence.reference.days, cells=cells[1])
    rules, grain = evidence.limits.rules, evidence.schema.grain
    return _Changes(
        code=code,
        series=series,
        cells=DailyCells(days=evidence.log.days, cells=cells[0]),
        reference=drift_reference(before, rules, dated=evidence.dated, grain=grain),
    )


def _missing(evidence: Evidence) -> _Changes:
    names, layout = evidence.layout.binning.declared, evidence.layout
    series = tuple(Series(feature=name, seasonal=evidence.schema.features[name].seasonal) for name in names)

    def cells(stack: ProfileStack) -> Ints:
        shares = [missing_share(feature_counts(layout, stack.ints, stack.floats, name)) for name in names]
        return _pairs([(one.count, one.n) for one in shares], len(stack.days))

    return _changes(evidence, "missing_share", series, (cells(evidence.log), cells(evidence.reference)))


def _complete(evidence: Evidence, segment: Mapping[str, str], place: int | None) -> _Changes:
    def cells(stack: ProfileStack) -> Ints:
        whole = totals(evidence.layout, stack.ints)
        counted = whole if place is None else segment_totals(evidence.layout, stack.ints)[:, place]
        return _pairs([(counted[:, TOTAL_COMPLETE], counted[:, TOTAL_ROWS])], len(stack.days))

    series = (Series(feature="", segment=segment),)
    return _changes(evidence, "completeness", series, (cells(evidence.log), cells(evidence.reference)))


def _pairs(shares: list[tuple[Ints, Ints]], n_days: int) -> Ints:
    """Return all other rows and the rows concerned, the last of the two cells, ``(n_days, n_series, 2)``."""
    if not shares:
        return np.zeros((n_days, 0, 2), np.int64)
    return np.stack([np.stack([n - count, count], axis=-1) for count, n in shares], axis=1)


def _segment_changes(evidence: Evidence, places: tuple[tuple[Segment, int], ...]) -> Iterator[_Changes]:
    """Yield missing shares of features × automatic segments as one family, and completeness of each segment.

    A segment without a row in the reference has nothing to be compared with.
    """
    layout, names = evidence.layout, counted_by_segment(evidence.layout.binning)
    held = segment_totals(layout, evidence.reference.ints)[..., TOTAL_ROWS].sum(axis=0) > 0
    places = tuple((one, place) for one, place in places if held[place])
    names = tuple(name for name in names if name in layout.binning.declared)
    if not places:
        return
    series = tuple(Series(feature=name, segment={one.column: one.label}) for name in names for one, _ in places)

    def cells(stack: ProfileStack) -> Ints:
        counts = [segment_cells(layout, stack.ints, name)[:, place] for name in names for _, place in places]
        return _pairs([(one[..., -1], one.sum(-1)) for one in counts], len(stack.days))

    if series:
        yield _changes(evidence, "missing_share", series, (cells(evidence.log), cells(evidence.reference)))
    for one, place in places:
        yield _complete(evidence, {one.column: one.label}, place)


def _whole_shares(layout: Layout, log: ProfileStack, schema: ModelSchema) -> Iterator[_Shares]:
    """Yield unseen, out-of-range and violation shares of the whole population."""
    binning = layout.binning
    seasonal = tuple(name for name, feature in schema.features.items() if feature.seasonal)
    empty = _without_reference(binning)
    found: dict[str, dict[str, tuple[Ints, Ints]]] = {
        "unseen_share": {},
        "out_of_range_share": {},
        "violation_share": {},
    }
    for name in binning.declared:
        bins, counts = binning.features[name], feature_counts(layout, log.ints, log.floats, name)
        numeric = isinstance(bins, NumericBins)
        share = out_of_range_share(bins, counts) if numeric else unseen_share(bins, counts)
        found[share.metric][name] = (share.count, share.n)
        if has_rule(binning, name):
            found["violation_share"][name] = (counts.violations, rows_of(counts))
    repeated = {name: OF_REFERENCE for name in binning.declared if _is_of_reference(binning, name)}
    for code, shares in found.items():
        if shares:
            yield _Shares(
                code=code,
                features=tuple(shares),
                cells=DailyCells(days=log.days, cells=_concerned(list(shares.values()))),
                segment={},
                inapplicable=repeated if code == "violation_share" else empty,
                seasonal=seasonal if code == "out_of_range_share" else (),
            )


def _segment_shares(
    layout: Layout, log: ProfileStack, places: tuple[tuple[Segment, int], ...], schema: ModelSchema
) -> Iterator[_Shares]:
    """Yield unseen and out-of-range shares by automatic segment, where display cells tell them."""
    seasonal = tuple(name for name, feature in schema.features.items() if feature.seasonal)
    names = tuple(name for name in counted_by_segment(layout.binning) if name in layout.binning.declared)
    for one, place in places:
        shares = {
            name: segment_shares(layout.binning.features[name], segment_cells(layout, log.ints, name)[:, place])
            for name in names
        }
        for code in ("unseen_share", "out_of_range_share"):
            by_name = {
                name: (share.count, share.n)
                for name, of_feature in shares.items()
                for share in of_feature
                if share.metric == code and not share.reason
            }
            if by_name:
                yield _Shares(
                    code=code,
                    features=tuple(by_name),
                    cells=DailyCells(days=log.days, cells=_concerned(list(by_name.values()))),
                    segment={one.column: one.label},
                    inapplicable={},
                    seasonal=seasonal if code == "out_of_range_share" else (),
                )


def _concerned(shares: list[tuple[Ints, Ints]]) -> Ints:
    """Return the rows concerned and all others, ``(n_days, n_features, 2)``."""
    return np.stack([np.stack([count, n - count], axis=-1) for count, n in shares], axis=1)


def _without_reference(binning: Binning) -> dict[str, str]:
    """Return the features of which the reference holds no value, so that nothing can lie outside it."""

    def empty(bins: Bins) -> bool:
        return bins.n_bins == 1 if isinstance(bins, NumericBins) else not bins.levels

    return {name: NO_VALUES.removeprefix(NOT) for name, bins in binning.features.items() if empty(bins)}


def has_rule(binning: Binning, name: str) -> bool:
    """Return whether the contract says anything of a feature's values: a range or a list."""
    return binning.ranges.get(name, (None, None)) != (None, None) or name in binning.categories


def _is_of_reference(binning: Binning, name: str) -> bool:
    """Return whether a feature's rule says no more than the reference does: then it is judged there already."""
    bins = binning.features[name]
    if isinstance(bins, CategoricalBins):
        return binning.categories.get(name) == frozenset(bins.levels) | bins.rest
    low, high = binning.ranges.get(name, (None, None))
    if bins.n_bins < 3 or low is None or high is None:
        return False
    return float(np.nextafter(low, -np.inf)) == float(bins.edges[0]) and high == float(bins.edges[-1])
