"""Which cells of a table of groups may be shown, given that its margins are published too.

Intersections of two protected columns, and groups by segment. A withheld cell is protected by a certificate: a way
to move people between withheld cells that leaves every published number as it is. How far people can be moved is how
little is known of the cell.
"""

import numpy as np
from numpy.typing import NDArray

from core.fairness.suppression import COMPLEMENTARY, MINIMUM, SHOWN, SMALL, Ints, Mask, too_small

Bools = NDArray[np.bool_]


def table_mask(counts: Ints, rows: Bools, columns: Bools) -> Mask:
    """Return what is withheld of a table in one block, ``(A, B)``.

    Groups that their own column withholds are withheld in every cell; their sum, which can be worked out, is treated
    as one more group, and is withheld too where it is of one group alone. Then small cells are withheld, and, cheapest
    first, the cells that are needed so that each withheld cell has a certificate 10 wide in rows, positives and
    negatives. Cells without any row are shown, as empty. Where a certificate cannot be had, the whole table is
    withheld.

    Certificates are about this table and its margins. What several tables of two columns say of three columns at once
    is narrower than each alone; that no withheld cell is a combination of all of them is tested, not proved.

    Parameters
    ----------
    counts : (A, B, 3) rows, positives, negatives
    rows, columns : (A,) and (B,) bool
        Groups that their own column withholds in some release block inside this one; none of segments.

    >>> table = np.array([[[7, 3, 4], [200, 90, 110]], [[300, 100, 200], [250, 120, 130]]])
    >>> table_mask(table, np.zeros(2, bool), np.zeros(2, bool)).tolist()
    [[1, 2], [2, 2]]
    """
    filled, small = counts[..., 0] > 0, too_small(counts)
    pooled = _pooled(_pooled(counts, rows).swapaxes(0, 1), columns).swapaxes(0, 1)
    parts = _pooled(_pooled(filled[..., None].astype(np.int64), rows).swapaxes(0, 1), columns).swapaxes(0, 1)[..., 0]
    alone = np.zeros(parts.shape, bool)
    alone[int((~rows).sum()) :], alone[:, int((~columns).sum()) :] = True, True
    found = _completed(pooled, too_small(pooled) | (alone & (parts == 1)))
    hidden = filled.copy()
    if found is not None:
        inner = np.ix_(~rows, ~columns)
        hidden[inner] = found[: int((~rows).sum()), : int((~columns).sum())]
    return np.where(small, SMALL, np.where(hidden, COMPLEMENTARY, SHOWN)).astype(np.int8)


def _pooled(counts: Ints, withheld: Bools) -> Ints:
    """Return the rows that are not withheld, and the sum of those that are as the last one."""
    if not withheld.any():
        return counts
    return np.concatenate([counts[~withheld], counts[withheld].sum(0, keepdims=True)])


def _completed(counts: Ints, hidden: Bools) -> Bools | None:
    """Return the cells to withhold and those that are withheld to protect them; None where that cannot be done."""
    waiting = list(np.argwhere(hidden))
    while waiting:
        cell = waiting.pop()
        if _certified(counts, hidden, cell):
            continue
        more = _cheapest(counts, hidden, cell)
        if more is None:
            return None
        waiting.extend(np.argwhere(more & ~hidden))
        hidden = hidden | more
    return np.asarray(hidden & (counts[..., 0] > 0))


def _certified(counts: Ints, hidden: Bools, cell: Ints) -> bool:
    """Say whether enough people can be moved into and out of a withheld cell, ``(2,)`` row and column."""
    row, column = int(cell[0]), int(cell[1])
    return _certified_by_row(counts, hidden, (row, column)) or _certified_by_row(
        counts.swapaxes(0, 1), hidden.T, (column, row)
    )


def _certified_by_row(counts: Ints, hidden: Bools, cell: tuple[int, int]) -> bool:
    """Say whether a cell is protected together with another row, by what both withhold in other columns."""
    row, column = cell
    spare = _spare(counts)
    for other in np.flatnonzero(hidden[:, column]):
        through = hidden[row] & hidden[other]
        through[column] = False
        if other != row and _wide(spare, cell, int(other), through):
            return True
    return False


def _spare(counts: Ints) -> Ints:
    """Return how many could be taken out of each cell: one row stays, because an empty cell says that it is empty."""
    spare = counts.copy()
    spare[..., 0] = np.maximum(spare[..., 0] - 1, 0)
    return spare


def _wide(spare: Ints, cell: tuple[int, int], other: int, through: Bools) -> bool:
    """Say whether people can change places between two rows, by the columns `through`, 10 wide in the cell."""
    row, column = cell
    up = np.minimum(spare[row][through].sum(0), spare[other, column])
    down = np.minimum(spare[row, column], spare[other][through].sum(0))
    return bool((up + down >= MINIMUM).all())


def _cheapest(counts: Ints, hidden: Bools, cell: Ints) -> Bools | None:
    """Return the cells to withhold besides so that a cell is protected, with the fewest rows in them; or None."""
    row, column = int(cell[0]), int(cell[1])
    down = _cheapest_by_row(counts, hidden, (row, column))
    across = _cheapest_by_row(counts.swapaxes(0, 1), hidden.T, (column, row))
    found = [one for one in (down, None if across is None else (across[0], across[1].T)) if one is not None]
    return min(found, key=lambda one: one[0])[1] if found else None


def _cheapest_by_row(counts: Ints, hidden: Bools, cell: tuple[int, int]) -> tuple[int, Bools] | None:
    row, column = cell
    n, spare = counts[..., 0], _spare(counts)
    price = np.where(hidden, 0, n)
    best: tuple[int, Bools] | None = None
    for other in np.flatnonzero(n[:, column] > 0):
        usable = np.flatnonzero((n[row] > 0) & (n[other] > 0))
        usable = usable[usable != column]
        if other == row or not usable.size:
            continue
        through = _through(spare, cell, int(other), usable[np.argsort((price[row] + price[other])[usable])])
        if through is None:
            continue
        through[column] = True
        cost = int((price[row] + price[other])[through].sum())
        if best is None or cost < best[0]:
            more = np.zeros(hidden.shape, bool)
            more[row], more[other] = through, through
            best = cost, more
    return best


def _through(spare: Ints, cell: tuple[int, int], other: int, ordered: NDArray[np.intp]) -> Bools | None:
    """Return the fewest of the columns, in their order, by which a cell is protected with another row; or None."""
    through = np.zeros(spare.shape[1], bool)
    for column in ordered:
        through[column] = True
        if _wide(spare, cell, other, through):
            return through
    return None
