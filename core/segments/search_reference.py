"""Was it as bad in the reference: whether a weak segment is news, or a kind of row that was always hard."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special

from core.segments.filters import Filter, mask
from core.segments.search_candidates import FEWEST_ROWS
from core.segments.search_losses import LossKind
from core.segments.search_significance import FALSE_SHARE, Sums, gap_error, one_sided_p, sums_of
from core.stats.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WEAK_BEFORE = 0.05
"""One-sided p from which on a segment counts as weak in the reference."""


class Standing(StrEnum):
    """What the reference says of a segment that is weak now."""

    NEW = "new"
    WORSE = "worse"
    KNOWN = "known"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A segment in the reference.

    Attributes
    ----------
    standing : Standing
        NEW: not weak there, and worse now than there; WORSE: weak there, worse now; KNOWN: weak there, no worse
        now; UNCLEAR: none of these can be said, `reason` says why.
    n : int
        Its rows with a loss in the reference.
    deficit : float or None
        Its mean there less the mean of the rest there.
    """

    standing: Standing
    n: int
    deficit: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Rows with their loss, by the user's column names."""

    rows: pa.Table
    loss: Floats
    kind: LossKind

    def of(self, wanted: Filter) -> Sums:
        """Return the sums of the rows that fulfil a filter."""
        return sums_of(self.loss, mask(self.rows, wanted))


def standings(
    segments: Sequence[Filter], now: Sequence[tuple[Sums, Sums]], reference: Losses | None
) -> tuple[Before, ...]:
    """Return for each segment whether the reference knew it.

    "Worse than in the reference" is a one-sided z of the two deficits, Benjamini–Hochberg at .02 over all segments
    given; "weak in the reference" the test of the search there, at .05.

    Parameters
    ----------
    now : sums of each segment and of its rest in the window
    reference : None where the reference has no rows with actuals
    """
    if reference is None:
        nothing = Before(standing=Standing.UNCLEAR, n=0, deficit=None, reason="the reference has no actuals")
        return (nothing,) * len(segments)
    whole = sums_of(reference.loss)
    there = [(found, whole.less(found)) for found in (reference.of(one) for one in segments)]
    p_worse = np.array([worse_p(one, other) for one, other in zip(now, there, strict=True)])
    p_weak = np.array([weak_p(one, reference.kind) for one in there])
    adjusted = benjamini_hochberg(p_worse)
    return tuple(
        _before(sums, float(worse), float(weak)) for sums, worse, weak in zip(there, adjusted, p_weak, strict=True)
    )


def worse_p(now: tuple[Sums, Sums], there: tuple[Sums, Sums]) -> float:
    """Return the one-sided p that the deficit of now is larger than the one there by chance; NaN: too few rows."""
    if min(float(there[0].n), float(there[1].n), float(now[0].n)) < FEWEST_ROWS:
        return float("nan")
    gap = (now[0].mean - now[1].mean) - (there[0].mean - there[1].mean)
    error = np.hypot(gap_error(*now), gap_error(*there))
    return float(special.ndtr(-gap / error)) if error > 0 else float(gap <= 0)


def weak_p(there: tuple[Sums, Sums], kind: LossKind) -> float:
    """Return the one-sided p of a segment against its rest; NaN: too few rows."""
    if min(float(there[0].n), float(there[1].n)) < FEWEST_ROWS:
        return float("nan")
    return float(one_sided_p(*there, kind))


def _before(there: tuple[Sums, Sums], worse: float, weak: float) -> Before:
    n = int(there[0].n)
    if np.isnan(worse) or np.isnan(weak):
        why = f"{n:,} rows of it in the reference, {FEWEST_ROWS} needed"
        return Before(standing=Standing.UNCLEAR, n=n, deficit=None, reason=why)
    deficit = float(there[0].mean - there[1].mean)
    if worse <= FALSE_SHARE:
        return Before(standing=Standing.WORSE if weak <= WEAK_BEFORE else Standing.NEW, n=n, deficit=deficit)
    if weak <= WEAK_BEFORE:
        return Before(standing=Standing.KNOWN, n=n, deficit=deficit)
    why = "not weak in the reference, and not surely worse now"
    return Before(standing=Standing.UNCLEAR, n=n, deficit=deficit, reason=why)
