"""A domain classifier: how well a row of the window can be told from one of the reference by its inputs alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.performance.ranking import roc_auc

Floats = NDArray[np.float64]
Report = Callable[[float, str], None]

FOLDS = 5
LEAST_ODDS = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainScores:
    """Cross-fitted probabilities of being a row of the window.

    Attributes
    ----------
    reference, current : (n0,), (n1,) in (0, 1)
        Every row is scored by a classifier that has not seen it.
    auc : float
        How well the two are told apart; 0.5: not at all.
    classifier : str
        "logistic regression" or "gradient boosting": the one with the smaller cross-fitted log loss.
    """

    reference: Floats
    current: Floats
    auc: float
    classifier: str

    def density_ratio(self) -> Floats:
        """Return how much more frequent each row of the reference is in the window, ``(n0,)``: its odds, times n0/n1.

        Their mean is 1 where the reference holds rows like all of the window, and less where it does not: about the
        share of the window that has a counterpart.
        """
        p = np.clip(self.reference, LEAST_ODDS, 1 - LEAST_ODDS)
        return np.asarray(p / (1 - p) * (len(self.reference) / len(self.current)))

    def odds(self) -> Floats:
        """Return the weight of each row of the reference, self-normalised, ``(n0,)``, mean 1."""
        ratio = self.density_ratio()
        return np.asarray(ratio / ratio.mean())


def domain_scores(reference: Floats, current: Floats, *, seed: int = 0, report: Report | None = None) -> DomainScores:
    """Return the scores of the better of two domain classifiers, both cross-fitted in 5 folds.

    A logistic regression first, then gradient boosting, which also sees what is not linear; the one with the smaller
    cross-fitted log loss is kept, so that boosting must earn its place.

    Parameters
    ----------
    reference, current : (n0, p), (n1, p) encoded inputs without NaN
    seed : of the folds and of the boosting
    """
    rows = np.concatenate([reference, current])
    is_current = np.r_[np.zeros(len(reference)), np.ones(len(current))]
    folds = stratified_folds(is_current, seed)
    logistic = _cross_fitted(rows, is_current, folds, kind="logistic regression", seed=seed)
    if report is not None:
        report(0.4, "the logistic domain classifier is fitted")
    boosted = _cross_fitted(rows, is_current, folds, kind="gradient boosting", seed=seed)
    losses = [_log_loss(is_current, one) for one in (logistic, boosted)]
    found, kind = (logistic, "logistic regression") if losses[0] <= losses[1] else (boosted, "gradient boosting")
    return DomainScores(
        reference=found[is_current == 0],
        current=found[is_current == 1],
        auc=auc_of_rows(found, is_current),
        classifier=kind,
    )


def domain_auc(reference: Floats, current: Floats, *, seed: int = 0) -> float:
    """Return the cross-fitted AUC of a small gradient boosting that tells `current` from `reference`; 0.5: it cannot.

    Parameters
    ----------
    reference, current : (n0, p), (n1, p) encoded inputs, of about equal length
    """
    rows = np.concatenate([reference, current])
    is_current = np.r_[np.zeros(len(reference)), np.ones(len(current))]
    found = _cross_fitted(rows, is_current, stratified_folds(is_current, seed), kind="small boosting", seed=seed)
    return auc_of_rows(found, is_current)


def stratified_folds(is_current: Floats, seed: int) -> NDArray[np.int64]:
    """Return the fold of each row, ``(n,)`` in 0 … 4: equally many of both sides in each, up to one."""
    rng = np.random.default_rng(seed)
    folds = np.zeros(len(is_current), np.int64)
    for side in (0.0, 1.0):
        mine = np.flatnonzero(is_current == side)
        folds[rng.permutation(mine)] = np.arange(len(mine)) % FOLDS
    return folds


def auc_of_rows(scores: Floats, labels: Floats, weights: Floats | None = None) -> float:
    """Return the ROC AUC of rows, ties ½; with weights the weighted one."""
    distinct, place = np.unique(scores, return_inverse=True)
    weights = np.ones(len(scores)) if weights is None else weights
    sides = [
        np.bincount(place, weights=np.where(labels == side, weights, 0.0), minlength=len(distinct)) for side in (1, 0)
    ]
    return float(roc_auc(sides[0], sides[1]).value)


def _cross_fitted(rows: Floats, is_current: Floats, folds: NDArray[np.int64], *, kind: str, seed: int) -> Floats:
    """Return the probability of being current of each row from the model of the other four folds."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    sizes = {"gradient boosting": (100, 15, 0.1), "small boosting": (30, 8, 0.2)}
    found = np.zeros(len(rows))
    for fold in range(FOLDS):
        inside = folds != fold
        if kind == "logistic regression":
            model = LogisticRegression(C=1.0, max_iter=300)
        else:
            steps, leaves, rate = sizes[kind]
            model = HistGradientBoostingClassifier(
                max_iter=steps,
                max_leaf_nodes=leaves,
                learning_rate=rate,
                min_samples_leaf=40,
                l2_regularization=1.0,
                early_stopping=kind == "gradient boosting",
                n_iter_no_change=8,
                random_state=seed,
            )
        with threadpool_limits(limits=1):  # threads that wait for each other on a busy machine cost more than they save
            model.fit(rows[inside], is_current[inside])
            found[~inside] = model.predict_proba(rows[~inside])[:, 1]
    return found


def _log_loss(is_current: Floats, scores: Floats) -> float:
    p = np.clip(np.where(is_current == 1, scores, 1 - scores), 1e-12, 1.0)
    return float(-np.log(p).mean())
