"""Groups of score bins: ten of equal mass or equal width, and the merging that a chi-square test needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.calibration.score_bins import ScoreBins

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

N_GROUPS = 10
LEAST_EXPECTED = 5.0
"""Expected events, and expected non-events, that a group of the chi-square test has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Labelled rows by group of scores; leading axes are shared, an empty group has n = 0.

    Attributes
    ----------
    n, events : (..., G) float64
    sum_p, sum_pp, sum_py : (..., G) float64
        Σ score, Σ score², Σ score · actual.
    low, high : (..., G) float64
        Ends in [0, 1] of the bins that hold the rows; NaN in an empty group.
    error : (..., G) float64
        The mean score of the rows lies within this of `mean_score`; 0 where it is exact.
    """

    n: Floats
    events: Floats
    sum_p: Floats
    sum_pp: Floats
    sum_py: Floats
    low: Floats
    high: Floats
    error: Floats

    @property
    def mean_score(self) -> Floats:
        """Mean score p̄, (..., G); NaN in an empty group."""
        return _ratio(self.sum_p, self.n)

    @property
    def observed(self) -> Floats:
        """Share of events ȳ, (..., G); NaN in an empty group."""
        return _ratio(self.events, self.n)

    @property
    def difference(self) -> Floats:
        """ȳ - p̄, (..., G): above 0 the score is too low; 0 in an empty group."""
        return _ratio(self.events - self.sum_p, self.n, empty=0.0)

    @property
    def weight(self) -> Floats:
        """Share of the rows, (..., G); 0 everywhere without rows."""
        return _ratio(self.n, np.broadcast_to(self.n.sum(-1, keepdims=True), self.n.shape), empty=0.0)

    def at(self, index: int | tuple[int, ...]) -> "Groups":
        """Return the groups of one element of the leading axes."""
        return Groups(
            n=self.n[index],
            events=self.events[index],
            sum_p=self.sum_p[index],
            sum_pp=self.sum_pp[index],
            sum_py=self.sum_py[index],
            low=self.low[index],
            high=self.high[index],
            error=self.error[index],
        )


def _ratio(top: Floats, bottom: Floats, *, empty: float = np.nan) -> Floats:
    ratio: Floats = np.divide(top, bottom, out=np.full(top.shape, empty), where=bottom > 0)
    return ratio


def equal_mass(bins: ScoreBins, n_groups: int = N_GROUPS) -> Groups:
    """Return groups with about the same number of labelled rows, made of whole score bins.

    A bin goes where the middle of its mass falls: min(G - 1, floor(G (F_before + w/2))). A bin heavier than a
    tenth fills a group alone and leaves others empty.
    """
    total = bins.n.sum(-1, keepdims=True)
    before = np.cumsum(bins.n, -1) - bins.n / 2
    middle = _ratio(before, np.broadcast_to(total, before.shape), empty=0.0)
    label = np.minimum(np.floor(n_groups * middle), n_groups - 1).astype(np.int64)
    return _grouped(bins, label, n_groups)


def equal_width(bins: ScoreBins, n_groups: int = N_GROUPS) -> Groups:
    """Return groups ``((k-1)/G, k/G]`` of the score, as other tools make them; exact where the bins nest in them."""
    ends = np.arange(1, n_groups) / n_groups
    label = np.searchsorted(ends, bins.upper, side="left")
    return _grouped(bins, np.broadcast_to(label, bins.n.shape), n_groups)


def merged(groups: Groups, least: float = LEAST_EXPECTED) -> Groups:
    """Return neighbouring groups joined, from low scores to high, until each expects enough events and non-events.

    What is left over at the end joins the last full group. Where even all rows together expect too few of one
    kind, one group remains. Groups that are not needed have n = 0.

    Parameters
    ----------
    least : expected events Σp and non-events Σ(1 - p) that every group reaches

    References
    ----------
    Cochran 1954 (expected counts of at least 5).
    """
    n_groups = groups.n.shape[-1]
    place = np.zeros(groups.n.shape[:-1], np.int64)
    label = np.zeros(groups.n.shape, np.int64)
    events, others = np.zeros(place.shape), np.zeros(place.shape)
    for group in range(n_groups):
        label[..., group] = place
        events = events + groups.sum_p[..., group]
        others = others + groups.n[..., group] - groups.sum_p[..., group]
        full = (events >= least) & (others >= least)
        place = place + full
        events, others = np.where(full, 0.0, events), np.where(full, 0.0, others)
    label = np.minimum(label, np.maximum(place - 1, 0)[..., None])
    parts = [_sums(part, label, n_groups) for part in _parts(groups)]
    weighted = _sums(groups.n * groups.error, label, n_groups)
    return _named(
        parts,
        low=_extreme(groups.low, label, n_groups, least=True),
        high=_extreme(groups.high, label, n_groups, least=False),
        error=_ratio(weighted, parts[0], empty=0.0),
    )


def _grouped(bins: ScoreBins, label: Ints, n_groups: int) -> Groups:
    held = bins.n > 0
    parts = [_sums(part, label, n_groups) for part in (bins.n, bins.events, bins.sum_p, bins.sum_pp, bins.sum_py)]
    weighted = _sums(bins.n * bins.error, label, n_groups)
    low = np.where(held, np.clip(bins.lower, 0.0, 1.0), np.nan)
    high = np.where(held, np.clip(bins.upper, 0.0, 1.0), np.nan)
    return _named(
        parts,
        low=_extreme(low, label, n_groups, least=True),
        high=_extreme(high, label, n_groups, least=False),
        error=_ratio(weighted, parts[0], empty=0.0),
    )


def _parts(groups: Groups) -> tuple[Floats, ...]:
    return groups.n, groups.events, groups.sum_p, groups.sum_pp, groups.sum_py


def _named(parts: list[Floats], *, low: Floats, high: Floats, error: Floats) -> Groups:
    n, events, sum_p, sum_pp, sum_py = parts
    return Groups(
        n=n, events=events, sum_p=sum_p, sum_pp=sum_pp, sum_py=sum_py, low=low, high=high, error=error
    )  # fmt: skip


def _sums(values: Floats, label: Ints, n_groups: int) -> Floats:
    """Return the sums of `values` by label along the last axis, (..., n_groups)."""
    return np.stack([np.where(label == group, values, 0.0).sum(-1) for group in range(n_groups)], axis=-1)


def _extreme(values: Floats, label: Ints, n_groups: int, *, least: bool) -> Floats:
    """Return the smallest (or largest) known value by label, NaN where a group has none."""
    away = np.inf if least else -np.inf
    known = np.where(np.isnan(values), away, values)
    chosen = [np.where(label == group, known, away) for group in range(n_groups)]
    found = np.stack([one.min(-1) if least else one.max(-1) for one in chosen], axis=-1)
    return np.where(np.isfinite(found), found, np.nan)
