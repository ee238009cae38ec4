"""All performance metrics of a regression from exact sums of its errors, for many windows or segments at once."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from core.performance.confusion import share
from core.performance.estimates import NO_ACTUALS, Estimate, Words, estimate, first_reason, said
from core.performance.quantile import median_from_bins
from core.profile.counts import RegressionCounts
from core.stats.intervals import Interval, mean_interval, mean_standard_error

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

METRICS = ("mae", "rmse", "mape", "r2", "median_absolute_error", "bias")
"""Names of regression performance metrics, in the order in which they are shown."""

FEWEST_FOR_R2 = 30
LARGE_SHARE = 0.1
HEAVY = "a few rows make up more than 10 % of the squared error"
NOTHING_VARIES = 1e-12
TOO_LARGE = "an error or an actual is too large to be squared"


def regression_estimates(counts: RegressionCounts) -> dict[str, Estimate]:
    """Return all regression metrics with their 95 % intervals; e = prediction - actual.

    MAE, MAPE and bias have t intervals from sums and sums of squares; RMSE exp(ln ± t·se/2) and R² by the
    delta method on ln(1 - R²), both with fourth moments; the median of |e| the interval of order statistics.
    All but the median are exact; the median is interpolated in its bin and carries the bin as its bound.

    Withheld, with the reason: everything without actuals; MAPE when every actual is 0; R² with fewer than 30 rows
    or actuals that do not vary; the median where it lies beyond the last edge of the grid. The intervals of MAE,
    RMSE and R² are approximate where a few rows make up more than 10 % of the squared error.
    """
    n = np.asarray(counts.residual_n[..., 0], np.float64)
    no_actuals = first_reason(np.where(n > 0, "", NO_ACTUALS), said(_beyond_numbers(counts), TOO_LARGE))
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large is withheld with its reason
        heavy = heavy_tailed(counts)
        found = (
            _mae(counts, n, no_actuals, heavy),
            _rmse(counts, n, no_actuals, heavy),
            _mape(counts, n, no_actuals),
            _r2(counts, n, no_actuals, heavy),
            _median(counts, n, no_actuals),
            _bias(counts, n, no_actuals),
        )
    return {one.metric: one for one in found}


def _beyond_numbers(counts: RegressionCounts) -> Bools:
    """Return where the powers of an error or of an actual are larger than a number of 64 bits can hold."""
    powers = [counts.total(name) for name in ("abs_e", "e2", "e4", "d2", "d4", "e2d2", "ape2")]
    return np.asarray(~np.isfinite(np.stack(powers, axis=-1)).all(axis=-1))


def heavy_tailed(counts: RegressionCounts) -> Bools:
    """Return where the largest squared error may be more than 10 % of their sum.

    The largest |e| is at most the upper edge of the last bin with a row, and at most (Σe⁴)^¼.
    """
    held = counts.error_counts > 0
    last = counts.error_counts.shape[-1] - 1 - np.argmax(held[..., ::-1], axis=-1)
    upper = np.append(counts.edges, np.inf)[last]
    largest = np.minimum(upper * upper, np.sqrt(counts.total("e4")))
    return np.asarray(largest > LARGE_SHARE * counts.total("e2"))


def _mae(counts: RegressionCounts, n: Floats, reason: Words, heavy: Bools) -> Estimate:
    total, squares = counts.total("abs_e"), counts.total("e2")
    return estimate(
        "mae",
        share(total, n),
        mean_interval(total, squares, n),
        n=n,
        reason=reason,
        error=mean_standard_error(total, squares, n),
        approximate=heavy,
        caution=HEAVY,
    )


def _rmse(counts: RegressionCounts, n: Floats, reason: Words, heavy: Bools) -> Estimate:
    mse = share(counts.total("e2"), n)
    rmse = np.sqrt(mse)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.sqrt(np.maximum(share(counts.total("e4"), n) - mse * mse, 0.0) / (n - 1)) / mse / 2
        half = _t(n) * relative
        interval = Interval(low=rmse * np.exp(-half), high=rmse * np.exp(half))
        error = rmse * relative
    return estimate(
        "rmse",
        rmse,
        _from_two_rows(interval, n),
        n=n,
        reason=reason,
        error=_from_two(error, n),
        approximate=heavy,
        caution=HEAVY,
    )


def _mape(counts: RegressionCounts, n: Floats, reason: Words) -> Estimate:
    known = np.asarray(counts.residual_n[..., 1], np.float64)
    total, squares = counts.total("ape"), counts.total("ape2")
    zeros = (n - known).astype(np.int64)
    words = np.char.add("rows with an actual of 0 left out: ", np.char.mod("%d", zeros))
    return estimate(
        "mape",
        share(total, known),
        mean_interval(total, squares, known),
        n=known,
        reason=first_reason(reason, said(known <= 0, "every actual is 0")),
        error=mean_standard_error(total, squares, known),
        remark=np.where(zeros > 0, words, ""),
    )


def _r2(counts: RegressionCounts, n: Floats, reason: Words, heavy: Bools) -> Estimate:
    value, error = r2(counts)
    few = said(n < FEWEST_FOR_R2, f"R² needs {FEWEST_FOR_R2} rows")
    constant = said(np.isnan(value), "the actuals do not vary")
    return estimate(
        "r2",
        value,
        r2_interval(value, error, n),
        n=n,
        reason=first_reason(reason, few, constant),
        error=error,
        approximate=heavy,
        caution=HEAVY,
    )


def r2(counts: RegressionCounts) -> tuple[Floats, Floats]:
    """Return R² = 1 - Σe²/Σ(y - mean y)² and its standard error; NaN where the actuals do not vary.

    Delta method: the influence of a row is -(e² - A)/B + A((y - mean y)² - B)/B² with A = mean e² and
    B = mean (y - mean y)²; its mean square is a polynomial of the sums of e, d = y - centre and their products.
    At most 1; below 0 the mean of the actuals would predict better.
    """
    n = np.asarray(counts.residual_n[..., 0], np.float64)
    e2, e4, d, d2, d3, d4, e2d, e2d2 = (
        share(counts.total(name), n) for name in ("e2", "e4", "d", "d2", "d3", "d4", "e2d", "e2d2")
    )
    variance = d2 - d * d
    varies = variance > NOTHING_VARIES * np.maximum(d2, 1e-300)
    fourth = d4 - 4 * d * d3 + 6 * d * d * d2 - 3 * d**4
    crossed = e2d2 - 2 * d * e2d + d * d * e2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = e2 / variance
        spread = e4 - e2 * e2 - 2 * ratio * (crossed - e2 * variance) + ratio**2 * (fourth - variance**2)
        error = np.sqrt(np.maximum(spread, 0.0) / (n - 1)) / variance
    return np.where(varies, 1 - ratio, np.nan), np.where(varies & (n > 1), error, np.nan)


def r2_interval(value: Floats, error: Floats, n: Floats) -> Interval:
    """Return the interval that is normal for ln(1 - R²): 1 - (1 - R²)·exp(± t·se/(1 - R²))."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        half = _t(n) * error / (1 - value)
        return Interval(low=1 - (1 - value) * np.exp(half), high=1 - (1 - value) * np.exp(-half))


def _median(counts: RegressionCounts, n: Floats, reason: Words) -> Estimate:
    found = median_from_bins(counts.error_counts, counts.edges)
    return estimate(
        "median_absolute_error",
        found.value,
        found.interval,
        n=n,
        reason=first_reason(reason, said(np.isnan(found.value), "it lies beyond the last edge of the error grid")),
        bound=np.nan_to_num(found.bound),
    )


def _bias(counts: RegressionCounts, n: Floats, reason: Words) -> Estimate:
    mean = share(counts.total("e"), n)
    error = mean_standard_error(counts.total("e"), counts.total("e2"), n)
    half = _t(n) * error
    return estimate("bias", mean, Interval(low=mean - half, high=mean + half), n=n, reason=reason, error=error)


def _t(n: Floats) -> Floats:
    return np.asarray(special.stdtrit(np.maximum(n - 1, 1), 0.975), np.float64)


def _from_two(values: Floats, n: Floats) -> Floats:
    return np.where(n >= 2, values, np.nan)


def _from_two_rows(interval: Interval, n: Floats) -> Interval:
    return Interval(low=_from_two(interval.low, n), high=_from_two(interval.high, n))
