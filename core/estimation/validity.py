"""When a performance may be estimated from scores at all; each rule with its reason in words."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.performance.estimates import Words, first_reason, said

Floats = NDArray[np.float64]

FEWEST_LABELLED = 1_000
FEWEST_EVENTS = 50
FEW_BEYOND = 10
MOST_BEYOND = 0.05
MOST_OFF = 0.01
ASSUMES = "assumes that the relation of score to outcome is as in the reference"
RANKING_SCORE = "not applicable: the score is not declared a probability"
NO_THRESHOLD = "not applicable: no threshold is declared, and logged decisions are not kept by score"
NO_ROWS = "no prediction with a score in this window"
CHANGED = "not applicable: the relation changed: estimates are not trustworthy"


def unusable_reference(positives: float, negatives: float) -> str:
    """Return why a reference cannot tell what a score is worth; empty when it can.

    It needs 1,000 rows with an actual and 50 of each outcome.

    >>> unusable_reference(400, 200)
    'not applicable: the reference has 600 rows with an actual, 1,000 are needed'
    """
    labelled, rarer = positives + negatives, min(positives, negatives)
    if labelled < FEWEST_LABELLED:
        return f"not applicable: the reference has {labelled:,.0f} rows with an actual, {FEWEST_LABELLED:,} are needed"
    if rarer < FEWEST_EVENTS:
        return f"not applicable: the reference has {rarer:,.0f} rows of the rarer outcome, {FEWEST_EVENTS} are needed"
    return ""


def beyond_share(rows: ArrayLike, labelled: ArrayLike) -> Floats:
    """Return the share of a window's scores that lie where the reference is silent, ``(...)`` in [0, 1].

    Those are the lowest bins that together hold fewer than 10 labelled rows of the reference, and the highest.

    Parameters
    ----------
    rows : (..., B) rows of the window by score bin
    labelled : (B,) rows of the reference with an actual

    >>> float(beyond_share([5, 90, 5], [2, 500, 20]))
    0.05
    """
    n, reference = np.asarray(rows, np.float64), np.asarray(labelled, np.float64)
    below, above = np.cumsum(reference), np.cumsum(reference[::-1])[::-1]
    outside = (below < FEW_BEYOND) | (above < FEW_BEYOND)
    total = n.sum(-1)
    return np.asarray(np.divide((n * outside).sum(-1), total, out=np.zeros_like(total), where=total > 0))


def why_not_here(rows: ArrayLike, labelled: ArrayLike) -> Words:
    """Return for each window why its scores cannot be judged by the reference, ``(...)``; empty where they can."""
    n = np.asarray(rows, np.float64)
    beyond = beyond_share(n, labelled)
    percent = np.char.mod("%.0f", 100 * beyond)
    told = np.char.add(
        np.char.add("not applicable: ", percent), " % of the scores lie beyond what the reference has seen"
    )
    return first_reason(said(n.sum(-1) <= 0, NO_ROWS), np.where(beyond > MOST_BEYOND, told, ""))


def decisions_off(called_by_score: ArrayLike, called: ArrayLike, decided: ArrayLike) -> Words:
    """Return where logged decisions are not ``score >= threshold``, ``(...)``: nothing of them can be estimated then.

    Parameters
    ----------
    called_by_score : (...) rows whose score reaches the threshold
    called, decided : (...) rows decided positive, and decided at all
    """
    gap = np.abs(np.asarray(called_by_score, np.float64) - np.asarray(called, np.float64))
    total = np.asarray(decided, np.float64)
    off = gap > MOST_OFF * np.maximum(total, 1.0)
    percent = np.char.mod("%.0f", 100 * gap / np.maximum(total, 1.0))
    told = np.char.add(
        np.char.add("not applicable: logged decisions do not follow the threshold (", percent),
        " % of the rows more or fewer are positive)",
    )
    return np.where(off, told, "")
