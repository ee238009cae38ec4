"""Gaps among rows that are alike in a control column: segment by segment, and pooled over the segments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.fairness.gaps import FEWEST_EVENTS, FEWEST_ROWS, Homogeneity, difference, difference_interval, homogeneity
from core.fairness.rates import ACCURACY, FPR, SELECTION_RATE, TPR, Tally, tallies
from core.performance.estimates import Estimate, estimate, first_reason, said
from core.stats.intervals import Z95, Interval
from core.stats.two_proportions import newcombe_difference

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CONDITIONED = (SELECTION_RATE, TPR, FPR)
"""Rates that are compared among rows alike in a control column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledDifference:
    """Mantel–Haenszel difference of two rates over segments; arrays (...), NaN where no segment has both groups.

    Attributes
    ----------
    value, error : (...)
    interval : Interval
    n_segments : (...) segments with rows of both
    """

    value: Floats
    error: Floats
    interval: Interval
    n_segments: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalGaps:
    """One rate of a protected column among rows that are alike in a control column.

    Attributes
    ----------
    rate : str, one of `CONDITIONED`
    by_segment : Estimate over (..., S)
        Largest less smallest rate of the compared groups inside each segment.
    homogeneity : Homogeneity over (..., S)
    against : int, the group that the others are compared with
    crude : Estimate over (..., G)
        Group less `against` over all rows, as without the control column.
    pooled : Estimate over (..., G)
        Group less `against` among rows of the same segment: what remains of it.
    """

    rate: str
    by_segment: Estimate
    homogeneity: Homogeneity
    against: int
    crude: Estimate
    pooled: Estimate


def mantel_haenszel_difference(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> PooledDifference:
    """Return the difference of two rates pooled over segments, each weighted by n1 n2/(n1 + n2).

    Σ (k1 n2 - k2 n1)/N over Σ n1 n2/N; interval ± z se with Sato's variance, which holds for many small segments as
    well as for few large ones. A segment without rows of one side says nothing and has no weight.

    Parameters
    ----------
    k1, n1, k2, n2 : (..., S) successes and rows of both groups in each segment

    References
    ----------
    Mantel & Haenszel 1959; Greenland & Robins 1985; Sato 1989 (variance).

    >>> found = mantel_haenszel_difference([30, 10], [100, 20], [40, 80], [100, 200])
    >>> round(float(found.value), 4)
    -0.0467
    """
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2)))
    total = n1 + n2
    held = (n1 > 0) & (n2 > 0)
    safe = np.where(total > 0, total, 1.0)
    weight = np.where(held, n1 * n2 / safe, 0.0).sum(-1)
    known = weight > 0
    divisor = np.where(known, weight, 1.0)
    value = np.where(held, (k1 * n2 - k2 * n1) / safe, 0.0).sum(-1) / divisor
    p = np.where(held, (n1**2 * k2 - n2**2 * k1 + n1 * n2 * (n2 - n1) / 2) / safe**2, 0.0).sum(-1)
    q = np.where(held, (k1 * (n2 - k2) + k2 * (n1 - k1)) / (2 * safe), 0.0).sum(-1)
    error = np.sqrt(np.maximum(value * p + q, 0.0)) / divisor
    low, high = np.maximum(value - Z95 * error, -1.0), np.minimum(value + Z95 * error, 1.0)
    return PooledDifference(
        value=np.where(known, value, np.nan),
        error=np.where(known, error, np.nan),
        interval=Interval(low=np.where(known, low, np.nan), high=np.where(known, high, np.nan)),
        n_segments=held.sum(-1).astype(np.float64),
    )


def conditional_gaps(
    confusion: Ints | Floats,
    rate: str,
    *,
    against: int,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> ConditionalGaps:
    """Return a rate's gaps inside each segment of a control column, and what remains of them over all segments.

    What it can say: whether a gap is explained by the groups being spread differently over the control column. What
    it cannot: whether the control column itself is a fair reason.

    Parameters
    ----------
    confusion : (..., G, S, 3, 3)
        Of the segments of *one* control column; see `control_confusion`.
    rate : str
        `CONDITIONED` are offered; any of `RATES` can be computed.
    against : int
        Place of the group that the others are compared with: the chosen reference group, else the one with the
        largest rate.
    fewest_rows, fewest_events : int
        Rows of a group in a segment to be compared there, and rows of the rate's own denominator.
    hidden : (..., G, S) bool or None
        Suppressed cells: never compared, never pooled.
    """
    cells = np.asarray(confusion, np.float64)
    if hidden is not None:
        cells = np.where(np.asarray(hidden, bool)[..., None, None], 0.0, cells)
    counted = tallies(cells)
    tally = counted[rate]
    inside = Tally(successes=np.swapaxes(tally.successes, -1, -2), n=np.swapaxes(tally.n, -1, -2))
    rows = counted[SELECTION_RATE if rate == SELECTION_RATE else ACCURACY].n
    enough = (rows >= fewest_rows) & (tally.n >= max(fewest_events, 1))
    mask = np.swapaxes(enough, -1, -2)
    few = said(mask.sum(-1) < 2, f"fewer than two groups with {fewest_rows} rows in this segment")
    return ConditionalGaps(
        rate=rate,
        by_segment=estimate(
            rate,
            difference(np.where(mask, inside.share, np.nan)),
            difference_interval(inside, mask),
            n=np.where(mask, inside.n, 0.0).sum(-1),
            reason=few,
        ),
        homogeneity=homogeneity(inside, mask),
        against=against,
        crude=_crude(rate, tally, against),
        pooled=_pooled(rate, tally, against),
    )


def _itself(tally: Tally, against: int) -> NDArray[np.str_]:
    place = np.arange(tally.n.shape[-2])
    words = np.where(place == against, "not applicable: the group that the others are compared with", "")
    return np.broadcast_to(words, tally.n.shape[:-1])


def _crude(rate: str, tally: Tally, against: int) -> Estimate:
    k, n = tally.successes.sum(-1), tally.n.sum(-1)
    k2, n2 = k[..., against, None], n[..., against, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = k / n - k2 / n2
    none = said((n <= 0) | (n2 <= 0), "one of the two groups has no such row")
    interval = newcombe_difference(k, n, k2, n2)
    return estimate(rate, value, interval, n=n, reason=first_reason(_itself(tally, against), none))


def _pooled(rate: str, tally: Tally, against: int) -> Estimate:
    k2, n2 = tally.successes[..., against, None, :], tally.n[..., against, None, :]
    found = mantel_haenszel_difference(tally.successes, tally.n, k2, n2)
    none = said(found.n_segments < 1, "no segment holds rows of both groups")
    return estimate(
        rate,
        found.value,
        found.interval,
        n=tally.n.sum(-1),
        reason=first_reason(_itself(tally, against), none),
        error=found.error,
    )
