"""Counting class scores, predicted class and actual class of a multiclass model."""

import numpy as np
import pyarrow as pa

from core.profile.bins import Floats, Ints
from core.profile.class_scores import class_scores, predicted_classes, top_scores
from core.profile.columns import small_ints
from core.profile.features import sums_between
from core.profile.flags import Known
from core.profile.scored import UNKNOWN, count_scored, scored
from core.profile.tally import Tally


def count_multiclass(rows: pa.Table, tally: Tally) -> Known:
    """Count predicted × actual class, the top-label score × "was right" and each class score into `tally`."""
    n_classes = len(tally.binning.classes)
    scores = class_scores(rows, tally.binning.class_sources)
    actuals = small_ints(rows, "actual", n_classes)
    predicted = predicted_classes(rows, scores)
    known = Known(labelled=actuals != n_classes, decided=predicted != n_classes)
    confusion = tally.block("confusion")
    codes = predicted * (n_classes + 1) + actuals
    confusion[:] = np.bincount(codes, minlength=confusion.size).reshape(confusion.shape)
    _count_segments(predicted, actuals, known, tally)
    right = np.where(known.labelled & known.decided, predicted == actuals, UNKNOWN)
    count_scored(scored(top_scores(scores), right, tally.binning.score_kind), tally)
    for place, of_class in enumerate(scores):
        truths = np.where(known.labelled, actuals == place, UNKNOWN)
        _count_class(of_class, truths, place, tally)
    if tally.binning.score_kind == "probability":
        _sum_losses(scores, actuals, known, tally)
    return known


def _count_segments(predicted: Ints, actuals: Ints, known: Known, tally: Tally) -> None:
    n_classes = len(tally.binning.classes)
    judged = known.labelled & known.decided
    counted = ((predicted, judged & (predicted == actuals)), (predicted, judged), (actuals, judged))
    for columns in tally.segments:
        block = tally.block("segment_classes")[columns.place]
        for place, (classes, mask) in enumerate((*counted, (predicted, known.decided))):
            block[..., place] = columns.count(columns.codes[mask], classes[mask], (n_classes,))


def _count_class(scores: Floats, truths: Ints, place: int, tally: Tally) -> None:
    counts, summed = tally.block("class_score_counts")[place], tally.float_block("class_score_sums")[place]
    for truth in range(UNKNOWN + 1):
        ordered = np.sort(scores[truths == truth])
        ordered = ordered[: np.searchsorted(ordered, np.nan, side="left")]
        inner = np.searchsorted(ordered, tally.binning.class_edges, side="right")
        bounds = np.concatenate([[0], inner, [ordered.size]])
        counts[truth] = np.diff(bounds)
        if truth != UNKNOWN:
            summed[truth] = sums_between(ordered, bounds, 0.0)


def _sum_losses(scores: Floats, actuals: Ints, known: Known, tally: Tally) -> None:
    judged = np.flatnonzero(known.labelled & ~np.isnan(scores[0]))
    total, by_segment = tally.float_block("class_losses"), tally.float_block("segment_class_losses")
    for first, losses in zip((0, 2), class_losses(scores[:, judged], actuals[judged]), strict=True):
        order = np.argsort(losses)
        ordered, nothing = losses[order], np.zeros(order.size, np.intp)
        for place, values in ((first, ordered), (first + 1, ordered**2)):
            total[place] = values.sum()
            for columns in tally.segments:
                combinations = columns.codes[judged[order]]
                by_segment[columns.place, place] = columns.sum(combinations, nothing, (), values)


def class_losses(scores: Floats, actuals: Ints) -> tuple[Floats, Floats]:
    """Return the Brier score (0 to 2) and the log loss in nats of each row.

    Log loss takes the score of the actual class, kept 2.2e-16 away from 0 and 1 as in scikit-learn.

    Parameters
    ----------
    scores : (K, n) float64
    actuals : (n,) intp

    Examples
    --------
    >>> brier, log_loss = class_losses(np.array([[0.5], [0.3], [0.2]]), np.array([0]))
    >>> brier.round(4).tolist(), log_loss.round(4).tolist()
    ([0.38], [0.6931])
    """
    tiny = float(np.finfo(np.float64).eps)
    rows = np.arange(actuals.size)
    missed = scores.copy()
    missed[actuals, rows] -= 1
    brier: Floats = np.square(missed).sum(axis=0)
    return brier, -np.log(np.clip(scores[actuals, rows], tiny, 1 - tiny))
