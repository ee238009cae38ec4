"""The change of a weighted mean between two windows, split exactly into mix and within-segment change.

Symmetrised Kitagawa: R = Σ_g w_g r_g in both windows, and

    mix_g    = (w1 - w0) · ((r0 + r1)/2 - (R0 + R1)/2)
    within_g = (w0 + w1)/2 · (r1 - r0)

whose sum over all segments is R1 - R0. Centring makes the mix of an average segment 0, and neither window comes
first: exchanging them changes only the sign.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.performance.confusion import share

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A metric by segment as numerator over denominator: its mean is Σ numerator / Σ denominator.

    Attributes
    ----------
    numerator, denominator : (..., G) float64
        Of each segment, or of each pair of segments; the denominator is the weight.
    """

    numerator: Floats
    denominator: Floats

    @classmethod
    def of(cls, numerator: ArrayLike, denominator: ArrayLike) -> Self:
        """Return the ratio of two arrays that can be broadcast."""
        above, below = np.broadcast_arrays(np.asarray(numerator, np.float64), np.asarray(denominator, np.float64))
        return cls(numerator=above, denominator=below)

    @property
    def weights(self) -> Floats:
        """Share of each segment in the denominators, ``(..., G)``; NaN where all are 0."""
        return share(self.denominator, self.denominator.sum(-1, keepdims=True))

    @property
    def values(self) -> Floats:
        """The metric in each segment, ``(..., G)``; NaN where its denominator is 0."""
        return share(self.numerator, self.denominator)

    @property
    def overall(self) -> Floats:
        """The metric of all segments together, ``(...)``; NaN where all denominators are 0."""
        return share(self.numerator.sum(-1), self.denominator.sum(-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a change; Σ mix + Σ within = total.

    Attributes
    ----------
    mix, within : (..., G) float64
    total : (...) float64
        The metric now less the metric before.
    """

    mix: Floats
    within: Floats
    total: Floats


def decompose(reference: Ratio, current: Ratio) -> Parts:
    """Return the exact parts of the change of a weighted mean, segment by segment.

    A segment that is empty in one window takes the overall value there, and all of its change is mix: whether it
    came or went, nothing inside it changed. What is empty in both has no part. Everything is NaN where a window has
    no denominator at all.

    Parameters
    ----------
    reference, current : Ratio of one shape
        Segments must partition the rows, other and missing included.

    References
    ----------
    Kitagawa 1955; statistics.md §9.

    >>> before, now = Ratio.of([450, 240, 120], [500, 300, 200]), Ratio.of([270, 225, 220], [300, 300, 400])
    >>> parts = decompose(before, now)
    >>> parts.mix.round(4).tolist(), parts.within.round(4).tolist(), round(float(parts.total), 4)
    ([-0.0275, 0.0, -0.0375], [0.0, -0.015, -0.015], -0.095)
    """
    w0, w1 = reference.weights, current.weights
    before, now = reference.overall[..., None], current.overall[..., None]
    r0 = np.where(reference.denominator > 0, reference.values, before)
    r1 = np.where(current.denominator > 0, current.values, now)
    mix = (w1 - w0) * ((r0 + r1) / 2 - (before + now) / 2)
    within = (w0 + w1) / 2 * (r1 - r0)
    came_or_went = (reference.denominator > 0) != (current.denominator > 0)
    return Parts(
        mix=np.where(came_or_went, mix + within, mix),
        within=np.where(came_or_went, 0.0, within),
        total=current.overall - reference.overall,
    )


def of_root(parts: Parts, reference: Ratio, current: Ratio) -> Parts:
    """Return the parts of the change of √R from those of R: each divided by √R0 + √R1, which is exact.

    √R1 - √R0 = (R1 - R0)/(√R0 + √R1): the parts of the RMSE are those of the MSE in that unit.
    """
    scale = np.sqrt(reference.overall) + np.sqrt(current.overall)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(scale > 0, 1 / scale, 0.0)
    return Parts(
        mix=parts.mix * known[..., None],
        within=parts.within * known[..., None],
        total=np.sqrt(current.overall) - np.sqrt(reference.overall),
    )
