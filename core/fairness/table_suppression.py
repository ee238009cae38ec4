"""Which cells of a table of groups may be shown, given that its margins are published too.

Intersections of two protected columns, and groups by segment. A withheld cell is protected by a certificate: a way
to move people between withheld cells that leaves every published number as it is. How far people can be moved is how
little is known of the cell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fairness.suppression import COMPLEMENTARY, MINIMUM, SHOWN, SMALL, Ints, Mask, too_small

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What is withheld of one margin of a table, whose block holds one release block of its groups or several.

    Attributes
    ----------
    counts : (K, L, 3) int64
        Rows, positives, negatives of each group in each release block of the margin.
    hidden : (K, L) bool
        Groups that the margin's own mask withholds; none where the margin is of segments.
    """

    counts: Ints
    hidden: Bools

    def withheld(self) -> Bools:
        """Return the groups that are withheld in some release block, ``(L,)``."""
        return np.asarray(self.hidden.any(0))

    def slack(self) -> Ints:
        """Return how many people of a group stand in release blocks where it and another are withheld, ``(L, L, 3)``.

        So many may be of the other group instead as far as the margin tells.
        """
        both = (self.hidden[:, :, None] & self.hidden[:, None, :]).astype(np.int64)
        found: Ints = np.einsum("kab,kac->abc", both, self.counts)
        return found


def published(n_groups: int) -> Margin:
    """Return a margin of which nothing is withheld: segments, whose totals everybody sees."""
    return Margin(counts=np.zeros((1, n_groups, 3), np.int64), hidden=np.zeros((1, n_groups), bool))


def table_mask(counts: Ints, rows: Margin, columns: Margin) -> Mask:
    """Return what is withheld of a table in one block, ``(A, B)``.

    Withheld are small cells; all cells of a group that its margin withholds; and then, cheapest first, the cells that
    are needed so that each withheld cell has a certificate 10 wide in rows, positives and negatives. Cells without
    any row are shown, as empty. Where a certificate cannot be had, the whole table is withheld.

    Certificates are about this table and its margins. What several tables of two columns say of three columns at once
    is narrower than each alone; that no withheld cell is a combination of all of them is tested, not proved.

    Parameters
    ----------
    counts : (A, B, 3) rows, positives, negatives
    rows, columns : Margin of A and of B groups
    """
    filled = counts[..., 0] > 0
    small = too_small(counts)
    hidden = (small | rows.withheld()[:, None] | columns.withheld()[None, :]) & filled
    slacks = rows.slack(), columns.slack()
    waiting = list(np.argwhere(hidden))
    while waiting:
        cell = waiting.pop()
        if _certified(counts, hidden, slacks, cell):
            continue
        more = _cheapest(counts, hidden, cell)
        if more is None:
            hidden = filled
            break
        waiting.extend(np.argwhere(more & ~hidden))
        hidden = hidden | more
    return np.where(small, SMALL, np.where(hidden, COMPLEMENTARY, SHOWN)).astype(np.int8)


def _certified(counts: Ints, hidden: Bools, slacks: tuple[Ints, Ints], cell: Ints) -> bool:
    """Say whether enough people can be moved into and out of a withheld cell, ``(2,)`` row and column."""
    row, column = cell
    return _certified_by_row(counts, hidden, slacks[0], (int(row), int(column))) or _certified_by_row(
        counts.swapaxes(0, 1), hidden.T, slacks[1], (int(column), int(row))
    )


def _certified_by_row(counts: Ints, hidden: Bools, slack: Ints, cell: tuple[int, int]) -> bool:
    """Say whether a cell is protected together with another row.

    Within the cell's column where both rows' margins are withheld; otherwise with what both rows withhold elsewhere.
    """
    row, column = cell
    spare = _spare(counts)
    helpers = np.flatnonzero(hidden[:, column])
    for other in helpers[helpers != row]:
        up = np.minimum(spare[other, column], slack[other, row])
        down = np.minimum(spare[row, column], slack[row, other])
        if (up + down >= MINIMUM).all():
            return True
        both = hidden[row] & hidden[other]
        both[column] = False
        if _wide(spare, cell, int(other), both):
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
