"""All performance metrics of a multiclass model from its counts, for many windows or segments at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.performance.confusion import share
from core.performance.estimates import NO_ACTUALS, Estimate, Words, estimate, first_reason, said
from core.performance.macro import (
    SMALLEST_CLASS,
    Margins,
    drawn_intervals,
    margin_intervals,
    margins,
    mean_f1,
)
from core.performance.ranking import roc_auc
from core.profile.counts import MulticlassCounts, SegmentMulticlassCounts
from core.stats.intervals import Interval, logit_interval, mean_interval, mean_standard_error, wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

METRICS = ("accuracy", "f1_macro", "f1_weighted", "roc_auc_ovr_macro", "log_loss", "brier_score")
"""Names of multiclass performance metrics, in the order in which they are shown."""

FEW_EVENTS = 20
FEW_BESIDE = f"fewer than {FEW_EVENTS} rows outside the most frequent class"
FEW_WRONG = 20
FEW_ERRORS = f"fewer than {FEW_WRONG} wrong rows"
NO_PREDICTION = "no row with an actual has a predicted class"
RANKING_SCORE = "not applicable: the score is not declared a probability"
WHOLE_ONLY = "not applicable: the scores of the classes are not kept by segment"
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPerformance:
    """Precision, recall and F1 of each class with Wilson intervals; arrays ``(..., K)``.

    Attributes
    ----------
    classes : tuple of str, length K
    precision, recall : (..., K) NaN where the class was never called, or never there
    precision_interval, recall_interval : Interval
    f1, roc_auc : (..., K) NaN where not defined
    called, were : (..., K) labelled rows by predicted and by actual class
    """

    classes: tuple[str, ...]
    precision: Floats
    recall: Floats
    precision_interval: Interval
    recall_interval: Interval
    f1: Floats
    roc_auc: Floats
    called: Floats
    were: Floats


def multiclass_estimates(counts: MulticlassCounts, *, probability: bool = True) -> dict[str, Estimate]:
    """Return all multiclass metrics with their 95 % intervals.

    Accuracy has a Wilson interval; macro and weighted F1 percentiles of 1,000 multinomial draws of the confusion
    matrix; one-vs-rest AUC (macro) the mean of the classes' DeLong errors, which is conservative because classes
    are taken as fully dependent; losses a t interval from exact sums. Brier is the sum over classes, 0 to 2.

    A class with fewer than 5 rows is named and left out of both macro means. Withheld, with the reason: everything
    without actuals; macro means when no class has 5 rows; AUC also when no class has 5 rows beside it; losses of
    a ranking score.

    Parameters
    ----------
    probability : bool
        The scores are declared probabilities (`score_kind`).
    """
    matrix = np.asarray(counts.confusion[..., :-1, :-1], np.int64)
    known = np.asarray(counts.confusion[..., :-1].sum((-2, -1)), np.float64)
    one = margins(matrix)
    judged = _confusion_metrics(counts.classes, one, known, drawn_intervals(matrix))
    auc = _auc(counts, known)
    withheld = _losses_withheld(known, probability=probability)
    n = np.asarray(counts.score_counts[..., :2, :].sum((-2, -1)), np.float64)
    return {each.metric: each for each in (*judged, auc, *_losses(counts.class_losses, n, one, withheld))}


def segment_multiclass_estimates(counts: SegmentMulticlassCounts, *, probability: bool = True) -> dict[str, Estimate]:
    """Return the same per segment, leading axes ``(..., S)``, from the margins of each segment's confusion matrix.

    Intervals of macro and weighted F1 are of the delta method on the logit scale. One-vs-rest AUC is not
    applicable: the scores of the classes are not kept by segment.
    """
    kept = np.asarray(counts.segment_classes, np.float64)
    one = Margins(right=kept[..., 0], called=kept[..., 1], were=kept[..., 2])
    n = np.asarray(counts.segment_score_counts[..., :2, :].sum((-2, -1)), np.float64)
    known = np.maximum(n, one.were.sum(-1))
    judged = _confusion_metrics(counts.classes, one, known, margin_intervals(one))
    nothing = np.full(n.shape, np.nan)
    auc = estimate(
        "roc_auc_ovr_macro",
        nothing,
        Interval(low=nothing, high=nothing),
        n=known,
        reason=first_reason(_no_actuals(known), np.full(n.shape, WHOLE_ONLY)),
    )
    losses = _losses(counts.segment_class_losses, n, one, _losses_withheld(known, probability=probability))
    return {each.metric: each for each in (*judged, auc, *losses)}


def class_performance(counts: MulticlassCounts) -> ClassPerformance:
    """Return precision, recall, F1 and one-vs-rest AUC of each class."""
    one = margins(counts.confusion[..., :-1, :-1])
    auc = roc_auc(counts.class_score_counts[..., 1, :], counts.class_score_counts[..., 0, :])
    return ClassPerformance(
        classes=counts.classes,
        precision=share(one.right, one.called),
        recall=share(one.right, one.were),
        precision_interval=wilson(one.right, one.called),
        recall_interval=wilson(one.right, one.were),
        f1=share(2 * one.right, one.called + one.were),
        roc_auc=auc.value,
        called=one.called,
        were=one.were,
    )


def _no_actuals(known: Floats) -> Words:
    return np.where(known > 0, "", NO_ACTUALS)


def _confusion_metrics(
    classes: Sequence[str], one: Margins, known: Floats, intervals: tuple[Interval, Interval]
) -> tuple[Estimate, Estimate, Estimate]:
    right, n = one.right.sum(-1), one.were.sum(-1)
    reason = first_reason(_no_actuals(known), said(n <= 0, NO_PREDICTION))
    few = first_reason(reason, said(~one.counted.any(-1), f"no class has {SMALLEST_CLASS} rows"))
    means, (macro, weighted) = mean_f1(one), intervals
    few_wrong = (n - right) < FEW_WRONG
    return (
        estimate("accuracy", share(right, n), wilson(right, n), n=n, reason=reason),
        estimate(
            "f1_macro",
            means.macro,
            macro,
            n=n,
            reason=few,
            remark=_left_out(classes, one.counted),
            approximate=few_wrong,
            caution=FEW_ERRORS,
        ),
        estimate(
            "f1_weighted", means.weighted, weighted, n=n, reason=reason, approximate=few_wrong, caution=FEW_ERRORS
        ),
    )


def _left_out(classes: Sequence[str], counted: Bools) -> Words:
    """Return which classes a macro mean leaves out, in words; empty where none."""
    found = [
        _named([name for name, held in zip(classes, row, strict=True) if not held])
        for row in counted.reshape(-1, len(classes))
    ]
    return np.asarray(found, np.str_).reshape(counted.shape[:-1])


def _named(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"left out with fewer than {SMALLEST_CLASS} rows: {', '.join(names[:NAMED])}{more}"


def _auc(counts: MulticlassCounts, known: Floats) -> Estimate:
    """Return the mean over classes of "this class against all others"; its bound is the mean of their bounds."""
    positives, negatives = counts.class_score_counts[..., 1, :], counts.class_score_counts[..., 0, :]
    each = roc_auc(positives, negatives)
    held = np.minimum(positives.sum(-1), negatives.sum(-1)) >= SMALLEST_CLASS
    n_held = held.sum(-1)
    value, error, bound = (
        share(np.where(held, one, 0.0).sum(-1), n_held) for one in (each.value, each.error, each.above)
    )
    few = said(n_held == 0, f"no class has {SMALLEST_CLASS} rows of its own and as many beside it")
    return estimate(
        "roc_auc_ovr_macro",
        value,
        logit_interval(value, error),
        n=(positives + negatives).sum(-1)[..., 0],
        reason=first_reason(_no_actuals(known), few),
        error=error,
        bound=np.nan_to_num(bound),
        remark=_left_out(counts.classes, held),
    )


def _losses_withheld(known: Floats, *, probability: bool) -> Words:
    return _no_actuals(known) if probability else np.full(known.shape, RANKING_SCORE)


def _losses(sums: Floats, n: Floats, one: Margins, withheld: Words) -> tuple[Estimate, Estimate]:
    reason = first_reason(withheld, said(n <= 0, "no row with an actual has all class scores"))
    few = (one.were.sum(-1) - one.were.max(-1, initial=0.0)) < FEW_EVENTS
    return (
        _mean("log_loss", sums[..., 2], sums[..., 3], n, reason=reason, few=few),
        _mean("brier_score", sums[..., 0], sums[..., 1], n, reason=reason, few=few),
    )


def _mean(metric: str, total: Floats, squares: Floats, n: Floats, *, reason: Words, few: Bools) -> Estimate:
    return estimate(
        metric,
        share(total, n),
        mean_interval(total, squares, n),
        n=n,
        reason=reason,
        error=mean_standard_error(total, squares, n),
        approximate=few,
        caution=FEW_BESIDE,
    )
