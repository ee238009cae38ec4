"""Estimated metrics of a regression from the sums that its row model left of each unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.estimation.direct_loss import SUMS
from core.performance.confusion import share
from core.performance.estimates import Estimate, estimate, said
from core.performance.regression import METRICS
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]

NO_MODEL = "not applicable: no row model has told the errors of this window yet"
NOT_TOLD = "not applicable: the row model tells |e| and e² of a row, and no more"
ASSUMES = "assumes that errors depend on features and prediction as in the reference"


def regression_estimated(current: ArrayLike, reference: ArrayLike | None) -> dict[str, Estimate]:
    """Return MAE and RMSE as the row model expects them, ``(W,)``; every other metric is not applicable.

    Sampling error: √(mean expected variance / n), both variances scaled by what came true in the reference out of
    fold; RMSE on the log scale.

    Parameters
    ----------
    current : (W, len(SUMS)) sums of each window; a window without sums has n = 0
    reference : (len(SUMS),) or None
        None: there is no row model.
    """
    sums = np.asarray(current, np.float64)
    n = sums[..., 0]
    no_model = NO_MODEL if reference is not None else "not applicable: there is no row model of the errors yet"
    nothing = np.full(n.shape, np.nan)
    found = {
        name: estimate(name, nothing, Interval(low=nothing, high=nothing), n=n, reason=np.full(n.shape, NOT_TOLD))
        for name in METRICS
    }
    spread = np.ones(2) if reference is None else _inflation(np.asarray(reference, np.float64))
    mean = share(sums, n[..., None])
    mae, mse = mean[..., SUMS.index("abs_e")], mean[..., SUMS.index("e2")]
    with np.errstate(divide="ignore", invalid="ignore"):
        mae_error = np.sqrt(spread[0] * mean[..., SUMS.index("abs_e_variance")] / n)
        mse_error = np.sqrt(spread[1] * mean[..., SUMS.index("e2_squared")] / n)
        relative = mse_error / mse / 2
    rmse = np.sqrt(mse)
    reason = np.where(n > 0, "", no_model) if reference is not None else said(n >= 0, no_model[16:])
    remark = np.full(n.shape, ASSUMES)
    mae_band = Interval(low=np.maximum(mae - Z95 * mae_error, 0.0), high=mae + Z95 * mae_error)
    found["mae"] = estimate("mae", mae, mae_band, n=n, reason=reason, error=mae_error, remark=remark)
    rmse_band = Interval(low=rmse * np.exp(-Z95 * relative), high=rmse * np.exp(Z95 * relative))
    found["rmse"] = estimate("rmse", rmse, rmse_band, n=n, reason=reason, error=rmse * relative, remark=remark)
    return found


def _inflation(reference: Floats) -> Floats:
    """Return how much larger the squared misses of the reference were, out of fold, than expected: of |e| and of e².

    The expected square of e² stands for its variance: the ratio is what that is worth.
    """
    missed = reference[[SUMS.index("abs_e_missed"), SUMS.index("e2_missed")]]
    told = reference[[SUMS.index("abs_e_variance"), SUMS.index("e2_squared")]]
    return np.divide(missed, told, out=np.ones(2), where=(told > 0) & (missed > 0))
