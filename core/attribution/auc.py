"""The change of the ROC AUC between two windows, split exactly: within segments, between segments, mix.

The AUC is a weighted mean over pairs of segments: AUC = Σ_gh a_g b_h A_gh with a_g the share of the positives that
are in g, b_h the share of the negatives in h, and A_gh the chance that a positive of g scores above a negative of h
(ties ½). So the formula of means holds for pairs, and half of a pair's part goes to either segment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attribution.decomposition import Ratio, decompose

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AucParts:
    """The parts of a change of the AUC; Σ (mix + within + between) = total.

    Attributes
    ----------
    mix : (..., G) float64
        How the positives and the negatives spread over the segments.
    within : (..., G) float64
        Rows of the segment are ordered worse or better among themselves: the pair (g, g).
    between : (..., G) float64
        They are ordered worse or better against rows of other segments: half of each pair with another.
    total : (...) float64
    before, now : (...) float64
        The AUC of both windows on these bins.
    bound : (...) float64
        Rows inside one bin count as ties: the total of the rows differs by at most so much.
    """

    mix: Floats
    within: Floats
    between: Floats
    total: Floats
    before: Floats
    now: Floats
    bound: Floats


def pair_ratio(positives: ArrayLike, negatives: ArrayLike) -> Ratio:
    """Return the AUC as a ratio over all pairs of segments, ``(..., G²)``: pairs that are in order, over all pairs.

    Parameters
    ----------
    positives, negatives : (..., G, n_bins) counts in ascending order of the score
    """
    a, b = np.asarray(positives, np.float64), np.asarray(negatives, np.float64)
    below = np.cumsum(b, -1) - b / 2
    in_order = a @ np.swapaxes(below, -1, -2)
    pairs = a.sum(-1)[..., :, None] * b.sum(-1)[..., None, :]
    shape = (*in_order.shape[:-2], -1)
    return Ratio(numerator=in_order.reshape(shape), denominator=pairs.reshape(shape))


def decompose_auc(
    reference_positives: ArrayLike,
    reference_negatives: ArrayLike,
    current_positives: ArrayLike,
    current_negatives: ArrayLike,
) -> AucParts:
    """Return the exact parts of the change of the AUC, segment by segment.

    A pair that is empty in one window takes the overall AUC there: its change is all mix.

    Parameters
    ----------
    reference_positives, … : (..., G, n_bins)
        Rows by segment and score bin, in ascending order of the score; all four of one shape.

    References
    ----------
    statistics.md §9; Kitagawa 1955, over pairs.

    >>> parts = decompose_auc([[1, 3], [0, 2]], [[3, 1], [2, 0]], [[2, 2], [0, 2]], [[3, 1], [2, 0]])
    >>> round(float((parts.mix + parts.within + parts.between).sum() - parts.total), 12)
    0.0
    """
    before = pair_ratio(reference_positives, reference_negatives)
    now = pair_ratio(current_positives, current_negatives)
    n_segments = np.shape(reference_positives)[-2]
    parts = decompose(before, now)
    mix, changed = (part.reshape(*part.shape[:-1], n_segments, n_segments) for part in (parts.mix, parts.within))
    own = np.einsum("...gg->...g", changed)
    return AucParts(
        mix=_halves(mix),
        within=own.copy(),
        between=_halves(changed) - own,
        total=parts.total,
        before=before.overall,
        now=now.overall,
        bound=_bound(reference_positives, reference_negatives) + _bound(current_positives, current_negatives),
    )


def _halves(pairs: Floats) -> Floats:
    """Return what falls to each segment when both of a pair get one half, ``(..., G)``."""
    return np.asarray((pairs.sum(-1) + pairs.sum(-2)) / 2)


def _bound(positives: ArrayLike, negatives: ArrayLike) -> Floats:
    """Return Σ a_b n_b / (2PN) of all segments together: how far bins can be off the AUC of the rows."""
    a, b = (np.asarray(side, np.float64).sum(-2) for side in (positives, negatives))
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = (a * b).sum(-1) / (2 * a.sum(-1) * b.sum(-1))
    return np.asarray(np.nan_to_num(bound), np.float64)
