"""Counts of made-up rows, made the way the kernel makes them, for tests of the pure functions."""

import numpy as np

from core.profile.counts import RESIDUAL_SUMS, MulticlassCounts, RegressionCounts

ERROR_EDGES = np.linspace(0.02, 8.0, 400)
SCORE_EDGES = np.linspace(0.0, 1.0, 101)[1:-1]


def regression_counts(y, prediction, *, edges=ERROR_EDGES, centre=None):
    """Return the counts of rows; `y` and `prediction` are ``(..., n)``, the leading axes are kept."""
    y, prediction = np.asarray(y, np.float64), np.asarray(prediction, np.float64)
    centre = float(np.median(y)) if centre is None and y.size else centre or 0.0
    e, d = prediction - y, y - centre
    ape = np.where(y != 0, np.abs(e) / np.where(y != 0, np.abs(y), 1.0), 0.0)
    parts = {
        "e": e, "abs_e": np.abs(e), "e2": e**2, "e4": e**4, "d": d, "d2": d**2, "d3": d**3, "d4": d**4,
        "e2d": e**2 * d, "e2d2": e**2 * d**2, "ape": ape, "ape2": ape**2,
    }  # fmt: skip
    nothing = np.zeros(y.shape)
    place = np.searchsorted(edges, np.abs(e), side="left")
    bins = len(edges) + 1
    counts = np.apply_along_axis(lambda one: np.bincount(one, minlength=bins), -1, place) if y.size else None
    return RegressionCounts(
        edges=edges,
        centre=centre,
        residual_sums=np.stack([parts.get(name, nothing).sum(-1) for name in RESIDUAL_SUMS], -1),
        error_counts=np.zeros((*y.shape[:-1], bins), np.int64) if counts is None else counts,
        residual_n=np.stack([np.full(y.shape[:-1], y.shape[-1]), (y != 0).sum(-1)], -1),
    )


def multiclass_counts(y, scores, *, decided=None, unknown=0, edges=SCORE_EDGES):
    """Return the counts of rows: `y` ``(n,)`` codes, `scores` ``(n, K)``; `unknown` more rows without an actual."""
    y, scores = np.asarray(y), np.asarray(scores, np.float64)
    n, n_classes = scores.shape
    called = scores.argmax(1) if decided is None else np.asarray(decided)
    confusion = np.zeros((n_classes + 1, n_classes + 1), np.int64)
    np.add.at(confusion, (called, y), 1)
    confusion[0, -1] += unknown
    top, bins = scores.max(1), len(edges) + 1
    outcome, place = (called == y).astype(int), np.searchsorted(edges, top, side="left")
    score_counts, sums = np.zeros((3, bins), np.int64), np.zeros((2, 2, bins))
    np.add.at(score_counts, (outcome, place), 1)
    np.add.at(sums[0], (outcome, place), top)
    np.add.at(sums[1], (outcome, place), top**2)
    by_class, class_sums = np.zeros((n_classes, 3, bins), np.int64), np.zeros((n_classes, 2, bins))
    for k in range(n_classes):
        cell = ((y == k).astype(int), np.searchsorted(edges, scores[:, k], side="left"))
        np.add.at(by_class[k], cell, 1)
        np.add.at(class_sums[k], cell, scores[:, k])
    brier = ((scores - (y[:, None] == np.arange(n_classes))) ** 2).sum(1)
    with np.errstate(divide="ignore"):
        log = -np.log(np.clip(scores[np.arange(n), y], 1e-15, None)) if n else np.zeros(0)
    return MulticlassCounts(
        classes=tuple(f"class {k}" for k in range(n_classes)),
        edges=edges,
        class_edges=edges,
        confusion=confusion,
        score_counts=score_counts,
        score_sums=sums[0],
        score_squares=sums[1],
        class_score_counts=by_class,
        class_score_sums=class_sums,
        class_losses=np.array([brier.sum(), (brier**2).sum(), log.sum(), (log**2).sum()]),
    )


def drawn_classes(n, *, prevalence=(0.5, 0.3, 0.2), strength=2.0, seed=0):
    """Return actuals ``(n,)`` and class scores ``(n, K)`` that sum to 1."""
    rng = np.random.default_rng(seed)
    y = rng.choice(len(prevalence), n, p=prevalence)
    logits = rng.normal(size=(n, len(prevalence))) + strength * (y[:, None] == np.arange(len(prevalence)))
    scores = np.exp(logits + np.log(prevalence))
    return y, scores / scores.sum(1, keepdims=True)
