"""Estimated metrics of a multiclass model: what the scores of its classes expect, class by class."""

import numpy as np
from numpy.typing import NDArray

from core.estimation.binary import band, reference_map
from core.estimation.cbpe import Calibrated, area, area_error, calibrated, reference_draws, sampling_error
from core.estimation.validity import ASSUMES, RANKING_SCORE, unusable_reference, why_not_here
from core.performance.confusion import share
from core.performance.estimates import Estimate, Words, estimate, first_reason, said
from core.performance.multiclass import METRICS
from core.profile.counts import MulticlassCounts, PerformanceCounts
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]

FEWEST_OF_A_CLASS = 50
TINY = float(np.finfo(np.float64).eps)
NO_PREDICTED = "not applicable: the scores of a class are not kept beside the class that was predicted"
WHOLE_ONLY = "not applicable: the scores of the classes are not kept by segment"


def multiclass_estimated(
    reference: MulticlassCounts,
    current: MulticlassCounts,
    top: tuple[PerformanceCounts, PerformanceCounts],
    *,
    probability: bool = True,
    known_only: bool = False,
) -> dict[str, Estimate]:
    """Return the multiclass metrics that counts can estimate, ``(W,)``.

    Accuracy: the chance of being right by the top-label score. One-vs-rest AUC: one isotonic calibration a class, the
    mean over the classes with at least 50 rows in the reference; its error is the mean of the classes' errors, as if
    they moved together. Losses are sums over classes, so that the margins of the scores are enough:
    -sum n_kb c_kb ln s_kb and sum n_kb (c_kb (1 - s_kb)² + (1 - c_kb) s_kb²); their error is at most sd/√n of the
    rows. The class chances are made to sum to 1 over the window, not in each row. Macro and weighted F1 need the
    predicted class beside the scores: not applicable.

    Parameters
    ----------
    reference, current : MulticlassCounts, the second with leading axes (W,)
    top : their counts of the top-label score, as `core.profile.profile.performance_counts` gives them
    """
    rows = np.asarray(current.class_score_counts, np.float64)
    rows = rows[..., :2, :].sum(-2) if known_only else rows.sum(-2)
    n = rows.sum(-1)[..., 0]
    accuracy = top_label_accuracy(*top, probability=probability, known_only=known_only)
    why = RANKING_SCORE if not probability else _unusable(reference)
    if why:
        return {"accuracy": accuracy} | {name: _nothing(name, n, why) for name in METRICS[1:]}
    chances = [_class_map(reference, place) for place in range(len(reference.classes))]
    reason = said(n <= 0, "no row with the scores of all classes in this window")
    found = {
        "accuracy": accuracy,
        "f1_macro": _nothing("f1_macro", n, NO_PREDICTED),
        "f1_weighted": _nothing("f1_weighted", n, NO_PREDICTED),
        "roc_auc_ovr_macro": _area(reference, rows, chances, reason, known_only=known_only),
    }
    return found | _losses(reference, rows, chances, reason)


def top_label_accuracy(
    reference: PerformanceCounts, current: PerformanceCounts, *, probability: bool = True, known_only: bool = False
) -> Estimate:
    """Return the estimated accuracy: the expected share of rows whose predicted class is right, ``(W,)``."""
    rows = np.asarray(current.score_counts, np.float64)
    rows = rows[..., :2, :].sum(-2) if known_only else rows.sum(-2)
    n, scale = rows.sum(-1), float(reference.n_eff_share)
    why = RANKING_SCORE if not probability else unusable_reference(*reference.score_counts[1::-1].sum(-1).tolist())
    if why:
        return _nothing("accuracy", n, why)
    chance = reference_map(reference)
    value = share(rows @ chance.chance, n)
    error = np.full(n.shape, np.nan)
    if not known_only:
        everywhere = np.ones(rows.shape[-1], np.bool_)  # a "called" row is right with its chance: precision
        error = sampling_error(rows, reference_draws(chance, everywhere, scale=scale), scale=scale)["precision"]
    return _estimated("accuracy", value, error, n=n, reason=why_not_here(rows, chance.labelled))


def _unusable(reference: MulticlassCounts) -> str:
    labelled = float(reference.class_score_counts[0, :2].sum())
    return unusable_reference(labelled / 2, labelled / 2)


def _class_map(reference: MulticlassCounts, place: int) -> Calibrated:
    counts = np.asarray(reference.class_score_counts[place], np.float64)
    labelled = counts[:2].sum(0)
    ends = np.concatenate([[0.0], reference.class_edges, [1.0]])
    middle = np.clip((ends[:-1] + ends[1:]) / 2, 0.0, 1.0)
    mean = np.divide(reference.class_score_sums[place].sum(0), labelled, out=middle, where=labelled > 0)
    return calibrated(counts[1], counts[0], mean_score=mean, mean_square=mean**2)


def _area(
    reference: MulticlassCounts, rows: Floats, chances: list[Calibrated], reason: Words, *, known_only: bool
) -> Estimate:
    held = reference.class_score_counts[:, 1].sum(-1) >= FEWEST_OF_A_CLASS
    named = [name for name, enough in zip(reference.classes, held, strict=True) if not enough]
    values, errors = [], []
    for place in np.flatnonzero(held).tolist():
        of_class, one = rows[..., place, :], chances[place]
        values.append(area(of_class * one.chance, of_class * (1 - one.chance)))
        errors.append(
            np.full(values[-1].shape, np.nan) if known_only else area_error(of_class, reference_draws(one, None))
        )
    nothing = np.full(rows.shape[:-2], np.nan)
    few = said(np.full(nothing.shape, not values), f"no class has {FEWEST_OF_A_CLASS} rows in the reference")
    left_out = f"; left out with fewer than {FEWEST_OF_A_CLASS} rows: {', '.join(named)}" if named else ""
    return _estimated(
        "roc_auc_ovr_macro",
        np.mean(values, axis=0) if values else nothing,
        np.mean(errors, axis=0) if errors else nothing,
        n=rows.sum(-1)[..., 0],
        reason=first_reason(reason, few),
        more=left_out,
    )


def _losses(reference: MulticlassCounts, rows: Floats, chances: list[Calibrated], reason: Words) -> dict[str, Estimate]:
    n = rows.sum(-1)[..., 0]
    score = np.stack([one.mean_score for one in chances])
    events = rows * np.stack([one.chance for one in chances])
    events = events * share(n, events.sum((-2, -1)))[..., None, None]
    minus_log = -np.log(np.clip(score, TINY, 1 - TINY))
    log_loss, of_class = share((events * minus_log).sum((-2, -1)), n), share((events * score).sum((-2, -1)), n)
    brier = 1 + share((rows * score**2).sum((-2, -1)), n) - 2 * of_class
    m = max(float(reference.class_score_counts[0, :2].sum()), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.sqrt(1 / n + 1 / m)
    spread = np.sqrt(np.maximum(share((events * minus_log**2).sum((-2, -1)), n) - log_loss**2, 0.0))
    apart = 2 * np.sqrt(np.maximum(share((events * score**2).sum((-2, -1)), n) - of_class**2, 0.0))
    return {
        "log_loss": _estimated("log_loss", log_loss, spread * size, n=n, reason=reason),
        "brier_score": _estimated("brier_score", brier, apart * size, n=n, reason=reason),
    }


def _estimated(metric: str, value: Floats, error: Floats, *, n: Floats, reason: Words, more: str = "") -> Estimate:
    limits = band(metric, value, error)
    if metric == "brier_score":  # of several classes: 0 to 2
        limits = Interval(low=limits.low, high=np.minimum(value + Z95 * error, 2.0))
    remark = np.full(np.shape(value), ASSUMES + more)
    return estimate(metric, value, limits, n=n, reason=reason, error=error, remark=remark)


def _nothing(metric: str, n: Floats, why: str) -> Estimate:
    nothing = np.full(np.shape(n), np.nan)
    return estimate(metric, nothing, Interval(low=nothing, high=nothing), n=n, reason=np.full(nothing.shape, why))


def whole_only(metric: str, n: Floats) -> Estimate:
    """Return a metric that cannot be estimated by segment."""
    return _nothing(metric, n, WHOLE_ONLY)
