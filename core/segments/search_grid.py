"""The heat map of two columns: mean loss in every pair of their levels, kept for every pair of a search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import BadInputError
from core.points import finite
from core.segments.filters import Condition, Filter, words
from core.segments.search_levels import ColumnLevels
from core.segments.search_losses import LossKind
from core.segments.search_means import mean_interval_of
from core.segments.search_reference import Losses
from core.segments.search_significance import Sums

FEWEST_IN_CELL = 30
OTHER, MISSING = "other values", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """One cell of a heat map.

    Attributes
    ----------
    n : int
        Its rows with a loss.
    mean, low, high : float or None
        Mean loss with its 95 % interval; None below 30 rows, which `reason` says.
    where : Filter or None
        Its rows; None where one of the columns has no level of its own there.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None
    where: Filter | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentGrid:
    """Mean loss by the levels of two columns; empty levels are left out.

    Attributes
    ----------
    down, across : str
        The columns; `down` has its levels in the rows.
    down_levels, across_levels : tuple of str
    cells : tuple of rows of GridCell
    mean : float
        Mean loss of all rows.
    """

    down: str
    across: str
    down_levels: tuple[str, ...]
    across_levels: tuple[str, ...]
    cells: tuple[tuple[GridCell, ...], ...]
    loss: LossKind
    mean: float

    @property
    def worst(self) -> tuple[str, str, GridCell] | None:
        """The cell with the largest mean, and its levels; None where no cell has one."""
        found = [
            (down, across, cell)
            for down, row in zip(self.down_levels, self.cells, strict=True)
            for across, cell in zip(self.across_levels, row, strict=True)
            if cell.mean is not None
        ]
        return max(found, key=lambda one: one[2].mean or 0.0, default=None)


def grid_table(losses: Losses, columns: Sequence[ColumnLevels]) -> pa.Table:
    """Return rows, sum and sum of squares of the loss in every pair of levels of every pair of columns.

    Columns ``first second a b n total squares``: names of the columns, places of their levels; empty pairs are left
    out.
    """
    parts = list(_pairs(losses, columns))
    names = pa.array([one.column for one in columns], pa.string())

    def joined(place: int, kind: pa.DataType) -> pa.Array:
        return pa.array(np.concatenate([np.empty(0), *(part[place] for part in parts)]), kind)

    coded = [pa.DictionaryArray.from_arrays(joined(place, pa.int32()), names) for place in (0, 1)]
    rest = [joined(2, pa.int32()), joined(3, pa.int32()), joined(4, pa.int64())]
    sums = [joined(5, pa.float64()), joined(6, pa.float64())]
    return pa.table([*coded, *rest, *sums], names=["first", "second", "a", "b", "n", "total", "squares"])


def _pairs(losses: Losses, columns: Sequence[ColumnLevels]) -> Iterator[tuple[NDArray[Any], ...]]:
    coded = [(place, one.grid, one.grid.codes(losses.rows)) for place, one in enumerate(columns)]
    squares = losses.loss * losses.loss
    for (i, first, a), (j, second, b) in combinations(coded, 2):
        width, n_parts = len(second.conditions), len(first.conditions) * len(second.conditions)
        codes = a * width + b
        n = np.bincount(codes, minlength=n_parts)
        kept = np.flatnonzero(n)
        total, squared = (np.bincount(codes, each, n_parts)[kept] for each in (losses.loss, squares))
        places = np.full(len(kept), i), np.full(len(kept), j)
        yield (*places, kept // width, kept % width, n[kept], total, squared)


def level_documents(columns: Sequence[ColumnLevels]) -> dict[str, list[dict[str, Any] | None]]:
    """Return the levels of the heat map by column as plain JSON; None: all other values."""
    return {one.column: [_document(condition) for condition in one.grid.conditions] for one in columns}


def _document(one: Condition | None) -> dict[str, Any] | None:
    if one is None:
        return None
    levels = None if one.levels is None else list(one.levels)
    return {"levels": levels, "low": one.low, "high": one.high, "missing": one.missing}


def segment_grid(
    table: pa.Table, levels: Mapping[str, Sequence[Mapping[str, Any] | None]], down: str, across: str, *, loss: LossKind
) -> SegmentGrid:
    """Return the heat map of two columns of a search.

    Parameters
    ----------
    table, levels : of `grid_table` and `level_documents`

    Raises
    ------
    BadInputError
        When the search did not pair these columns.
    """
    if down == across or not {down, across} <= set(levels):
        raise BadInputError(f"The search did not pair '{down[:60]}' with '{across[:60]}'; choose two others.")
    mine = _of_pair(table, down, across)
    turned = mine.num_rows > 0 and mine["first"][0].as_py() != down
    rows, columns = (np.asarray(mine["b" if turned else "a"]), np.asarray(mine["a" if turned else "b"]))
    shape = len(levels[down]), len(levels[across])
    sums = [np.zeros(shape) for _ in range(3)]
    for filled, name in zip(sums, ("n", "total", "squares"), strict=True):
        filled[rows, columns] = np.asarray(mine[name])
    n, total, squares = sums
    kept = np.flatnonzero(n.sum(axis=1)), np.flatnonzero(n.sum(axis=0))
    conditions = [_conditions(name, levels[name]) for name in (down, across)]
    return SegmentGrid(
        down=down,
        across=across,
        down_levels=tuple(level_words(conditions[0][place]) for place in kept[0]),
        across_levels=tuple(level_words(conditions[1][place]) for place in kept[1]),
        cells=tuple(
            tuple(
                _cell(
                    Sums(n=n[i, j], total=total[i, j], squares=squares[i, j]),
                    (conditions[0][i], conditions[1][j]),
                    loss,
                )
                for j in kept[1]
            )
            for i in kept[0]
        ),
        loss=loss,
        mean=float(total.sum() / max(n.sum(), 1.0)),
    )


def _of_pair(table: pa.Table, down: str, across: str) -> pa.Table:
    first, second = table["first"].cast(pa.string()), table["second"].cast(pa.string())
    straight = pc.and_(pc.equal(first, down), pc.equal(second, across))
    turned = pc.and_(pc.equal(first, across), pc.equal(second, down))
    return table.filter(pc.or_(straight, turned))


def _conditions(column: str, levels: Sequence[Mapping[str, Any] | None]) -> list[Condition | None]:
    return [None if one is None else _condition(column, one) for one in levels]


def _condition(column: str, level: Mapping[str, Any]) -> Condition:
    texts = level["levels"]
    return Condition(
        column=column,
        levels=None if texts is None else tuple(texts),
        low=level["low"],
        high=level["high"],
        missing=level["missing"],
    )


def level_words(one: Condition | None) -> str:
    """Return a level as an axis names it.

    >>> level_words(Condition(column="income", high=30)), level_words(Condition(column="channel", levels=("web",)))
    ('≤ 30', 'web')
    """
    if one is None:
        return OTHER
    if one.missing:
        return MISSING
    if one.levels is not None:
        return ", ".join(one.levels)
    said = words(Filter(conditions=(one,)))
    return said.removeprefix(f"{one.column} ") if one.low is None or one.high is None else _between(said, one.column)


def _between(said: str, column: str) -> str:
    low, _, high = said.partition(f" < {column} ≤ ")
    return f"{low} to {high}"


def _cell(sums: Sums, levels: tuple[Condition | None, Condition | None], loss: LossKind) -> GridCell:
    n, known = int(sums.n), [one for one in levels if one is not None]
    where = Filter(conditions=tuple(known)) if len(known) == 2 else None
    if n < FEWEST_IN_CELL:
        reason = f"{n:,} rows, {FEWEST_IN_CELL} needed" if n else "no rows"
        return GridCell(n=n, mean=None, low=None, high=None, where=where, reason=reason)
    interval = mean_interval_of(sums, loss)
    return GridCell(
        n=n, mean=float(sums.mean), low=finite(float(interval.low)), high=finite(float(interval.high)), where=where
    )
