"""Skew between reference and log: a changed unit, a changed type, changed rounding."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import FeatureCounts, NumericBins
from core.stats.intervals import Interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALF_WIDTH = 0.98
"""Ranks of the 95 % interval of a median: n/2 ± .98·√n."""

NOTHING = 1e-12
"""A bin whose mean is below this part of the reference's centre (or of 1) holds zeros."""

FEWEST_WHOLE = FEWEST_BROKEN = 50
"""Values from which on a day of the reference says how its values are written."""

ROUND_TO = 0.1
"""A factor this near to a power of ten is told as that power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnitude:
    """Typical size of a feature's values that are not 0, in its unit; arrays over ``(...)``, NaN without such values.

    Attributes
    ----------
    median, low, high : (...) float64
        Median of |x| to the resolution of the fine bins, and the ends of its 95 % interval by ranks.
    mean : (...) float64
        Mean of |x|, exact where it matters: in the outer bins.
    outside : (...) bool
        The median lies below the reference's minimum or above its maximum, where no bin tells values apart.
    n : (...) int64
        Finite values that are not 0.
    """

    median: Floats
    low: Floats
    high: Floats
    mean: Floats
    outside: Bools
    n: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRatio:
    """Size of the window's values in units of the reference's; arrays over ``(...)``, NaN where unknown."""

    ratio: Floats
    low: Floats
    high: Floats
    n: Ints


def magnitude(bins: NumericBins, counts: FeatureCounts) -> Magnitude:
    """Return the typical |x| of the finite values that are not 0, from fine bins and tail sums.

    A bin stands for its mean: in the 12 outermost bins on each side that of the window (the tail sums), in the others
    that of the reference, which is off by less than the bin's width (a feature around 0 that shrinks below the width of
    its middle bins is told as smaller by less than it is). A median is taken, not a mean, because one
    default code of 1e9 in ten thousand rows multiplies a mean and leaves a median alone; zeros are left out because
    a unit does not change them and half of a feature can be 0.

    Parameters
    ----------
    counts : leading axes (windows) are allowed
    """
    fine = np.asarray(counts.fine, np.int64)
    if bins.n_bins < 3 or counts.tail_sums is None:
        nothing = np.full(fine.shape[:-1], np.nan)
        flags, none = np.zeros(fine.shape[:-1], np.bool_), np.zeros(fine.shape[:-1], np.int64)
        return Magnitude(median=nothing, low=nothing, high=nothing, mean=nothing, outside=flags, n=none)
    sizes = _bin_sizes(bins, fine, counts.tail_sums)
    rows = np.where(sizes > 0, fine, 0)
    n = rows.sum(axis=-1)
    order = np.argsort(sizes, axis=-1, kind="stable")
    cumulated = np.take_along_axis(rows, order, axis=-1).cumsum(axis=-1)
    half = HALF_WIDTH * np.sqrt(n)
    places = [_place(cumulated, order, rank) for rank in (np.ceil(n / 2), n / 2 - half, np.ceil(n / 2 + half))]
    median, low, high = (
        np.where(n > 0, np.take_along_axis(sizes, one[..., None], axis=-1)[..., 0], np.nan) for one in places
    )
    total = (rows * sizes).sum(axis=-1)
    return Magnitude(
        median=median,
        low=low,
        high=high,
        mean=np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0),
        outside=(n > 0) & ((places[0] == 0) | (places[0] == bins.n_bins - 1)),
        n=n,
    )


def scale_ratio(reference: Magnitude, current: Magnitude) -> ScaleRatio:
    """Return how many times larger (above 1) or smaller (below 1) the window's values are than the reference's.

    1,000 is what a change from k€ to € gives. The ratio is that of the medians; where the window's median lies outside
    the reference's range, and with it most of the rows, that of the means, which is then exact. The interval is that
    of the window's median (there is none outside the range: both ends are the value); the reference's own error is of
    the order of a bin, far below the factors that matter here.

    Examples
    --------
    >>> from core.profile.build_bins import numeric_bins
    >>> from core.profile.features import numeric_counts
    >>> bins = numeric_bins(np.arange(1.0, 301.0))
    >>> def sizes(values):
    ...     found, tails = numeric_counts(values, 0, bins, (None, None))
    ...     fine, zero = found[: bins.n_bins], np.int64(0)
    ...     return magnitude(bins, FeatureCounts(fine=fine, null=zero, nan=zero, neg_inf=zero, pos_inf=zero,
    ...                                          tail_sums=tails, violations=zero))
    >>> reference = sizes(np.arange(1.0, 301.0))
    >>> round(float(scale_ratio(reference, sizes(1_000 * np.arange(1.0, 301.0))).ratio), 6)
    1000.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.where(reference.median > 0, reference.median, np.nan)
        by_mean = current.mean / np.where(reference.mean > 0, reference.mean, np.nan)
        by_median = [one / middle for one in (current.median, current.low, current.high)]
    ratio, low, high = (np.where(current.outside, by_mean, one) for one in by_median)
    return ScaleRatio(ratio=ratio, low=low, high=high, n=np.asarray(current.n))


def _bin_sizes(bins: NumericBins, fine: Ints, tails: Floats) -> Floats:
    """Return |mean| of every bin, (..., n_bins); 0 for a bin of zeros."""
    means = np.broadcast_to(bins.reference_mean, fine.shape).copy()
    half = tails.shape[-1] // 2
    outer = (
        np.arange(bins.n_bins) if tails.shape[-1] == bins.n_bins else np.r_[0:half, bins.n_bins - half : bins.n_bins]
    )
    rows = fine[..., outer]
    means[..., outer] = np.divide(tails, rows, out=means[..., outer], where=rows > 0)
    sizes = np.abs(bins.centre + means)
    return np.where(sizes <= NOTHING * max(1.0, abs(bins.centre)), 0.0, sizes)


def _place(cumulated: Ints, order: Ints, rank: Floats) -> Ints:
    """Return the bin of the value with this rank by size, (...)."""
    wanted = np.clip(rank, 1, np.maximum(cumulated[..., -1], 1))
    place = np.minimum((cumulated < wanted[..., None]).sum(axis=-1), cumulated.shape[-1] - 1)
    return np.take_along_axis(order, place[..., None], axis=-1)[..., 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerShare:
    """Share of a feature's finite values that are whole numbers, in [0, 1]; arrays over ``(...)``."""

    value: Floats
    interval: Interval
    count: Ints
    n: Ints


def integer_share(decimals: Ints) -> IntegerShare:
    """Return the share of whole numbers among the finite values, with Wilson's interval.

    Parameters
    ----------
    decimals : (..., 4) int
        Values with 0, 1, 2 and more decimals.

    >>> float(integer_share(np.array([30, 10, 0, 0])).value)
    0.75
    """
    counts = np.asarray(decimals, np.int64)
    whole, n = counts[..., 0], counts.sum(axis=-1)
    value = np.divide(whole, n, out=np.full(n.shape, np.nan), where=n > 0)
    return IntegerShare(value=value, interval=wilson(whole, n), count=whole, n=n)


def beyond_days(reference: Ints, current: Ints) -> Floats:
    """Return how far the share of whole numbers lies outside what the reference's days have, in [-1, 1].

    0 inside the range of the daily shares, else the distance to its nearer end, negative below it. Days of the
    reference with fewer than 50 values are left out; with no such day its total is the range. A range and not a test,
    because values come in clusters (a hundred flights share one reading of the weather): of 275 days of real flights
    without any change of type a test on rows with the variance between days called 12 changed, the range with a
    margin of .25 none.

    Parameters
    ----------
    reference : (n_days, 4) int, decimals of the reference's days
    current : (..., 4) int

    >>> days = np.array([[60, 40, 0, 0], [80, 20, 0, 0]])
    >>> beyond_days(days, np.array([[70, 30, 0, 0], [100, 0, 0, 0]])).round(2).tolist()
    [0.0, 0.2]
    """
    kept = _kept_days(reference, reference.sum(axis=-1), FEWEST_WHOLE)
    shares = integer_share(kept).value
    now = integer_share(current).value
    if not np.isfinite(shares).any():
        return np.full(now.shape, np.nan)
    low, high = np.nanmin(shares), np.nanmax(shares)
    return np.asarray(np.maximum(now - high, 0.0) + np.minimum(now - low, 0.0), np.float64)


def decimals_distance(reference: Ints, current: Ints) -> Floats:
    """Return how far the decimals of the values that are not whole numbers lie from every day of the reference.

    ½ Σ |p - q| over "one", "two", "more" decimals: the smallest share of values that would have to be rounded
    otherwise to look like the nearest day of the reference (of its total, where no day has 50 such values). In [0, 1];
    NaN where a side has no such values. Whole numbers are left out: they have `integer_share`. The nearest day, not
    the total, for the reason given in `beyond_days`.

    Parameters
    ----------
    reference : (n_days, 4) int
    current : (..., 4) int

    >>> float(decimals_distance(np.array([[5, 0, 90, 10]]), np.array([0, 100, 0, 0])))
    1.0
    """
    before = np.asarray(reference, np.int64)
    days = _broken(_kept_days(before, before[:, 1:].sum(axis=-1), FEWEST_BROKEN))
    now = _broken(np.asarray(current, np.int64))
    distances = np.abs(now[..., None, :] - days).sum(axis=-1) / 2
    unknown = np.isnan(distances).all(axis=-1)
    return np.where(unknown, np.nan, np.nanmin(np.where(unknown[..., None], 0.0, distances), axis=-1))


def _kept_days(reference: Ints, n: Ints, fewest: int) -> Ints:
    """Return the days with enough values, or the total where there is none."""
    enough = n >= fewest
    return reference[enough] if enough.any() else reference.sum(axis=0, keepdims=True)


def _broken(counts: Ints) -> Floats:
    """Return the shares of one, two and more decimals, (..., 3); NaN without such values."""
    values = counts[..., 1:].astype(np.float64)
    n = values.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(values, n, out=np.full(values.shape, np.nan), where=n > 0)
    return shares


def factor_words(ratio: float) -> str:
    """Return a ratio of sizes in words; near a power of ten as that power.

    >>> factor_words(1003.0), factor_words(0.0123), factor_words(34.2)
    ('1,000 times larger', '81 times smaller', '34 times larger')
    """
    factor = max(ratio, 1 / ratio)
    power = 10.0 ** round(np.log10(factor))
    shown = power if abs(factor / power - 1) <= ROUND_TO else float(f"{factor:.2g}")
    return f"{shown:,.0f} times {'larger' if ratio > 1 else 'smaller'}"


def unit_sentence(feature: str, ratio: float) -> str:
    """Return the finding of a changed unit.

    >>> unit_sentence("income", 1000.0)
    'income is 1,000 times larger than in the reference: a changed unit?'
    """
    return f"{feature} is {factor_words(ratio)} than in the reference: a changed unit?"


def type_sentence(feature: str, before: float, now: float) -> str:
    """Return the finding of a changed share of whole numbers.

    >>> type_sentence("age", 1.0, 0.02)
    'age: 2.0 % of its values are whole numbers, 100 % in the reference: a changed type?'
    """
    return (
        f"{feature}: {_percent(now)} % of its values are whole numbers, {_percent(before)} % in the reference: "
        "a changed type?"
    )


def rounding_sentence(feature: str, reference: Ints, current: Ints) -> str:
    """Return the finding of changed decimals: how most values were and are written.

    >>> rounding_sentence("dist", np.array([0, 0, 90, 10]), np.array([0, 80, 10, 10]))
    'dist mostly has 1 decimal, 2 decimals in the reference: changed rounding?'
    """
    names = ("1 decimal", "2 decimals", "more than 2 decimals")
    now, before = (names[int(np.argmax(counts[1:]))] for counts in (current, reference))
    if now == before:
        return f"{feature} is rounded otherwise than in the reference, mostly to {now}: changed rounding?"
    return f"{feature} mostly has {now}, {before} in the reference: changed rounding?"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share in (0, 1) else f"{100 * share:.1f}"
