"""The scores of a multiclass model's classes: the largest one, and the class that is predicted by it."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.profile.bins import Floats, Ints
from core.profile.columns import numeric_column, small_ints


def class_scores(rows: pa.Table, sources: Sequence[str]) -> Floats:
    """Return the score of every class, ``(K, n_rows)``; NaN throughout a row that lacks any of them."""
    scores = np.stack([numeric_column(rows, column)[0] for column in sources])
    lacking = np.isnan(scores.sum(axis=0))
    if lacking.any():
        scores[:, lacking] = np.nan
    return scores


def top_scores(scores: Floats) -> Floats:
    """Return the largest score of each row, NaN where there is none.

    >>> top_scores(np.array([[0.2, np.nan], [0.8, np.nan]]))
    array([0.8, nan])
    """
    largest: Floats = scores.max(axis=0)
    return largest


def predicted_classes(rows: pa.Table, scores: Floats) -> Ints:
    """Return the code of each row's predicted class: the logged decision, else the largest score, else K.

    Of equal scores the class declared first wins.

    Parameters
    ----------
    rows : pa.Table
        With ``decision`` as codes of classes, null where none was logged.
    scores : (K, n_rows) float64
    """
    n_classes = len(scores)
    logged = small_ints(rows, "decision", n_classes)
    largest = np.where(np.isnan(scores[0]), n_classes, scores.argmax(axis=0))
    return np.where(logged == n_classes, largest, logged)
