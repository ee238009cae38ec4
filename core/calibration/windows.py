"""Calibration read out of the summed profiles of windows."""

import numpy as np
from numpy.typing import NDArray

from core.calibration.calibration import Calibration, binary_brier, calibration
from core.calibration.classes import multiclass_brier
from core.calibration.display import score_histogram
from core.calibration.score_bins import ScoreBins, score_bins, segment_bins
from core.performance.estimates import Estimate
from core.profile.counts import PerformanceCounts
from core.profile.layout import Layout
from core.profile.profile import (
    multiclass_counts,
    performance_counts,
    segment_multiclass_counts,
    segment_performance_counts,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def window_calibration(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> Calibration:
    """Return the calibration of profiles with any leading axes (...); by segment with (..., S)."""
    bins = window_bins(layout, ints, floats, by_segment=by_segment)
    return calibration(bins, _brier(layout, ints, floats, by_segment=by_segment))


def window_bins(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> ScoreBins:
    """Return the labelled rows of profiles by score bin; of a multiclass model by the top-label score."""
    counts = performance_counts(layout, ints, floats)
    if not by_segment:
        return score_bins(counts)
    return segment_bins(segment_performance_counts(layout, ints, floats), counts)


def _brier(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> Estimate:
    if layout.binning.task == "multiclass":
        if by_segment:
            return multiclass_brier(segment_multiclass_counts(layout, ints, floats))
        return multiclass_brier(multiclass_counts(layout, ints, floats))
    return binary_brier(window_counts(layout, ints, floats, by_segment=by_segment))


def window_counts(layout: Layout, ints: Ints, floats: Floats, *, by_segment: bool) -> PerformanceCounts:
    """Return score and decision × actual of the whole, or of the segments."""
    read = segment_performance_counts if by_segment else performance_counts
    return read(layout, ints, floats)


def labelled_rows(counts: PerformanceCounts, place: int | None = None) -> tuple[Floats, Floats]:
    """Return rows and rows with a known actual, (...); of the segment at `place` where one is named."""
    confusion = counts.confusion if place is None else counts.confusion[..., place, :, :]
    every, known = confusion.sum((-2, -1)), confusion[..., :2].sum((-2, -1))
    return np.asarray(every, np.float64), np.asarray(known, np.float64)


def histogram(counts: PerformanceCounts, place: int | None = None) -> tuple[float, ...]:
    """Return the scores of one window by cell of .02, with or without an actual."""
    scores = counts.score_counts if place is None else counts.score_counts[place]
    return score_histogram(counts.edges, np.asarray(scores, np.float64).sum(-2))
