"""Estimated performance of a binary classifier before its actuals come: what its calibrated scores expect (CBPE)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.estimation.isotonic import isotonic
from core.performance.confusion import f1, mcc, share

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DRAWS = 200
SEED = 20_130_401
GROUPS = 150
"""Groups of neighbouring score bins on which the sampling error is drawn."""

TINY = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the reference says of each score bin.

    Attributes
    ----------
    chance : (B,) share of events in [0, 1], isotonic in the score
    labelled : (B,) rows of the reference with an actual
    mean_score, mean_square : (B,) of the score inside the bin, for the losses
    """

    chance: Floats
    labelled: Floats
    mean_score: Floats
    mean_square: Floats


def calibrated(
    positives: ArrayLike, negatives: ArrayLike, *, mean_score: ArrayLike, mean_square: ArrayLike
) -> Calibrated:
    """Return the calibration of the reference: weighted isotonic regression of the actual on the score bins.

    Scores are always calibrated: then even scores whose slope is off by a factor of 2 leave a bias of at most .005.

    Parameters
    ----------
    positives, negatives : (B,) labelled rows of the reference by actual
    mean_score, mean_square : (B,) mean of the score and of its square in each bin
    """
    events = np.asarray(positives, np.float64)
    labelled = events + np.asarray(negatives, np.float64)
    shares = np.divide(events, labelled, out=np.zeros_like(events), where=labelled > 0)
    return Calibrated(
        chance=isotonic(shares, labelled),
        labelled=labelled,
        mean_score=np.asarray(mean_score, np.float64),
        mean_square=np.asarray(mean_square, np.float64),
    )


def outcomes(
    positives: Floats, negatives: Floats, called: Bools | None, mean_score: Floats, mean_square: Floats
) -> Mapping[str, Floats]:
    """Return every binary metric of rows by actual and score bin; the counts may be expected ones.

    Parameters
    ----------
    positives, negatives : (..., B) rows by actual, in ascending order of the score
    called : (B,) bool or None
        Bins that are decided positive; None where decisions do not follow from the score.
    mean_score, mean_square : (B,)

    Returns
    -------
    mapping of metric to (...); NaN where a denominator is 0.
    """
    n = positives.sum(-1) + negatives.sum(-1)
    clipped = np.clip(mean_score, TINY, 1 - TINY)
    brier = positives @ (1 - 2 * mean_score + mean_square) + negatives @ mean_square
    log_loss = -(positives @ np.log(clipped) + negatives @ np.log1p(-clipped))
    found = {
        "roc_auc": area(positives, negatives),
        "average_precision": _average_precision(positives, negatives),
        "log_loss": share(log_loss, n),
        "brier_score": share(brier, n),
    }
    if called is not None:
        found |= _decided(*confusion(positives, negatives, called))
    return found


def confusion(positives: Floats, negatives: Floats, called: Bools) -> tuple[Floats, Floats, Floats, Floats]:
    """Return (tp, fp, fn, tn), each ``(...)``: the (expected) rows by decision and actual.

    >>> tp, fp, fn, tn = confusion(np.array([1.0, 4.0]), np.array([9.0, 6.0]), np.array([False, True]))
    >>> float(tp), float(fp), float(fn), float(tn)
    (4.0, 6.0, 1.0, 9.0)
    """
    mark = called.astype(np.float64)
    tp, fp = positives @ mark, negatives @ mark
    return tp, fp, positives.sum(-1) - tp, negatives.sum(-1) - fp


def _decided(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> dict[str, Floats]:
    recall, specificity = share(tp, tp + fn), share(tn, tn + fp)
    return {
        "accuracy": share(tp + tn, tp + fp + fn + tn),
        "precision": share(tp, tp + fp),
        "recall": recall,
        "f1": f1(tp, fp, fn),
        "mcc": mcc(tp, fp, fn, tn),
        "specificity": specificity,
        "false_positive_rate": 1 - specificity,
        "false_negative_rate": 1 - recall,
    }


def area(positives: Floats, negatives: Floats) -> Floats:
    """Return the area under the ROC curve with the (expected) counts as weights, ties one half; ``(...)``."""
    below = np.cumsum(negatives, -1) - negatives / 2
    return share((positives * below).sum(-1), positives.sum(-1) * negatives.sum(-1))


def _average_precision(positives: Floats, negatives: Floats) -> Floats:
    a, b = positives[..., ::-1], negatives[..., ::-1]
    reached, beside = np.cumsum(a, -1), np.cumsum(b, -1)
    total = reached + beside
    return share((a * reached / np.where(total > 0, total, 1.0)).sum(-1), positives.sum(-1))


def expected(rows: ArrayLike, reference: Calibrated, called: Bools | None) -> Mapping[str, Floats]:
    """Return the estimated value of every metric, ``(...)``: rows of a bin are events with the bin's chance.

    TP = sum over bins decided positive of n_b c_b, FP = n_b (1 - c_b), …; AUC and average precision with n_b c_b and
    n_b (1 - c_b) as weights. No actual of the window is used.

    Parameters
    ----------
    rows : (..., B) rows of the window by score bin, with or without an actual
    called : (B,) bool or None

    References
    ----------
    Confidence-based performance estimation; docs/method/estimation.md.
    """
    n = np.asarray(rows, np.float64)
    return outcomes(
        n * reference.chance, n * (1 - reference.chance), called, reference.mean_score, reference.mean_square
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What could have been the reference, drawn once; each draw gives the chances of the groups of bins.

    Attributes
    ----------
    group : (B,) int, place of each bin among the groups, ascending
    chance : (DRAWS, G) chances after the isotonic fit of each draw
    called : (G,) bool or None
    mean_score, mean_square : (G,)
    """

    group: Ints
    chance: Floats
    called: Bools | None
    mean_score: Floats
    mean_square: Floats


def reference_draws(reference: Calibrated, called: Bools | None, *, scale: float = 1.0) -> Draws:
    """Return `DRAWS` references with labels Binomial(r_b, c_b), each calibrated again.

    Neighbouring bins with the same decision are drawn together in groups of about 1/150 of the reference.

    Parameters
    ----------
    scale : float
        Effective rows per unit of weight; 1 for counts.
    """
    group = _groups(reference.labelled, called)
    n_groups = int(group[-1]) + 1
    labelled = np.bincount(group, reference.labelled, n_groups)
    weighted = np.where(reference.labelled > 0, reference.labelled, 0.0)
    chance = _mean_of(group, reference.chance, weighted, n_groups)
    rng = np.random.default_rng(SEED)
    size = np.rint(labelled * scale).astype(np.int64)
    drawn = rng.binomial(size, chance, (DRAWS, n_groups)) / np.maximum(size, 1)
    return Draws(
        group=group,
        chance=isotonic(drawn, size),
        called=None if called is None else np.bincount(group, called, n_groups) > 0,
        mean_score=_mean_of(group, reference.mean_score, weighted, n_groups),
        mean_square=_mean_of(group, reference.mean_square, weighted, n_groups),
    )


def _groups(labelled: Floats, called: Bools | None) -> Ints:
    """Return the group of each bin: equal shares of the reference, cut also where the decision changes."""
    reached = np.cumsum(labelled) - labelled / 2
    part = np.floor(GROUPS * reached / max(float(labelled.sum()), 1.0)).astype(np.int64)
    decided = np.zeros(len(labelled), np.bool_) if called is None else called
    cuts = (np.diff(part) != 0) | np.diff(decided.astype(np.int8)).astype(np.bool_)
    return np.concatenate([[0], np.cumsum(cuts)]).astype(np.int64)


def _mean_of(group: Ints, values: Floats, weights: Floats, n_groups: int) -> Floats:
    """Return the weighted mean of each group; the plain mean of a group without weight."""
    total = np.bincount(group, weights, n_groups)
    plain = np.bincount(group, values, n_groups) / np.bincount(group, minlength=n_groups)
    summed = np.bincount(group, weights * values, n_groups)
    return np.divide(summed, total, out=plain, where=total > 0)


def sampling_error(rows: ArrayLike, draws: Draws, *, scale: float = 1.0) -> Mapping[str, Floats]:
    """Return for each metric the sd of what could be realised: the band in which the realised value should fall.

    Over `DRAWS` draws: the reference's labels are drawn and calibrated again to c*, then the window's labels
    Binomial(n_b, c*_b). The same seed for every window, so that a window's error depends on its own rows only.

    Parameters
    ----------
    rows : (W, B) rows by score bin
    scale : float
        Effective rows per unit of weight.

    Returns
    -------
    mapping of metric to (W,); NaN where fewer than two draws have a value.
    """
    counted = np.add.reduceat(np.asarray(rows, np.float64), _starts(draws.group), axis=-1)
    per_window = [_spread_of(window, draws, scale) for window in counted]
    return {name: np.array([one[name] for one in per_window]) for name in per_window[0]} if per_window else {}


def _starts(group: Ints) -> Ints:
    return np.flatnonzero(np.diff(group, prepend=-1)).astype(np.int64)


def area_error(rows: ArrayLike, draws: Draws) -> Floats:
    """Return the sampling error of the area under the ROC curve alone, ``(W,)``; see `sampling_error`."""
    counted = np.add.reduceat(np.asarray(rows, np.float64), _starts(draws.group), axis=-1)
    drawn = (_drawn(window, draws, 1.0) for window in counted)
    return np.array([_sd(area(events, others)) for _, events, others in drawn])


def _spread_of(rows: Floats, draws: Draws, scale: float) -> dict[str, float]:
    held, events, others = _drawn(rows, draws, scale)
    called = None if draws.called is None else draws.called[held]
    found = outcomes(events, others, called, draws.mean_score[held], draws.mean_square[held])
    return {name: _sd(values) for name, values in found.items()}


def _drawn(rows: Floats, draws: Draws, scale: float) -> tuple[Ints, Floats, Floats]:
    """Return the groups with rows, and the drawn rows of each outcome in them, ``(DRAWS, n_held)``."""
    held = np.flatnonzero(rows > 0)
    size = np.rint(rows[held] * scale).astype(np.int64)
    rng = np.random.default_rng(SEED + 1)
    drawn = rng.binomial(size, draws.chance[:, held]).astype(np.float64)
    return held, drawn, size - drawn


def _sd(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if known.size > DRAWS // 2 else float("nan")
