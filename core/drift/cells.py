"""Display cells of two windows made comparable, and cells of many features stacked in one array."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.profile.bins import Bins, CategoricalBins

Ints = NDArray[np.int64]


def unseen_in_other(bins: Bins, reference_cells: Ints, cells: Ints) -> Ints:
    """Return `cells` with ``unseen`` moved into ``other`` where the reference has rows in ``other``.

    The PSI of a level without reference rows is not a property of the population: it grows with ln m.
    Where the reference has no ``other``, ``unseen`` stays a cell of its own. Numeric cells are returned
    as they are.

    Parameters
    ----------
    reference_cells : (..., n_cells + 1), the reference that decides; missing last
    cells : (..., n_cells + 1), leading axes broadcast against it
    """
    if not isinstance(bins, CategoricalBins):
        return cells
    other, unseen = bins.n_cells - 2, bins.n_cells - 1
    joins = np.broadcast_to(reference_cells[..., other] > 0, cells.shape[:-1])
    joined = cells.copy()
    joined[..., other] += np.where(joins, cells[..., unseen], 0)
    joined[..., unseen] = np.where(joins, 0, cells[..., unseen])
    return joined


def stacked(cells: Sequence[Ints]) -> Ints:
    """Return the cells of many series as one array ``(..., n_series, K)``, the missing cell last.

    Shorter series are padded with cells that are empty on both sides, which no metric counts.

    Parameters
    ----------
    cells : sequence of (..., k_i) with one shape of leading axes, the missing cell last
    """
    width = max(one.shape[-1] for one in cells)
    result = np.zeros((*cells[0].shape[:-1], len(cells), width), np.int64)
    for place, one in enumerate(cells):
        result[..., place, : one.shape[-1] - 1] = one[..., :-1]
        result[..., place, -1] = one[..., -1]
    return result
