"""Edges of score × actual: fine enough that every curve can be read from counts."""

from collections.abc import Sequence

import numpy as np

from core.profile.bins import Floats
from core.profile.build_bins import quantiles

HUNDREDTHS = 100
LOGIT_REACH, LOGIT_POINTS, CLASS_LOGIT_POINTS = 12.0, 97, 49
SCORE_PARTS, POSITIVE_PARTS = 400, 200
RANKING_PARTS = 600


def score_edges(scores: Floats, positives: Floats, *, kind: str, thresholds: Sequence[float] = ()) -> Floats:
    """Return the right-closed score edges of the whole population, about 794 for a probability.

    Hundredths, a grid equidistant in the logit, quantiles of the reference's scores and of the scores of its
    positives, and the number just below every threshold, because the decision is ``score >= threshold``.
    A ranking score has quantiles only.

    Parameters
    ----------
    scores : (m,) float64
        Scores of the reference; may be empty.
    positives : (p,) float64
        Scores of reference rows whose actual is 1; empty without actuals.
    kind : str
        ``probability`` or ``ranking``.
    thresholds : sequence of float

    References
    ----------
    docs/method/performance.md.

    Examples
    --------
    >>> len(score_edges(np.empty(0), np.empty(0), kind="probability", thresholds=[0.5]))
    196
    """
    parts = [just_below(thresholds)]
    if kind == "probability":
        parts += [hundredths(), _logit_grid(LOGIT_POINTS)]
    of_all = SCORE_PARTS if kind == "probability" else RANKING_PARTS
    for values, n_parts in ((scores, of_all), (positives, POSITIVE_PARTS)):
        finite = np.sort(values[np.isfinite(values)])
        if finite.size:
            parts.append(quantiles(finite, n_parts))
    return np.unique(np.concatenate(parts) + 0.0)


def segment_score_edges(scores: Floats, *, kind: str, thresholds: Sequence[float] = ()) -> Floats:
    """Return the coarse edges used per segment: hundredths (of the scale, or of the mass) and the thresholds."""
    if kind == "probability":
        return np.unique(np.concatenate([hundredths(), just_below(thresholds)]))
    finite = np.sort(scores[np.isfinite(scores)])
    cuts = quantiles(finite, HUNDREDTHS) if finite.size else np.empty(0)
    return np.unique(np.concatenate([cuts, just_below(thresholds)]) + 0.0)


def class_edges(scores: Floats, *, kind: str) -> Floats:
    """Return the edges of the score of any class: hundredths and a grid equidistant in the logit.

    A ranking score has hundredths of its mass over all classes.

    >>> class_edges(np.empty(0), kind="probability").size
    147
    """
    if kind != "probability":
        return segment_score_edges(scores, kind=kind)
    return np.unique(np.concatenate([hundredths(), _logit_grid(CLASS_LOGIT_POINTS)]))


def _logit_grid(points: int) -> Floats:
    grid: Floats = 1 / (1 + np.exp(-np.linspace(-LOGIT_REACH, LOGIT_REACH, points)))
    return grid


def hundredths() -> Floats:
    """Return 0.01, 0.02, …, 0.99."""
    grid: Floats = np.arange(1, HUNDREDTHS) / HUNDREDTHS
    return grid


def just_below(thresholds: Sequence[float]) -> Floats:
    """Return the largest number below each threshold: the right edge of the scores that are not chosen."""
    below: Floats = np.nextafter(np.asarray(thresholds, np.float64), -np.inf)
    return below
