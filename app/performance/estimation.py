"""What the Performance page shows of estimates, label coverage and lag, from the core's detail."""

import numpy as np

from app.performance.views import EstimatedFact, EstimationView
from core.estimation.detail import EstimationDetail
from core.estimation.display import CoverageStrip, lag_steps
from core.performance.display import EstimatedLine
from core.points import finite
from core.windows import label

BY_MODEL = ("mae", "rmse")


def estimated_line(detail: EstimationDetail | None, metric: str) -> EstimatedLine | None:
    """Return the estimates of a metric over the windows; None where no window has one."""
    one = None if detail is None else detail.found.estimates.get(metric)
    if detail is None or one is None or not np.isfinite(one.value).any():
        return None
    suspended = detail.found.relations[metric].suspended
    return EstimatedLine(
        value=tuple(finite(float(value)) for value in one.value),
        low=tuple(finite(float(value)) for value in one.low),
        high=tuple(finite(float(value)) for value in one.high),
        trusted=tuple(not held for held in suspended.tolist()),
    )


def estimation_view(detail: EstimationDetail) -> EstimationView:
    """Return the view of the selected window, which is the last one."""
    by_lag = detail.by_lag[-1] if detail.by_lag else None
    return EstimationView(
        facts={name: _fact(detail, name) for name in detail.found.estimates},
        coverage=_coverage(detail),
        lag=None if detail.lag.curve is None else lag_steps(detail.lag.curve),
        no_lag=detail.lag.why_not,
        mature_by_lag=None if by_lag is None else by_lag.mature,
        lag_reason="" if by_lag is None else by_lag.reason,
        early=detail.early,
        needs_row_model=detail.needs_row_model,
    )


def _fact(detail: EstimationDetail, metric: str) -> EstimatedFact:
    one, relation = detail.found.told()[metric].at(-1), detail.found.relations[metric]
    return EstimatedFact(
        metric=metric,
        value=finite(float(one.value)),
        low=finite(float(one.low)),
        high=finite(float(one.high)),
        n=int(one.n),
        note=one.note,
        suspended=bool(relation.suspended[-1]),
        widened=float(np.sqrt(relation.phi[-1])),
        n_known=int(relation.n_known[-1]),
    )


def _coverage(detail: EstimationDetail) -> CoverageStrip:
    grain, curve = detail.schema.grain, detail.lag.curve
    return CoverageStrip(
        starts=tuple(window.start for window in detail.windows),
        labels=tuple(label(window.start, grain) for window in detail.windows),
        share=tuple(labelled / n if n else None for n, labelled in detail.known.tolist()),
        mature=tuple(one.mature for one in detail.maturities),
        by_lag=tuple(one.mature for one in detail.by_lag),
        expected=None if curve is None else curve.plateau,
        grain=grain,
    )
