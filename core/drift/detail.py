"""Everything about the drift of one window, as a page shows it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.checks.limits import Limits
from core.checks.verdicts import Verdict
from core.drift.feature import FeatureDrift
from core.drift.psi import psi_excess, psi_excess_interval
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.performance.maturity import Maturity
from core.profile.binning import ACTUAL, BINARY
from core.profile.bins import Bins
from core.windows import Window

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDetail:
    """One feature of a window: its drift against the reference asked for, and the raw verdict of its own rule.

    Against the training reference the verdict uses the matched weekday, and the 28 days before for a seasonal
    feature, as `watchroom check` does; against any other reference it judges exactly what was asked. `bins` is None
    for decisions and for actuals that are classes. `p_value` is that of `watchroom metrics`: of the pooled chi-square
    with both corrections for day-to-day variation, NaN where it cannot be judged.
    """

    feature: str
    bins: Bins | None
    drift: FeatureDrift
    p_value: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftDetail:
    """The drift of one window.

    Attributes
    ----------
    features : tuple of FeatureDetail
        In the order of declaration, the score last.
    outcomes : tuple of FeatureDetail
        Decisions and actuals, of the whole population; empty for a segment.
    mature : Maturity
        Of the window's actuals.
    removed : str
        How many rows of the window the contract kept out, if any.
    """

    version: VersionInfo
    schema: ModelSchema
    limits: Limits
    window: Window
    features: tuple[FeatureDetail, ...]
    outcomes: tuple[FeatureDetail, ...]
    mature: Maturity
    provenance_id: str
    removed: str


def outcome_names(schema: ModelSchema, feature: str) -> tuple[str, ...]:
    """Return what each cell of the decisions or the actuals is called, in the model's own words."""
    if schema.task != BINARY:
        return tuple(schema.classes)
    positive = schema.words.positive_actual if feature == ACTUAL else schema.words.positive_decision
    return f"not {positive}", positive


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentShare:
    """How one segment carries the drift of a feature.

    Attributes
    ----------
    column, value : str
    n, m : int
        Rows of the window and of the reference in the segment.
    excess, low, high : float
        PSI excess of the feature within the segment, with its 95 % interval.
    share : float in [0, 1]
        Of the sum over the segments of its column of n × PSI excess, where that is above 0.
    """

    column: str
    value: str
    n: int
    m: int
    excess: float
    low: float
    high: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which segments carry the drift of a feature, largest share first, and how many were too small to tell."""

    segments: tuple[SegmentShare, ...]
    n_suppressed: int


def where(
    names: tuple[tuple[str, str], ...], reference: Ints, current: Ints, *, phi: Floats, usable: NDArray[np.bool_]
) -> Where:
    """Return which segments carry the drift of one feature.

    A segment's part is n × its PSI excess (never below 0) over the sum of its column's segments: how much of the
    movement *within* segments it holds. What comes from a changed mix of segments is not in it.

    Parameters
    ----------
    names : (n_segments,) of (column, value)
    reference, current : (n_segments, K) counts
    phi : (n_segments,) >= 1
    usable : (n_segments,) bool
        Others are suppressed: too few rows.
    """
    excess, interval = psi_excess(reference, current, phi=phi), psi_excess_interval(reference, current, phi=phi)
    n, m = current.sum(-1), reference.sum(-1)
    weight = np.where(usable, np.maximum(np.nan_to_num(excess), 0.0) * n, 0.0)
    columns = np.array([column for column, _ in names])
    total = np.array([weight[columns == column].sum() for column in columns])
    share = np.divide(weight, total, out=np.zeros(len(weight)), where=total > 0)
    found = [
        SegmentShare(
            column=names[place][0],
            value=names[place][1],
            n=int(n[place]),
            m=int(m[place]),
            excess=float(excess[place]),
            low=float(interval.low[place]),
            high=float(interval.high[place]),
            share=float(share[place]),
        )
        for place in np.flatnonzero(usable).tolist()
    ]
    ranked = sorted(found, key=lambda one: (-one.share, -one.excess, one.column, one.value))
    return Where(segments=tuple(ranked), n_suppressed=int((~usable & (n > 0)).sum()))
