"""Net value of what was decided or predicted, and the difference to a named baseline, each with its interval.

Only rows count whose actual is known and that were decided: nothing is scaled up to the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.performance.estimates import Estimate, Words, estimate, said
from core.profile.counts import AmountCounts, RegressionCounts
from core.stats.intervals import CONFIDENCE, Z95, Interval

Floats = NDArray[np.float64]

NET_VALUE, VERSUS_BASELINE = "net_value", "net_value_vs_baseline"
NOTHING_KNOWN = "no row has both a decision and an actual yet"
NO_AMOUNT_KNOWN = "no row has a decision, an actual and an amount yet"
NOTHING_PREDICTED = "no row has both a prediction and an actual yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Net value and its difference to the baseline; arrays of one shape, in the currency of the value model.

    The `n` of both is the rows that they are summed over, the `error` the standard error of the sum.
    """

    net: Estimate
    versus: Estimate


def confusion_worth(counts: ArrayLike, values: Floats, baseline: Floats) -> Worth:
    """Return the worth of a confusion matrix: Σ v_j n_j over its four cells.

    Interval: ± z·√(n·(Σ v²π - (Σ vπ)²)) with π the cells' shares: the n rows are a sample of what this model meets.
    The difference to the baseline is the same sum with v - baseline in place of v, on the same rows.

    Parameters
    ----------
    counts : (..., 2, 2) decision × actual, rows with both
    values, baseline : (2, 2) worth of each cell

    References
    ----------
    statistics.md §4; the variance of a multinomial sum.

    >>> found = confusion_worth([[60, 10], [10, 20]], np.array([[0.0, 0.0], [-40.0, 120.0]]), np.zeros((2, 2)))
    >>> float(found.net.value), round(float(found.net.high - found.net.value), 2)
    (2000.0, 1007.05)
    """
    cells = np.asarray(counts, np.float64)
    reason = said(cells.sum((-2, -1)) <= 0, NOTHING_KNOWN)
    return Worth(
        net=_of_cells(NET_VALUE, cells, values, reason),
        versus=_of_cells(VERSUS_BASELINE, cells, values - baseline, reason),
    )


def _of_cells(metric: str, cells: Floats, values: Floats, reason: Words) -> Estimate:
    n = cells.sum((-2, -1))
    total, squares = (cells * values).sum((-2, -1)), (cells * values**2).sum((-2, -1))
    # n·(Σ v²π - (Σ vπ)²) = Σ v²n_j - (Σ v n_j)²/n
    error = np.sqrt(np.maximum(squares - total * total / np.maximum(n, 1), 0.0))
    return estimate(metric, total, _around(total, Z95 * error), n=n, reason=reason, error=error)


def amount_worth(counts: AmountCounts, values: Floats, baseline: Floats) -> Worth:
    """Return the worth of decisions over amounts of money: Σ v_j · amount over the rows of each cell.

    Interval: t with n - 1 degrees of freedom from the sums and the sums of squares of the amounts. Rows whose amount
    is missing are left out; `remark` says how many.

    Parameters
    ----------
    values, baseline : (2, 2) multipliers of the amount
    """
    known = np.asarray(counts.amount_counts[..., :2, :2].sum((-2, -1)), np.float64)
    reason = said(known <= 0, NO_AMOUNT_KNOWN)
    sums, squares = (np.asarray(counts.amounts[..., :2, :2, power], np.float64) for power in (0, 1))

    def worth(metric: str, by_cell: Floats) -> Estimate:
        total, spread = (by_cell * sums).sum((-2, -1)), (by_cell**2 * squares).sum((-2, -1))
        return _of_sums(metric, total, spread, known, reason=reason)

    return Worth(net=worth(NET_VALUE, values), versus=worth(VERSUS_BASELINE, values - baseline))


def error_worth(counts: RegressionCounts, *, cost_over: float, cost_under: float) -> Worth:
    """Return what the errors of a regression cost, as a value below 0, and what the model saves against its baseline.

    A row costs cost_over per unit predicted too high and cost_under per unit too low. The baseline predicts the
    median of the reference for every row. Interval: t from sums and sums of squares; for the difference also the
    sums of products, since both errors are of the same row.

    Parameters
    ----------
    cost_over, cost_under : >= 0, in the currency per unit of the actual
    """
    n = np.asarray(counts.residual_n[..., 0], np.float64)
    reason = said(n <= 0, NOTHING_PREDICTED)
    cost, squares = _cost(counts, "", cost_over, cost_under)
    other, other_squares = _cost(counts, "baseline_", cost_over, cost_under)
    product = sum(
        mine * its * counts.total(f"{side}_baseline_{there}")
        for side, mine in (("over", cost_over), ("under", cost_under))
        for there, its in (("over", cost_over), ("under", cost_under))
    )
    return Worth(
        net=_of_sums(NET_VALUE, -cost, squares, n, reason=reason),
        versus=_of_sums(VERSUS_BASELINE, other - cost, squares + other_squares - 2 * product, n, reason=reason),
    )


def _cost(counts: RegressionCounts, whose: str, cost_over: float, cost_under: float) -> tuple[Floats, Floats]:
    """Return Σ cost and Σ cost² of the rows: a row is too high or too low, never both, so no product is needed."""
    total = cost_over * counts.total(f"{whose}over") + cost_under * counts.total(f"{whose}under")
    squares = cost_over**2 * counts.total(f"{whose}over2") + cost_under**2 * counts.total(f"{whose}under2")
    return total, squares


def _of_sums(metric: str, total: Floats, squares: Floats, n: Floats, *, reason: Words) -> Estimate:
    """Return a sum over n rows with its t interval: ± t(n-1)·√(n·s²), s² the rows' variance; none below two rows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(squares - total * total / n, 0.0) / (n - 1)
        error = np.where(n >= 2, np.sqrt(n * variance), np.nan)
    t = special.stdtrit(np.maximum(n - 1, 1), (1 + CONFIDENCE) / 2)
    return estimate(metric, np.asarray(total, np.float64), _around(total, t * error), n=n, reason=reason, error=error)


def _around(total: Floats, half: Floats) -> Interval:
    return Interval(low=total - half, high=total + half)
