"""All estimated metrics of a binary classifier from its counts, for many windows at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.estimation.cbpe import Calibrated, calibrated, expected, reference_draws, sampling_error
from core.estimation.validity import (
    ASSUMES,
    NO_THRESHOLD,
    RANKING_SCORE,
    decisions_off,
    unusable_reference,
    why_not_here,
)
from core.performance.binary import METRICS
from core.performance.estimates import Estimate, Words, estimate, first_reason
from core.profile.counts import PerformanceCounts
from core.profile.score_grid import just_below
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ANY_DECISION = ("roc_auc", "average_precision", "log_loss", "brier_score")
"""Metrics that need no decision."""

UNBOUNDED = ("log_loss",)


def binary_estimates(
    reference: PerformanceCounts,
    current: PerformanceCounts,
    *,
    threshold: float | None,
    probability: bool = True,
    known_only: bool = False,
) -> dict[str, Estimate]:
    """Return every binary metric as the scores of each window expect it; no actual of a window is used.

    `error` is the sampling sd of `core.estimation.cbpe.sampling_error`, and the interval the band in which the
    realised value should fall. Withheld, with the reason: everything of a ranking score, against a reference with
    fewer than 1,000 labelled rows or 50 events, or where more than 5 % of the scores lie beyond the reference; and
    what rests on decisions where these do not follow from the score.

    Parameters
    ----------
    reference : PerformanceCounts without leading axes
    current : PerformanceCounts with leading axes (W,)
    threshold : float or None
    probability : bool
        The score is declared a probability.
    known_only : bool
        Of the rows with an actual only, and without its error: to be held against what was realised.
    """
    rows = np.asarray(current.score_counts, np.float64)
    rows = rows[..., :2, :].sum(-2) if known_only else rows.sum(-2)
    map_of = reference_map(reference)
    called = called_bins(reference.edges, threshold)
    scale = float(reference.n_eff_share)
    why = unusable_reference(*(scale * reference.score_counts[1::-1].sum(-1)).tolist())
    general = RANKING_SCORE if not probability else why
    if general:
        return _withheld(rows, general)
    values = expected(rows, map_of, called)
    errors: Mapping[str, Floats] = {}
    if not known_only:
        errors = sampling_error(rows, reference_draws(map_of, called, scale=scale), scale=scale)
    reason = why_not_here(rows, map_of.labelled)
    undecided = first_reason(reason, _undecided(rows, current, called))
    n = rows.sum(-1) * scale
    return {
        name: _estimate(
            name,
            values.get(name, np.full(n.shape, np.nan)),
            errors.get(name),
            n=n,
            reason=reason if name in ANY_DECISION else undecided,
        )
        for name in METRICS
    }


def reference_map(reference: PerformanceCounts) -> Calibrated:
    """Return the calibration of the score bins by a reference, ``(B,)``.

    The score of a bin without a labelled row is taken as the middle of its edges.
    """
    counts = np.asarray(reference.score_counts, np.float64)
    labelled = counts[:2].sum(0)
    ends = np.concatenate([[0.0], reference.edges, [1.0]])
    middle = np.clip((ends[:-1] + ends[1:]) / 2, 0.0, 1.0)
    mean, square = middle, middle**2
    if reference.score_sums is not None and reference.score_squares is not None:
        mean = np.divide(reference.score_sums.sum(0), labelled, out=middle.copy(), where=labelled > 0)
        square = np.divide(reference.score_squares.sum(0), labelled, out=middle**2, where=labelled > 0)
    return calibrated(counts[1], counts[0], mean_score=mean, mean_square=square)


def called_bins(edges: Floats, threshold: float | None) -> Bools | None:
    """Return which score bins are decided positive; None where the edges do not hold the threshold.

    >>> called_bins(np.array([0.2, np.nextafter(0.5, -1), 0.7]), 0.5).tolist()
    [False, False, True, True]
    """
    if threshold is None:
        return None
    cut = float(just_below([threshold])[0])
    place = int(np.searchsorted(edges, cut))
    if place >= len(edges) or edges[place] != cut:
        return None
    marked: Bools = np.arange(len(edges) + 1) > place
    return marked


def _undecided(rows: Floats, current: PerformanceCounts, called: Bools | None) -> Words:
    if called is None:
        return np.full(rows.shape[:-1], NO_THRESHOLD)
    decided = np.asarray(current.confusion, np.float64).sum(-1)
    scores = np.asarray(current.score_counts, np.float64).sum(-2)
    return decisions_off((scores * called).sum(-1), decided[..., 1], decided[..., :2].sum(-1))


def _withheld(rows: Floats, why: str) -> dict[str, Estimate]:
    nothing = np.full(rows.shape[:-1], np.nan)
    reason = np.full(nothing.shape, why)
    n = rows.sum(-1)
    return {name: estimate(name, nothing, Interval(low=nothing, high=nothing), n=n, reason=reason) for name in METRICS}


def _estimate(metric: str, value: Floats, error: Floats | None, *, n: Floats, reason: Words) -> Estimate:
    spread = np.full(np.shape(value), np.nan) if error is None else error
    return estimate(
        metric,
        value,
        band(metric, value, spread),
        n=n,
        reason=reason,
        error=spread,
        remark=np.full(np.shape(value), ASSUMES),
    )


def band(metric: str, value: Floats, error: Floats) -> Interval:
    """Return value ± 1.96 sd inside the metric's own range: the band in which the realised value should fall."""
    least, most = (-1.0 if metric == "mcc" else 0.0), (np.inf if metric in UNBOUNDED else 1.0)
    return Interval(low=np.maximum(value - Z95 * error, least), high=np.minimum(value + Z95 * error, most))
