"""Reported segments in other windows: whether they hold in the next one, and how they came to be."""

from collections.abc import Sequence

import numpy as np

from core.points import finite
from core.segments.filters import Filter
from core.segments.search_candidates import FEWEST_ROWS
from core.segments.search_means import mean_interval_of
from core.segments.search_reference import Losses
from core.segments.search_result import Later, NextWindow, Point
from core.segments.search_significance import one_sided_p, sums_of
from core.stats.multiplicity import benjamini_hochberg

HOLDS = 0.05
"""The q of Benjamini–Hochberg over the reported segments alone, in the next window."""

FEWEST_DRAWN = 30


def held(segments: Sequence[Filter], following: Losses | None, *, why_not: str = "") -> tuple[NextWindow, ...]:
    """Return for each reported segment whether it is worse than the rest in the next window too.

    Parameters
    ----------
    following : rows with their loss in the next window; None where there are none, for the reason `why_not`
    """
    if following is None:
        return tuple(NextWindow(outcome=Later.TOO_FEW, n=0, reason=why_not) for _ in segments)
    whole = sums_of(following.loss)
    sides = [(one, whole.less(one)) for one in (following.of(wanted) for wanted in segments)]
    enough = [min(float(one.n), float(rest.n)) >= FEWEST_ROWS for one, rest in sides]
    p = [
        float(one_sided_p(*side, following.kind)) if known else np.nan
        for side, known in zip(sides, enough, strict=True)
    ]
    adjusted = benjamini_hochberg(np.array(p, np.float64))
    found = []
    for (one, rest), known, each in zip(sides, enough, adjusted, strict=True):
        n = int(one.n)
        if not known:
            why = f"{n:,} rows of it with an actual in the next window, {FEWEST_ROWS} needed"
            found.append(NextWindow(outcome=Later.TOO_FEW, n=n, reason=why))
            continue
        outcome = Later.HELD if each <= HOLDS else Later.DID_NOT_HOLD
        found.append(NextWindow(outcome=outcome, n=n, mean=float(one.mean), rest=float(rest.mean)))
    return tuple(found)


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
