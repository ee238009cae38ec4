"""The bins of a feature: what a binning revision fixes for ever about one column."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericBins:
    """Right-closed fine bins of a numeric column and the display cells made of them.

    Bin ``b`` is ``(edges[b-1], edges[b]]``; the first and the last bin are open and hold no
    reference row, so their current share is the share outside the reference's range.

    Attributes
    ----------
    edges : (n_edges,) float64, strictly increasing
    is_atom : (n_edges + 1,) bool
        The bin holds exactly one value of the reference.
    cell : (n_edges + 1,) int16
        Display cell of each fine bin. Infinities belong to the first and the last bin's cell.
    n_cells : int
        Number of display cells without the missing cell, which always comes last (index `n_cells`).
    cell_names : tuple of str, length n_cells
        What a cell holds, for a person: ``"≤ 12.5"``, ``"12.5 – 31"``, ``"below 3"``, ``"new value"``.
    is_new_cell : (n_cells,) bool
        Cells that held no reference row: below the minimum, above the maximum, new value.
    centre : float
        Reference median; sums are of (x - centre).
    reference_mean : (n_edges + 1,) float64
        Mean of (x - centre) of the reference inside each bin; the middle of the edges where it is empty.
    scale : float
        Reference standard deviation winsorised at its 1/512 and 511/512 quantiles, in the feature's unit.
    constant : bool
        The reference has one value only.
    """

    edges: Floats
    is_atom: NDArray[np.bool_]
    cell: NDArray[np.int16]
    n_cells: int
    cell_names: tuple[str, ...]
    is_new_cell: NDArray[np.bool_]
    centre: float
    reference_mean: Floats
    scale: float
    constant: bool

    @property
    def n_bins(self) -> int:
        """Number of fine bins, the two open ends included."""
        return len(self.edges) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalBins:
    """Levels of a categorical column, most frequent in the reference first (ties by name).

    Fine counts are ``[level 0, …, level L-1, other, unseen]``. ``other`` is every reference level beyond
    the top 200, whose names are kept so that ``unseen`` means "not in the reference" (at most 10,000).

    Attributes
    ----------
    levels : tuple of str, at most 200
    rest : frozenset of str
        The reference levels counted as ``other``.
    n_cells : int
        Display cells without the missing cell: top 50 levels + other + unseen = min(L, 50) + 2.
    cell_names : tuple of str, length n_cells
    is_new_cell : (n_cells,) bool
    """

    levels: tuple[str, ...]
    rest: frozenset[str]
    n_cells: int
    cell_names: tuple[str, ...]
    is_new_cell: NDArray[np.bool_]

    @property
    def n_bins(self) -> int:
        """Number of fine counts: levels, other, unseen."""
        return len(self.levels) + 2


Bins = NumericBins | CategoricalBins


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCounts:
    """Counts of one feature; leading axes (windows, days) are allowed everywhere and shared.

    Attributes
    ----------
    fine : (..., n_bins) int64
    null, nan, neg_inf, pos_inf : (...) int64
        Zero for categorical columns except `null`. Infinities are not in `fine`.
    tail_sums : (..., 24) float64 or None
        Numeric: sums of (x - centre) in the 12 lowest and the 12 highest bins
        (``min(24, n_bins)`` of them when there are fewer bins: all bins in order).
    violations : (...) int64
        Rows that broke a semantic rule of the contract in this column.
    """

    fine: Ints
    null: Ints
    nan: Ints
    neg_inf: Ints
    pos_inf: Ints
    tail_sums: Floats | None
    violations: Ints
