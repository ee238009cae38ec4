"""Where each row's SHAP value lies: one dot a row and feature, placed so that dots do not hide one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CELLS = 80
"""Cells along the axis of values; dots of one cell are stacked."""
HALF_WIDTH = 0.4
"""How far the fullest cell reaches from the feature's line; lines are 1 apart."""
MOST_DOTS = 500
LOW, HIGH = 5, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """The dots of one feature.

    Attributes
    ----------
    values : tuple of float
        SHAP values.
    offsets : tuple of float in [-.4, .4]
        Distance from the feature's line; they carry no number, only density.
    shades : tuple of float in [0, 1], or empty
        The feature's value between its 5 % and 95 % quantile; NaN where it is missing. Empty for a category or a
        withheld feature.
    """

    feature: str
    values: tuple[float, ...]
    offsets: tuple[float, ...]
    shades: tuple[float, ...]


def swarm(feature: str, phi: Floats, shown: Floats | None, *, ends: tuple[float, float]) -> Swarm:
    """Return the dots of one feature.

    Parameters
    ----------
    phi : (n,) SHAP values
    shown : (n,) the feature's own values, or None where no colour is given
    ends : both ends of the axis that all features share
    """
    return Swarm(
        feature=feature,
        values=tuple(phi.tolist()),
        offsets=tuple(spread(phi, ends=ends).tolist()),
        shades=() if shown is None else tuple(shade(shown).tolist()),
    )


def spread(phi: Floats, *, ends: tuple[float, float]) -> Floats:
    """Return for each dot how far from its line it is drawn: dots of a cell take turns above and below it.

    >>> spread(np.array([0.0, 0.0, 1.0]), ends=(0.0, 1.0)).tolist()
    [0.0, 0.4, 0.0]
    """
    low, high = ends
    width = (high - low) or 1.0
    cells = np.clip(((phi - low) / width * CELLS).astype(np.int64), 0, CELLS - 1)
    offsets = np.zeros(len(phi))
    fullest = 1
    for cell in np.unique(cells):
        members = np.flatnonzero(cells == cell)
        turn = np.arange(len(members))
        offsets[members] = (turn + 1) // 2 * np.where(turn % 2, 1.0, -1.0)
        fullest = max(fullest, int(np.abs(offsets[members]).max()))
    return np.where(offsets == 0, 0.0, offsets * HALF_WIDTH / fullest)


def shade(shown: Floats) -> Floats:
    """Return values between their 5 % and 95 % quantile as [0, 1]; .5 where all are the same, NaN where missing.

    >>> shade(np.array([3.0, 3.0, np.nan])).tolist()
    [0.5, 0.5, nan]
    """
    known = shown[np.isfinite(shown)]
    if not len(known):
        return np.full(len(shown), np.nan)
    low, high = np.percentile(known, [LOW, HIGH])
    if high <= low:
        low, high = float(known.min()), float(known.max())
    if high <= low:
        return np.where(np.isfinite(shown), 0.5, np.nan)
    finite = np.where(np.isfinite(shown), shown, low)
    return np.where(np.isfinite(shown), np.clip((finite - low) / (high - low), 0.0, 1.0), np.nan)


def swarms(
    features: Sequence[str], values: Floats, shown: Floats, *, coloured: Sequence[bool], seed: int = 0
) -> tuple[Swarm, ...]:
    """Return the dots of several features on one axis, of at most 500 rows drawn with `seed`.

    Parameters
    ----------
    features : (F,) in the order in which they are drawn
    values, shown : (n, F) SHAP values, and the features' own values as numbers
    coloured : (F,) whether a feature's value may be shown as a colour
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(values))[:MOST_DOTS])
    drawn = values[rows]
    ends = (float(drawn.min()), float(drawn.max())) if drawn.size else (0.0, 1.0)
    return tuple(
        swarm(name, drawn[:, place], shown[rows, place] if coloured[place] else None, ends=ends)
        for place, name in enumerate(features)
    )
