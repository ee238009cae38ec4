"""The change of a metric between two windows, as the parts of the segments of one column, with their intervals."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.attribution.auc import AucParts, decompose_auc, pair_ratio
from core.attribution.decomposition import Parts, Ratio, decompose, of_root
from core.attribution.drawn import DRAWS, Drawable, multinomial_draws
from core.attribution.measures import RMSE, ROC_AUC, WEIGHT_OF, measured, pair_counts
from core.attribution.pooling import Pooling, pool_small
from core.errors import NotEnoughDataError
from core.log.document import ValueDocument
from core.performance.of_task import performance_of
from core.points import finite
from core.profile.binning import Segment
from core.profile.counts import TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import segment_totals
from core.profile.segments import chosen_segments
from core.profile.summing import Summed
from core.selection import Slice

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_REASON = {"error_rate": "accuracy", "mse": "rmse"}
"""Metrics that are withheld wherever another one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A part of a change with its 95 % interval, in the unit of the metric."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPart:
    """What one segment adds to a change.

    Attributes
    ----------
    n_reference, n_current : int
        Rows, with or without an actual.
    weight_reference, weight_current : float in [0, 1]
        The segment's share of what the metric is a mean over; of the AUC the mean of its shares of the positives
        and of the negatives.
    value_reference, value_current : float or None
        The metric in the segment; None where it has nothing there. Of the AUC: of its rows among themselves.
    mix, within : Amount
    between : Amount or None
        Only of the AUC: against rows of other segments.
    segment : Segment or None
        None for "other", which no filter can name.
    """

    name: str
    n_reference: int
    n_current: int
    weight_reference: float
    weight_current: float
    value_reference: float | None
    value_current: float | None
    mix: Amount
    within: Amount
    between: Amount | None = None
    segment: Segment | None = None

    @property
    def total(self) -> float:
        """All that the segment adds to the change."""
        return self.mix.value + self.within.value + (0.0 if self.between is None else self.between.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that was split.

    Attributes
    ----------
    weight : str
        What a segment counts by: rows, predicted positives, …
    before, now : float
        The metric in both windows, of all rows together.
    change, mix, within : Amount
        The parts of all segments together; mix + within + between = change.
    between : Amount or None
    parts : tuple of SegmentPart, the largest part first
    pooled : tuple of str
        Segments with fewer than 10 rows in a window, which stand in "other".
    bound : float
        The change of the rows differs by at most so much (score bins of the AUC); 0 where it is exact.
    finer : float or None
        The change on the finer score bins of all rows together, where the metric has such.
    """

    metric: str
    column: str
    weight: str
    before: float
    now: float
    change: Amount
    mix: Amount
    within: Amount
    between: Amount | None
    parts: tuple[SegmentPart, ...]
    pooled: tuple[str, ...]
    bound: float = 0.0
    finer: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """Parts with leading draws, whatever the metric: mix, within and between are ``(..., G)``."""

    mix: Floats
    within: Floats
    between: Floats | None
    total: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """What both windows showed: the split as it was and drawn, and the segments' own weights and values."""

    once: _Split
    drawn: _Split
    before: float
    now: float
    weights: tuple[Floats, Floats]
    values: tuple[Floats, Floats]
    bound: float


def attribute_change(
    layout: Layout,
    reference: Summed,
    current: Summed,
    *,
    column: str,
    metric: str,
    value: ValueDocument | None = None,
    seed: int = 0,
) -> Change:
    """Return the change of a metric from `reference` to `current` as the parts of the segments of `column`.

    Segments with fewer than 10 rows in a window are pooled into "other" first. Intervals are percentiles of 500
    draws of what happened inside each segment of both windows; the sizes of the segments are taken as seen.

    Parameters
    ----------
    metric : one of `core.attribution.measures.SPLIT_OF` the task
    value : the declared value model
    seed : of the draws

    Raises
    ------
    NotEnoughDataError
        When the metric cannot be given in one of the windows; the message says which and why.
    BadInputError
        When `column` is no segment column.

    References
    ----------
    Kitagawa 1955; statistics.md §9.
    """
    _require_both(layout, reference, current, metric)
    segments, places, rows = column_rows(layout, reference, current, column)
    pooling = pool_small(segments, *rows)
    rng = np.random.default_rng(seed)
    if metric == ROC_AUC:
        sides = _auc_sides(layout, reference, current, places, pooling, rng=rng)
    else:
        both = [measured(layout, side, metric, places, pooling, value=value) for side in (reference, current)]
        sides = _mean_sides(both[0], both[1], rng, root=metric == RMSE)
    if not (np.isfinite(sides.before) and np.isfinite(sides.now)):
        which = "the window" if np.isfinite(sides.before) else "the reference"
        raise NotEnoughDataError(f"{which} has no {WEIGHT_OF[metric]} with what the metric needs")
    pooled_rows = tuple(pooling.apply(side).astype(np.int64) for side in rows)
    found = _change(sides, pooling, (pooled_rows[0], pooled_rows[1]), column=column, metric=metric)
    return replace(found, finer=_finer(layout, reference, current)) if metric == ROC_AUC else found


def _finer(layout: Layout, reference: Summed, current: Summed) -> float | None:
    """Return the change of the AUC on the score bins of all rows together."""
    before, now = (
        float(performance_of(layout, side.ints, side.floats).estimates[ROC_AUC].value) for side in (reference, current)
    )
    return finite(now - before)


def column_rows(
    layout: Layout, reference: Summed, current: Summed, column: str
) -> tuple[tuple[Segment, ...], Ints, tuple[Ints, Ints]]:
    """Return the segments of a column, their places in the profile, and their rows in both windows.

    Raises
    ------
    BadInputError
        When it is no segment column of the version.
    """
    chosen = chosen_segments(layout.binning, Slice(column=column))
    places = np.array([place for _, place in chosen], np.int64)
    before, now = (
        np.asarray(segment_totals(layout, side.ints)[places, TOTAL_ROWS], np.int64) for side in (reference, current)
    )
    return tuple(segment for segment, _ in chosen), places, (before, now)


def _require_both(layout: Layout, reference: Summed, current: Summed, metric: str) -> None:
    """Refuse a metric that one of the windows withholds, for the same reason as on every page."""
    for name, side in (("the reference", reference), ("the window", current)):
        found = performance_of(layout, side.ints, side.floats).estimates.get(SAME_REASON.get(metric, metric))
        if found is not None and str(found.reason):
            raise NotEnoughDataError(f"{name}: {str(found.reason).removeprefix('not applicable: ')}")


def _mean_sides(reference: Drawable, current: Drawable, rng: np.random.Generator, *, root: bool) -> _Sides:
    before, now = reference.ratio(), current.ratio()
    again = reference.drawn(rng, DRAWS), current.drawn(rng, DRAWS)
    if root:  # a drawn mean square is never below 0
        again = _not_negative(again[0]), _not_negative(again[1])
    values = (before.values, now.values)
    overall = np.array([before.overall, now.overall], np.float64)
    if root:
        values, overall = (np.sqrt(values[0]), np.sqrt(values[1])), np.sqrt(overall)
    return _Sides(
        once=_of_parts(before, now, root=root),
        drawn=_of_parts(*again, root=root),
        before=float(overall[0]),
        now=float(overall[1]),
        weights=(before.weights, now.weights),
        values=values,
        bound=0.0,
    )


def _not_negative(one: Ratio) -> Ratio:
    return Ratio(numerator=np.maximum(one.numerator, 0.0), denominator=one.denominator)


def _of_parts(before: Ratio, now: Ratio, *, root: bool) -> _Split:
    parts: Parts = decompose(before, now)
    if root:
        parts = of_root(parts, before, now)
    return _Split(mix=parts.mix, within=parts.within, between=None, total=parts.total)


def _auc_sides(
    layout: Layout, reference: Summed, current: Summed, places: Ints, pooling: Pooling, *, rng: np.random.Generator
) -> _Sides:
    counts, drawn = [], []
    for side in (reference, current):
        by_actual, effective = pair_counts(layout, side, places, pooling)
        counts.append(by_actual)
        flat = by_actual.reshape(len(by_actual), -1)
        drawn.append(multinomial_draws(flat, effective, rng, DRAWS).reshape(DRAWS, *by_actual.shape))
    once = _auc_parts(counts[0], counts[1])
    return _Sides(
        once=_of_auc(once),
        drawn=_of_auc(_auc_parts(drawn[0], drawn[1])),
        before=float(once.before),
        now=float(once.now),
        weights=(_auc_weights(counts[0]), _auc_weights(counts[1])),
        values=(_own_auc(counts[0]), _own_auc(counts[1])),
        bound=float(once.bound),
    )


def _auc_parts(before: Floats, now: Floats) -> AucParts:
    """Return the parts from actual × score bin by segment, ``(..., G, 2, B)``."""
    return decompose_auc(before[..., 1, :], before[..., 0, :], now[..., 1, :], now[..., 0, :])


def _of_auc(parts: AucParts) -> _Split:
    return _Split(mix=parts.mix, within=parts.within, between=parts.between, total=parts.total)


def _auc_weights(counts: Floats) -> Floats:
    by_actual = counts.sum(-1)
    return np.asarray((by_actual / by_actual.sum(0)).mean(-1))


def _own_auc(counts: Floats) -> Floats:
    """Return the AUC of each segment's rows among themselves, ``(G,)``; NaN without both classes."""
    return pair_ratio(counts[:, None, 1, :], counts[:, None, 0, :]).overall


def _change(sides: _Sides, pooling: Pooling, rows: tuple[Ints, Ints], *, column: str, metric: str) -> Change:
    once, drawn = sides.once, sides.drawn
    ends = {name: _ends(getattr(drawn, name)) for name in ("mix", "within", "between")}
    parts = []
    for place, name in enumerate(pooling.names):
        amounts = {
            kind: _amount(getattr(once, kind)[place], ends[kind][:, place])
            for kind in ends
            if getattr(once, kind) is not None
        }
        parts.append(
            SegmentPart(
                name=name,
                n_reference=int(rows[0][place]),
                n_current=int(rows[1][place]),
                weight_reference=float(sides.weights[0][place]),
                weight_current=float(sides.weights[1][place]),
                value_reference=finite(float(sides.values[0][place])),
                value_current=finite(float(sides.values[1][place])),
                mix=amounts["mix"],
                within=amounts["within"],
                between=amounts.get("between"),
                segment=pooling.alone[place],
            )
        )
    whole = _whole(once, drawn)
    return Change(
        metric=metric,
        column=column,
        weight=WEIGHT_OF[metric],
        before=sides.before,
        now=sides.now,
        change=_amount(once.total, _ends(drawn.total)),
        mix=whole["mix"],
        within=whole["within"],
        between=whole.get("between"),
        parts=tuple(sorted(parts, key=lambda one: (-abs(one.total), one.name))),
        pooled=pooling.pooled,
        bound=sides.bound,
    )


def _whole(once: _Split, drawn: _Split) -> Mapping[str, Amount]:
    """Return the parts of all segments together."""
    return {
        kind: _amount(getattr(once, kind).sum(-1), _ends(getattr(drawn, kind).sum(-1)))
        for kind in ("mix", "within", "between")
        if getattr(once, kind) is not None
    }


def _ends(drawn: Floats | None) -> Floats:
    """Return the 2.5 % and 97.5 % quantiles over the draws, ``(2, ...)``."""
    return np.empty((2, 0)) if drawn is None else np.nanpercentile(drawn, (2.5, 97.5), axis=0)


def _amount(value: Floats | np.float64, ends: Floats) -> Amount:
    return Amount(value=float(value), low=float(ends[0]), high=float(ends[1]))
