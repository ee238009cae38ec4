"""Calibration of a multiclass model: of the predicted class, and of every class by itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.calibration.calibration import Calibration, brier_estimate, calibration
from core.calibration.score_bins import class_bins
from core.performance.estimates import Estimate, estimate
from core.profile.counts import MulticlassCounts, SegmentMulticlassCounts
from core.stats.intervals import Interval

Floats = NDArray[np.float64]

CLASS_METRICS = ("ece", "mce", "calibration_slope", "calibration_intercept", "ece_debiased", "ece_perfect")
"""What is given for each class; squares of scores are not kept by class, hence no Brier score."""

CLASSWISE = "ece_classwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCalibration:
    """Calibration of each class, and their mean error.

    Attributes
    ----------
    classes : tuple of str, length K
    calibration : Calibration, leading axes (..., K)
    classwise : Estimate (...) of `ece_classwise`
    """

    classes: tuple[str, ...]
    calibration: Calibration
    classwise: Estimate


def class_calibration(counts: MulticlassCounts) -> ClassCalibration:
    """Return how probable each class is said to be against how often it is the actual one.

    `ece_classwise` is the plain mean of the classes' ECE, each over ten groups of equal mass.

    References
    ----------
    Kull et al. 2019 (classwise ECE).
    """
    bins = class_bins(counts.class_edges, counts.class_score_counts, counts.class_score_sums)
    n = bins.n.sum(-1)
    unknown = np.full(n.shape, np.nan)
    found = calibration(bins, brier_estimate(unknown, unknown, n))
    raw = found.estimates["ece"]
    none = Interval(low=unknown[..., 0], high=unknown[..., 0])
    mean = estimate(CLASSWISE, raw.value.mean(-1), none, n=n[..., 0], reason=raw.reason[..., 0])
    return ClassCalibration(classes=counts.classes, calibration=found, classwise=mean)


def multiclass_brier(counts: MulticlassCounts | SegmentMulticlassCounts) -> Estimate:
    """Return the Brier score over all classes, Σ_k (p - y)² of a row in [0, 2], not halved, as scikit-learn does."""
    if isinstance(counts, MulticlassCounts):
        scored, losses = counts.score_counts, counts.class_losses
    else:
        scored, losses = counts.segment_score_counts, counts.segment_class_losses
    return brier_estimate(losses[..., 0], losses[..., 1], scored[..., :2, :].sum((-2, -1)))
