"""A feature's value against its SHAP value, coloured by the feature that it interacts with most."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLOCKS, MOST_IN_BLOCK = 10, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """The rows of one feature, in the order of the sample.

    Attributes
    ----------
    levels : tuple of str
        Of a categorical feature, in the order of their codes in `shown`; else empty.
    shown, values : tuple of float
        The feature's value (NaN: missing) and its SHAP value.
    partner : str or None
        The feature with the strongest interaction; None where there is none, or only withheld ones.
    shades : tuple of float
        The partner's value in [0, 1], NaN where missing; empty without a partner.
    partner_ends : (str, str)
        What the shades 0 and 1 stand for, in words.
    """

    feature: str
    unit: str
    levels: tuple[str, ...]
    shown: tuple[float, ...]
    values: tuple[float, ...]
    partner: str | None = None
    shades: tuple[float, ...] = ()
    partner_ends: tuple[str, str] = ("low", "high")


def interactions(feature: int, values: Floats, shown: Floats) -> Floats:
    """Return how strongly each feature seems to interact with one: as `shap.utils.approximate_interactions` does.

    Rows are sorted by the feature and cut into blocks of min(n/10, 50); within a block the feature hardly varies, so
    that what its SHAP values still have in common with another feature (|correlation|, summed over blocks) is an
    interaction. The same is done with "the other is missing"; the larger counts. A sign, no measure: correlated
    features look like interacting ones.

    Parameters
    ----------
    feature : place of the feature in [0, F)
    values, shown : (n, F) SHAP values, and values as numbers (categories by code), NaN where missing

    Returns
    -------
    (F,) float64 >= 0; 0 for the feature itself, and for one that does not vary
    """
    order = np.argsort(shown[:, feature], kind="stable")
    size = max(min(int(len(order) / BLOCKS), MOST_IN_BLOCK), 1)
    phi, others = values[order, feature], shown[order]
    found = np.maximum(_summed(phi, others, size), _summed(phi, np.isnan(others).astype(np.float64), size))
    found[feature] = 0.0
    return found


def _summed(phi: Floats, others: Floats, size: int) -> Floats:
    """Return Σ over blocks |corr(phi, other)|; a block in which one side does not vary or has a NaN counts 0."""
    whole = len(phi) // size * size
    total = _correlations(phi[:whole].reshape(-1, size), others[:whole].reshape(-1, size, others.shape[1]))
    if whole < len(phi):
        total = total + _correlations(phi[None, whole:], others[None, whole:])
    return total


def _correlations(phi: Floats, others: Floats) -> Floats:
    mine = phi - phi.mean(axis=1, keepdims=True)
    theirs = others - others.mean(axis=1, keepdims=True)
    scale = np.sqrt(np.square(mine).sum(1))[:, None] * np.sqrt(np.square(theirs).sum(1))
    together = np.abs(np.einsum("bi,bif->bf", mine, theirs))
    alive = (scale > 0) & (np.abs(others).sum(1) > 0)
    return np.asarray(np.where(alive, together / np.where(alive, scale, 1.0), 0.0).sum(0), np.float64)


def strongest(feature: int, values: Floats, shown: Floats, *, allowed: tuple[bool, ...]) -> int | None:
    """Return the place of the feature that interacts most with one, of those that may be shown; None: none does."""
    found = interactions(feature, values, shown)
    found[~np.asarray(allowed, bool)] = 0.0
    best = int(np.argmax(found)) if len(found) else 0
    return best if len(found) and found[best] > 0 else None
