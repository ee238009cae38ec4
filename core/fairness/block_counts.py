"""Counts of protected groups by release block, added up chunk by chunk from the profiles of units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.fairness.release_calendar import block_length, blocks_between
from core.fairness.suppression import Events, Ints, sensitive_counts
from core.profile.group_columns import kept_controls, kept_pairs
from core.profile.group_counts import GroupCounts, control_confusion, group_counts, pair_confusion
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, confusion
from core.profile.summing import Summed
from core.windows import Grain, Window

Floats = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)
Blocks = tuple[Window, ...]

USUAL_EVENTS = 0.1
"""Share of positives that the length of blocks assumes where the reference has no actuals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCounts:
    """A protected column in every block, nothing withheld yet.

    Attributes
    ----------
    blocks : tuple of Window, length K
    counts : GroupCounts with leading axes (K,)
    everybody : (K, 3, 3) int64
    sources : tuple of tuples of str, length K
        Data version of each unit of a block.
    """

    blocks: Blocks
    counts: GroupCounts
    everybody: Ints
    sources: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCounts:
    """A table in every block, nothing withheld yet: confusion (K, A, B, 3, 3)."""

    blocks: Blocks
    confusion: Ints
    everybody: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCounts:
    """Columns by name; pairs by both names; groups by segment by the name of the column."""

    columns: Mapping[str, ColumnCounts]
    pairs: Mapping[tuple[str, str], TableCounts]
    controls: Mapping[str, TableCounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The blocks of every column and table, and their lengths in units."""

    lengths: Mapping[str, int]
    columns: Mapping[str, Blocks]
    pairs: Mapping[tuple[str, str], Blocks]
    controls: Mapping[str, Blocks]


def plan_blocks(layout: Layout, reference: Summed, per_unit: Floats, units: Sequence[date], grain: Grain) -> Plan:
    """Return the release blocks of every protected column, pair of columns, and column by segment.

    Parameters
    ----------
    reference : Summed, the whole reference
    per_unit : (3,) rows, labelled rows and labelled rows of everybody in a usual unit
    units : closed units with rows, oldest first
    """
    ints, floats, everybody = reference.ints, reference.floats, confusion(layout, reference.ints)

    def length(cells: Ints, *columns: str) -> int:
        shortest = max((lengths[name] for name in columns), default=1)
        return block_length(per_unit, usual_shares(cells, everybody), grain, shortest=shortest)

    lengths: dict[str, int] = {}
    for column in layout.binning.group_columns:
        lengths[column.name] = length(group_counts(layout, ints, floats, column.name).confusion)
    pairs = {(a, b): length(pair_confusion(layout, ints, a, b), a, b) for a, b in _pairs_of(layout)}
    controls = {name: length(control_confusion(layout, ints, name), name) for name in _controlled(layout)}

    def between(n_units: int) -> Blocks:
        return blocks_between(units[0], units[-1], n_units, grain)

    return Plan(
        lengths=lengths,
        columns={name: between(n) for name, n in lengths.items()},
        pairs={name: between(n) for name, n in pairs.items()},
        controls={name: between(n) for name, n in controls.items()},
    )


def usual_shares(cells: Ints, everybody: Ints) -> Floats:
    """Return the share of each cell in the reference's rows, and of its actuals in all actuals, ``(cells, 3)``.

    Without actuals one row in ten is taken for positive.

    Parameters
    ----------
    cells : (..., 3, 3) decision × actual by group, or by group and segment
    everybody : (3, 3) of all rows
    """
    counts = sensitive_counts(cells, Events.ACTUALS).reshape(-1, 3).astype(np.float64)
    rows, labelled = float(everybody.sum()), float(everybody[:, :2].sum())
    by_row = counts[:, 0] / max(rows, 1.0)
    if not labelled:
        return np.stack([by_row, USUAL_EVENTS * by_row, (1 - USUAL_EVENTS) * by_row], axis=-1)
    return np.concatenate([by_row[:, None], counts[:, 1:] / labelled], axis=-1)


def count(layout: Layout, stack: ProfileStack, plan: Plan) -> BlockCounts:
    """Return the counts of some units by block: 0 in the blocks that the units do not lie in."""
    everybody = confusion(layout, stack.ints)

    def table(cells: Ints, blocks: Blocks) -> TableCounts:
        return TableCounts(
            blocks=blocks,
            confusion=in_blocks(cells, stack.days, blocks),
            everybody=in_blocks(everybody, stack.days, blocks),
        )

    return BlockCounts(
        columns={name: _column(layout, stack, name, blocks) for name, blocks in plan.columns.items()},
        pairs={
            (a, b): table(pair_confusion(layout, stack.ints, a, b), blocks) for (a, b), blocks in plan.pairs.items()
        },
        controls={
            name: table(control_confusion(layout, stack.ints, name), blocks) for name, blocks in plan.controls.items()
        },
    )


def _column(layout: Layout, stack: ProfileStack, name: str, blocks: Blocks) -> ColumnCounts:
    counts = group_counts(layout, stack.ints, stack.floats, name)
    ids: list[list[str]] = [[] for _ in blocks]
    for place, source in zip(_places(stack.days, blocks), stack.provenance_ids, strict=True):
        ids[place].append(source)
    return ColumnCounts(
        blocks=blocks,
        counts=replace(
            counts,
            confusion=in_blocks(counts.confusion, stack.days, blocks),
            score_counts=in_blocks(counts.score_counts, stack.days, blocks),
            score_sums=in_blocks(counts.score_sums, stack.days, blocks),
        ),
        everybody=in_blocks(confusion(layout, stack.ints), stack.days, blocks),
        sources=tuple(tuple(one) for one in ids),
    )


def added(first: BlockCounts, second: BlockCounts) -> BlockCounts:
    """Return the sum of two counts by the same plan."""
    return BlockCounts(
        columns={name: _both(one, second.columns[name]) for name, one in first.columns.items()},
        pairs={key: _both_tables(one, second.pairs[key]) for key, one in first.pairs.items()},
        controls={name: _both_tables(one, second.controls[name]) for name, one in first.controls.items()},
    )


def _both(first: ColumnCounts, second: ColumnCounts) -> ColumnCounts:
    return replace(
        first,
        counts=replace(
            first.counts,
            confusion=first.counts.confusion + second.counts.confusion,
            score_counts=first.counts.score_counts + second.counts.score_counts,
            score_sums=first.counts.score_sums + second.counts.score_sums,
        ),
        everybody=first.everybody + second.everybody,
        sources=tuple(a + b for a, b in zip(first.sources, second.sources, strict=True)),
    )


def _both_tables(first: TableCounts, second: TableCounts) -> TableCounts:
    return replace(first, confusion=first.confusion + second.confusion, everybody=first.everybody + second.everybody)


def in_blocks(numbers: NDArray[Number], days: Sequence[date], blocks: Blocks) -> NDArray[Number]:
    """Return the sum of the units of each block, ``(K, ...)``.

    Parameters
    ----------
    numbers : (W, ...) of each unit
    days : W units, each inside one of the blocks
    blocks : K windows that follow each other
    """
    total = np.zeros((len(blocks), *numbers.shape[1:]), numbers.dtype)
    np.add.at(total, _places(days, blocks), numbers)
    return total


def _places(days: Sequence[date], blocks: Blocks) -> list[int]:
    ends = [block.end.toordinal() for block in blocks]
    return [int(np.searchsorted(ends, day.toordinal(), side="right")) for day in days]


def _pairs_of(layout: Layout) -> list[tuple[str, str]]:
    """Return the pairs of protected columns that are counted together."""
    columns = layout.binning.group_columns
    return [(columns[a].name, columns[b].name) for a, b in kept_pairs(columns)]


def _controlled(layout: Layout) -> list[str]:
    """Return the protected columns that are counted by segment."""
    columns = layout.binning.group_columns
    return [columns[place].name for place in kept_controls(columns, len(layout.binning.segments))]
