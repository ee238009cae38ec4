"""The quality metrics of windows as points: by feature, and of all features together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.points import MetricPoint, finite
from core.profile.bins import Floats, Ints, NumericBins
from core.profile.counts import TOTAL_COMPLETE, TOTAL_ROWS
from core.profile.layout import Layout, counted_by_segment
from core.profile.profile import (
    ProfileStack,
    arrival_counts,
    decimal_counts,
    feature_counts,
    segment_cells,
    segment_totals,
    totals,
)
from core.profile.summing import WindowSums
from core.quality.freshness import HISTORY, NO_DAYS, NO_ROWS, freshness, loaded_at_once
from core.quality.shares import SHARES, SKEW, QualityShare, completeness, quality_shares, segment_shares
from core.quality.skew import decimals_distance, integer_share, magnitude, scale_ratio
from core.quality.volume import NO_DAYS as NO_VOLUME
from core.quality.volume import volume_ratio
from core.states import State
from core.windows import Grain, Window, label

NOT = "not applicable: "
WHOLE_ONLY = "not applicable: counted for the whole population only"
NO_NUMBERS = "not applicable: a category is no number"
NOT_DECLARED = "not applicable: not a feature of the model"
ONE_DAY = "not applicable: volume is compared day by day; ask for single days"
FEW_WEEKDAYS = "not applicable: fewer than 3 of the same weekday in the last 28 days"
OF_NOW = "not applicable: silence is counted from the last prediction to now, of the last window only"
NO_CLOCK = "not applicable: numbered batches have no clock"
NO_VALUES = "not applicable: no values that are not 0 on both sides"
NO_DECIMALS = "not applicable: no values that are not whole numbers on both sides"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose rows are meant: a segment with its place in the binning; by default everybody."""

    segment: Mapping[str, str] = field(default_factory=dict)
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The windows asked for, their sums, and what they are compared with.

    Attributes
    ----------
    days : ProfileStack
        The units of the windows, and the 56 days before them.
    """

    layout: Layout
    grain: Grain
    windows: tuple[Window, ...]
    sums: WindowSums
    days: ProfileStack
    reference: ProfileStack
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One metric of every window; arrays over (n_windows,). A window without a value says why, by `reasons`."""

    metric: str
    feature: str | None
    value: Floats
    low: Floats
    high: Floats
    n: Ints
    reasons: Sequence[str]


def quality_rows(asked: Asked, silent: int | None) -> Iterator[MetricPoint]:
    """Yield the points of every window and place, window by window.

    Parameters
    ----------
    silent : units without a prediction up to now, for the last window
    """
    columns = [(place, tuple(_columns(asked, place, silent))) for place in asked.places]
    for row, window in enumerate(asked.windows):
        for place, found in columns:
            for one in found:
                yield _point(asked, one, place, row, window)


def _point(asked: Asked, one: Column, place: Place, row: int, window: Window) -> MetricPoint:
    value = finite(float(one.value[row]))
    reason = one.reasons[row] or (NO_ROWS if value is None else "")
    return MetricPoint(
        metric=one.metric,
        window_start=label(window.start, asked.grain),
        window_end=label(window.end, asked.grain),
        segment=place.segment,
        feature=one.feature,
        value=value,
        ci_low=finite(float(one.low[row])),
        ci_high=finite(float(one.high[row])),
        n=int(one.n[row]),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=reason,
        provenance_id=asked.sums.provenance_ids[row],
    )


def _columns(asked: Asked, place: Place, silent: int | None) -> Iterator[Column]:
    for name in asked.layout.binning.features:
        shares = feature_shares(asked, name, place, asked.sums.ints, asked.sums.floats)
        yield from (_share_column(one, name, len(asked.windows)) for one in shares)
        yield from _skew_columns(asked, name, place)
    yield from _whole_columns(asked, place, silent)


def feature_shares(asked: Asked, name: str, place: Place, ints: Ints, floats: Floats) -> tuple[QualityShare, ...]:
    """Return the shares of a feature over the leading axis of the vectors, in the order of `SHARES`."""
    bins = asked.layout.binning.features[name]
    if place.place is None:
        return quality_shares(bins, feature_counts(asked.layout, ints, floats, name))
    if name in counted_by_segment(asked.layout.binning):
        return segment_shares(bins, segment_cells(asked.layout, ints, name)[..., place.place, :])
    n = segment_totals(asked.layout, ints)[..., place.place, TOTAL_ROWS]
    nothing = np.full(n.shape, np.nan)
    empty = completeness(np.zeros_like(n), np.zeros_like(n)).interval
    reason = "not applicable: this feature is not counted by segment; name it under segment_features"
    return tuple(
        QualityShare(metric=metric, count=np.zeros_like(n), n=n, value=nothing, interval=empty, reason=reason)
        for metric in SHARES
    )


def _share_column(one: QualityShare, feature: str | None, n_windows: int) -> Column:
    return Column(
        metric=one.metric,
        feature=feature,
        value=one.value,
        low=one.interval.low,
        high=one.interval.high,
        n=one.n,
        reasons=(one.reason,) * n_windows,
    )


def _nothing(metric: str, feature: str | None, n: Ints, reason: str) -> Column:
    nothing = np.full(n.shape, np.nan)
    return Column(
        metric=metric, feature=feature, value=nothing, low=nothing, high=nothing, n=n, reasons=(reason,) * len(n)
    )


def _skew_columns(asked: Asked, name: str, place: Place) -> Iterator[Column]:
    """Yield unit, share of whole numbers and decimals of one feature against the whole reference."""
    layout, sums = asked.layout, asked.sums
    bins, none = layout.binning.features[name], np.zeros(len(asked.windows), np.int64)
    why = NOT_DECLARED if name not in layout.binning.declared else ""
    why = why or (WHOLE_ONLY if place.place is not None else "")
    if why or not isinstance(bins, NumericBins):
        yield from (_nothing(metric, name, none, why or NO_NUMBERS) for metric in SKEW)
        return
    known = asked.reference
    total = feature_counts(layout, known.ints.sum(axis=0), known.floats.sum(axis=0), name)
    scale = scale_ratio(magnitude(bins, total), magnitude(bins, feature_counts(layout, sums.ints, sums.floats, name)))
    yield Column(
        metric="scale_ratio",
        feature=name,
        value=scale.ratio,
        low=scale.low,
        high=scale.high,
        n=scale.n,
        reasons=_where_unknown(scale.ratio, NO_VALUES),
    )
    now, before = decimal_counts(layout, sums.ints, name), decimal_counts(layout, known.ints, name)
    whole = integer_share(now)
    yield Column(
        metric="integer_share",
        feature=name,
        value=whole.value,
        low=whole.interval.low,
        high=whole.interval.high,
        n=whole.n,
        reasons=_where_unknown(whole.value, "not applicable: no finite values in this window"),
    )
    distance = decimals_distance(before, now)
    nothing = np.full(distance.shape, np.nan)
    yield Column(
        metric="decimals_distance",
        feature=name,
        value=distance,
        low=nothing,
        high=nothing,
        n=now[..., 1:].sum(axis=-1),
        reasons=_where_unknown(distance, NO_DECIMALS),
    )


def _where_unknown(value: Floats, reason: str) -> tuple[str, ...]:
    return tuple("" if known else reason for known in np.isfinite(value).tolist())


def _whole_columns(asked: Asked, place: Place, silent: int | None) -> Iterator[Column]:
    counted = place_totals(asked, place, asked.sums.ints)
    rows = counted[..., TOTAL_ROWS]
    n_windows = len(asked.windows)
    yield _share_column(completeness(counted[..., TOTAL_COMPLETE], rows), None, n_windows)
    yield Column(
        metric="volume",
        feature=None,
        value=np.where(rows > 0, rows.astype(np.float64), np.nan),
        low=np.full(n_windows, np.nan),
        high=np.full(n_windows, np.nan),
        n=rows,
        reasons=tuple("" if held else NO_ROWS for held in (rows > 0).tolist()),
    )
    yield _volume_column(asked, place, rows)
    yield _freshness_column(asked, rows) if place.place is None else _nothing("freshness_hours", None, rows, WHOLE_ONLY)
    yield _silence_column(asked, rows, silent, place)


def place_totals(asked: Asked, place: Place, ints: Ints) -> Ints:
    """Return the block ``totals`` of a place over the leading axis of the vectors, (..., 6)."""
    if place.place is None:
        return totals(asked.layout, ints)
    return segment_totals(asked.layout, ints)[..., place.place, :]


def _volume_column(asked: Asked, place: Place, rows: Ints) -> Column:
    if asked.grain is not Grain.DAY:
        return _nothing("volume_ratio", None, rows, NOT + NO_VOLUME)
    found = volume_ratio(asked.days.days, place_totals(asked, place, asked.days.ints)[..., TOTAL_ROWS])
    at = {day: row for row, day in enumerate(asked.days.days)}
    value, low, high = (np.full(len(rows), np.nan) for _ in range(3))
    reasons = []
    for row, window in enumerate(asked.windows):
        here = at.get(window.start, -1)
        if window.days > 1:
            reasons.append(ONE_DAY)
            continue
        if here >= 0:
            value[row] = found.ratio[here]
            low[row], high[row] = found.interval.low[here], found.interval.high[here]
        reasons.append("" if np.isfinite(value[row]) or not rows[row] else FEW_WEEKDAYS)
    return Column(metric="volume_ratio", feature=None, value=value, low=low, high=high, n=rows, reasons=reasons)


def _freshness_column(asked: Asked, rows: Ints) -> Column:
    """Return the freshness of the rows that did not come in with a history."""
    if asked.grain is not Grain.DAY:
        return _nothing("freshness_hours", None, rows, NO_DAYS)
    arrival = recent_arrivals(asked.layout, asked.days)
    days: NDArray[np.object_] = np.array(asked.days.days, dtype=object)
    summed = np.stack([arrival[_inside(days, window)].sum(axis=0) for window in asked.windows])
    found = freshness(summed)
    reasons = [
        "" if known else HISTORY if older else NO_ROWS
        for known, older in zip((found.n > 0).tolist(), (found.n_history > 0).tolist(), strict=True)
    ]
    return Column(
        metric="freshness_hours",
        feature=None,
        value=found.hours,
        low=found.low,
        high=found.high,
        n=found.n,
        reasons=reasons,
    )


def _inside(days: NDArray[np.object_], window: Window) -> NDArray[np.bool_]:
    return np.fromiter((day in window for day in days), np.bool_, len(days))


def recent_arrivals(layout: Layout, days: ProfileStack) -> Ints:
    """Return the arrivals of every day, those of a history loaded at once moved to its bin, (n_days, 13)."""
    arrival = arrival_counts(layout, days.ints).copy()
    history = loaded_at_once(days.days, arrival)
    arrival[history, -1] = arrival[history].sum(axis=-1)
    arrival[history, :-1] = 0
    return arrival


def _silence_column(asked: Asked, rows: Ints, silent: int | None, place: Place) -> Column:
    nothing = np.full(len(rows), np.nan)
    value = nothing.copy()
    reasons = [OF_NOW] * len(rows)
    if place.place is not None:
        reasons = [WHOLE_ONLY] * len(rows)
    elif silent is None:
        reasons[-1] = NO_CLOCK if asked.grain is Grain.BATCH else OF_NOW
    elif rows[-1] > 0:
        value[-1], reasons[-1] = silent, ""
    return Column(metric="silence_units", feature=None, value=value, low=nothing, high=nothing, n=rows, reasons=reasons)
