"""All performance metrics of a binary classifier from its counts, for many windows or segments at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.performance.confusion import f1, f1_interval, mcc, mcc_interval, share
from core.performance.estimates import NO_ACTUALS, Estimate, Words, estimate, first_reason
from core.performance.performance import Performance
from core.performance.ranking import Ranking, average_precision, roc_auc
from core.profile.counts import PerformanceCounts
from core.stats.intervals import mean_interval, mean_standard_error, wilson

Floats = NDArray[np.float64]

METRICS = (
    "roc_auc",
    "average_precision",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "mcc",
    "specificity",
    "false_positive_rate",
    "false_negative_rate",
    "log_loss",
    "brier_score",
)
"""Names of binary performance metrics, in the order in which they are shown."""

SMALLEST_CLASS = 5
FEW_EVENTS = 20
NO_DECISION = "not applicable: no decision was logged and no threshold is declared"
RANKING_SCORE = "not applicable: the score is not declared a probability"
FEW_OF_A_CLASS = f"not applicable: fewer than {SMALLEST_CLASS} rows of a class"


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryPerformance(Performance):
    """Every metric of a binary classifier, in the order of `METRICS`; rows are sums of weights when weighted.

    Attributes
    ----------
    n_positive, n_negative : (...) labelled rows by actual
    """

    n_positive: Floats
    n_negative: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    """Effective counts of labelled rows that the metrics are computed from."""

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats
    positives: Floats
    negatives: Floats
    no_actuals: Words
    few: Words
    no_decision: Words


def binary_performance(counts: PerformanceCounts, *, probability: bool = True) -> BinaryPerformance:
    """Return all binary metrics with their 95 % intervals.

    Shares have Wilson intervals with their own denominators, F1 a transformed Wilson, MCC an atanh
    interval, AUC logit-DeLong or Newcombe, average precision a logit interval, losses a t interval from
    exact sums. Decisions are those logged, otherwise score >= threshold. In a weighted model every
    metric is weighted and every interval uses the effective number of rows.

    Withheld, with the reason: everything without actuals; AUC, average precision, MCC, F1 and recall with
    fewer than 5 rows of either class; a share with an empty denominator; log loss and Brier score of a
    ranking score.

    Parameters
    ----------
    counts : PerformanceCounts
    probability : bool
        The score is declared a probability (`score_kind`).
    """
    labelled = _labelled(counts)
    found = (
        *_rankings(counts, labelled),
        *_confusion_metrics(labelled),
        *_losses(counts, labelled, probability=probability),
    )
    named = {one.metric: one for one in found}
    n_rows = np.asarray(counts.confusion.sum((-2, -1)), np.float64)
    n_labelled = np.asarray(counts.confusion[..., :2].sum((-2, -1)), np.float64)
    return BinaryPerformance(
        estimates={name: named[name] for name in METRICS},
        n_rows=n_rows,
        n_labelled=n_labelled,
        n_positive=np.asarray(counts.confusion[..., 1].sum(-1), np.float64),
        n_negative=np.asarray(counts.confusion[..., 0].sum(-1), np.float64),
        label_coverage=share(n_labelled, n_rows),
    )


def _labelled(counts: PerformanceCounts) -> _Labelled:
    effective = np.asarray(counts.n_eff_share, np.float64)
    confusion = np.asarray(counts.confusion, np.float64) * effective[..., None, None]
    negatives, positives = confusion[..., 0].sum(-1), confusion[..., 1].sum(-1)
    decided = confusion[..., :2, :2].sum((-2, -1))
    no_actuals = np.where(negatives + positives > 0, "", NO_ACTUALS)
    few = np.where(np.minimum(negatives, positives) >= SMALLEST_CLASS, "", FEW_OF_A_CLASS)
    return _Labelled(
        tp=confusion[..., 1, 1],
        fp=confusion[..., 1, 0],
        fn=confusion[..., 0, 1],
        tn=confusion[..., 0, 0],
        positives=positives,
        negatives=negatives,
        no_actuals=no_actuals,
        few=first_reason(no_actuals, few),
        no_decision=first_reason(no_actuals, np.where(decided > 0, "", NO_DECISION)),
    )


def _empty(denominator: Floats, what: str) -> Words:
    return np.where(denominator > 0, "", f"not applicable: {what}")


def _rankings(counts: PerformanceCounts, labelled: _Labelled) -> tuple[Estimate, Estimate]:
    positives, negatives = counts.score_counts[..., 1, :], counts.score_counts[..., 0, :]
    n = labelled.positives + labelled.negatives
    auc = roc_auc(positives, negatives, n_eff_share=counts.n_eff_share)
    precision = average_precision(positives, negatives, n_eff_share=counts.n_eff_share)
    return _ranked("roc_auc", auc, n, labelled.few), _ranked("average_precision", precision, n, labelled.few)


def _ranked(metric: str, ranking: Ranking, n: Floats, reason: Words) -> Estimate:
    bound = np.maximum(ranking.below, ranking.above)
    return estimate(
        metric, ranking.value, ranking.interval, n=n, reason=reason, error=ranking.error, bound=np.nan_to_num(bound)
    )


def _confusion_metrics(x: _Labelled) -> tuple[Estimate, ...]:
    called, not_called = x.tp + x.fp, x.fn + x.tn
    were, were_not = x.tp + x.fn, x.fp + x.tn
    total = called + not_called
    no_positive = _empty(were, "no labelled row is positive")
    no_negative = _empty(were_not, "no labelled row is negative")
    no_call = _empty(called, "no labelled row was decided positive")
    no_margin = _empty(called * not_called, "all decisions are the same")
    few = first_reason(x.no_decision, x.few)
    return (
        _share("accuracy", x.tp + x.tn, total, x.no_decision),
        _share("precision", x.tp, called, first_reason(x.no_decision, no_call)),
        _share("recall", x.tp, were, first_reason(few, no_positive)),
        estimate("f1", f1(x.tp, x.fp, x.fn), f1_interval(x.tp, x.fp, x.fn), n=total, reason=few),
        estimate(
            "mcc",
            mcc(x.tp, x.fp, x.fn, x.tn),
            mcc_interval(x.tp, x.fp, x.fn, x.tn),
            n=total,
            reason=first_reason(few, no_margin),
        ),
        _share("specificity", x.tn, were_not, first_reason(x.no_decision, no_negative)),
        _share("false_positive_rate", x.fp, were_not, first_reason(x.no_decision, no_negative)),
        _share("false_negative_rate", x.fn, were, first_reason(x.no_decision, no_positive)),
    )


def _share(metric: str, numerator: Floats, denominator: Floats, reason: Words) -> Estimate:
    return estimate(metric, share(numerator, denominator), wilson(numerator, denominator), n=denominator, reason=reason)


def _losses(counts: PerformanceCounts, labelled: _Labelled, *, probability: bool) -> tuple[Estimate, Estimate]:
    sums = counts.losses.sum(-2) * np.asarray(counts.n_eff_share)[..., None]
    n = labelled.positives + labelled.negatives
    few_events = np.minimum(labelled.positives, labelled.negatives) < FEW_EVENTS
    reason = labelled.no_actuals if probability else first_reason(np.full(n.shape, RANKING_SCORE), labelled.no_actuals)
    return (
        _mean("log_loss", sums[..., 2], sums[..., 3], n, reason=reason, few_events=few_events),
        _mean("brier_score", sums[..., 0], sums[..., 1], n, reason=reason, few_events=few_events),
    )


def _mean(
    metric: str, total: Floats, squares: Floats, n: Floats, *, reason: Words, few_events: NDArray[np.bool_]
) -> Estimate:
    return estimate(
        metric,
        share(total, n),
        mean_interval(total, squares, n),
        n=n,
        reason=reason,
        error=mean_standard_error(total, squares, n),
        approximate=few_events,
    )
