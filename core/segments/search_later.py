"""Reported segments in other windows: whether they hold in the next one, and how they came to be."""

from collections.abc import Sequence

import numpy as np

from core.points import finite
from core.segments.filters import Filter
from core.segments.search_candidates import FEWEST_ROWS
from core.segments.search_means import mean_interval_of
from core.segments.search_reference import Losses, worse_p
from core.segments.search_result import Later, NextWindow, Point
from core.segments.search_significance import Sums, one_sided_p, sums_of
from core.stats.multiplicity import benjamini_hochberg

HOLDS = 0.05
"""The q of Benjamini–Hochberg over the reported segments alone, in the next window."""

FEWEST_DRAWN = 30


def held(
    segments: Sequence[Filter],
    following: Losses | None,
    *,
    news: Sequence[bool],
    reference: Losses | None,
    why_not: str = "",
) -> tuple[NextWindow, ...]:
    """Return for each reported segment whether the next window says of it what this one does.

    It holds when it is worse than the rest there too, Benjamini–Hochberg at .05 over the reported segments alone. What
    was reported as worse than in the reference must be so there too: a kind of row that was always hard, and is again
    as hard as ever, did not hold as news.

    Parameters
    ----------
    following : rows with their loss in the next window; None where there are none, for the reason `why_not`
    news : whether each was reported as worse than in the reference
    """
    if following is None:
        return tuple(NextWindow(outcome=Later.TOO_FEW, n=0, reason=why_not) for _ in segments)
    there = [_sides(one, following) for one in segments]
    p = [float(one_sided_p(*sides, following.kind)) if _enough(sides) else np.nan for sides in there]
    if reference is not None:
        before = [_sides(one, reference) if new else None for one, new in zip(segments, news, strict=True)]
        p = [
            each if sides is None else _larger(each, worse_p(now, sides))
            for each, now, sides in zip(p, there, before, strict=True)
        ]
    adjusted = benjamini_hochberg(np.array(p, np.float64))
    return tuple(_said(sides, float(each)) for sides, each in zip(there, adjusted, strict=True))


def _sides(wanted: Filter, losses: Losses) -> tuple[Sums, Sums]:
    """Return the sums of a segment and of the rest."""
    one = losses.of(wanted)
    return one, sums_of(losses.loss).less(one)


def _enough(sides: tuple[Sums, Sums]) -> bool:
    return min(float(one.n) for one in sides) >= FEWEST_ROWS


def _larger(first: float, second: float) -> float:
    """Return the larger p; the second may be unknown, the first not without the whole."""
    return first if np.isnan(second) else float(np.maximum(first, second))


def _said(sides: tuple[Sums, Sums], p: float) -> NextWindow:
    one, rest = sides
    n = int(one.n)
    if np.isnan(p):
        few = f"{n:,} rows of it" if n < FEWEST_ROWS else f"{int(rest.n):,} other rows"
        reason = f"{few} with an actual in the next window, {FEWEST_ROWS} needed"
        return NextWindow(outcome=Later.TOO_FEW, n=n, reason=reason)
    outcome = Later.HELD if p <= HOLDS else Later.DID_NOT_HOLD
    return NextWindow(outcome=outcome, n=n, mean=float(one.mean), rest=float(rest.mean))


def point(wanted: Filter, losses: Losses | None, *, start: str, end: str) -> Point:
    """Return one segment in one window, beside the rest of its rows."""
    if losses is None:
        return Point(start=start, end=end, n=0, mean=None, low=None, high=None, rest=None)
    one = losses.of(wanted)
    rest = sums_of(losses.loss).less(one)
    n = int(one.n)
    if n < FEWEST_DRAWN or float(rest.n) < FEWEST_DRAWN:
        return Point(start=start, end=end, n=n, mean=None, low=None, high=None, rest=None)
    interval = mean_interval_of(one, losses.kind)
    return Point(
        start=start,
        end=end,
        n=n,
        mean=float(one.mean),
        low=finite(float(interval.low)),
        high=finite(float(interval.high)),
        rest=float(rest.mean),
    )
