"""Everything that is released about the protected groups of one version: blocks, columns, tables, and why not more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.fairness.block_counts import BlockCounts, TableCounts
from core.fairness.choice import GroupChoice
from core.fairness.release_blocks import GroupRelease, TableRelease, release_groups, release_table
from core.fairness.release_calendar import inside
from core.fairness.suppression import Events, Ints
from core.log.schema import ModelSchema
from core.profile.binning import Segment
from core.profile.group_counts import GroupCounts
from core.profile.summing import provenance_of
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is released of one version's protected columns.

    Attributes
    ----------
    first_day : date
        First unit of the log.
    events : Events
    columns : mapping of protected column to GroupRelease
    tables : tuple of TableRelease
        Pairs of protected columns.
    controls : tuple of TableRelease
        Groups by segment, one for each protected column and each segment column.
    everybody : mapping of protected column to (K, 3, 3) int64
        Decision × actual of all rows in the blocks of the column: published elsewhere too.
    sources : mapping of protected column to tuple of str, length K
        Data version of each block.
    lengths : mapping of protected column to int, units of its blocks
    waiting : mapping of protected column to str
        Why there is no block yet.
    choices : mapping of protected column to GroupChoice
    """

    model: str
    version: str
    schema: ModelSchema
    first_day: date
    threshold: float | None
    probability: bool
    events: Events
    columns: Mapping[str, GroupRelease]
    tables: tuple[TableRelease, ...]
    controls: tuple[TableRelease, ...]
    everybody: Mapping[str, Ints]
    sources: Mapping[str, tuple[str, ...]]
    lengths: Mapping[str, int]
    waiting: Mapping[str, str]
    choices: Mapping[str, GroupChoice]

    def reference_group(self, column: str) -> str | None:
        """Return the group of a column that a person chose to compare the others with."""
        choice = self.choices.get(column)
        return None if choice is None else choice.group

    def places(self, release: GroupRelease | TableRelease, window: Window) -> tuple[int, ...]:
        """Return the blocks of a column or table that lie wholly in a window."""
        return inside(release.blocks, window, first_day=self.first_day)

    def source(self, column: str, window: Window) -> str:
        """Return the data version of the blocks of a column inside a window."""
        places = self.places(self.columns[column], window)
        return provenance_of([self.sources[column][place] for place in places])

    def newest(self, release: GroupRelease | TableRelease, window: Window) -> tuple[int, ...]:
        """Return the last block that ends with the window or before it, where none lies wholly inside."""
        inside_it = self.places(release, window)
        before = [place for place, block in enumerate(release.blocks) if block.end <= window.end]
        return inside_it or tuple(before[-1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The columns and tables of a `Release`."""

    columns: Mapping[str, GroupRelease]
    tables: tuple[TableRelease, ...]
    controls: tuple[TableRelease, ...]
    everybody: Mapping[str, Ints]
    sources: Mapping[str, tuple[str, ...]]


def release_counts(
    counted: BlockCounts, segments: Sequence[Segment], ready: Collection[Window], events: Events
) -> Released:
    """Return what of the counted blocks is released.

    A table's block is released when it is ready itself and every block of its columns inside it is.

    Parameters
    ----------
    segments : tuple of Segment, as in `Binning.segments`
    ready : closed, mature blocks of any length
    """
    columns, everybody, sources = {}, {}, {}
    blocks = {name: one.blocks for name, one in counted.columns.items()}
    for name, one in counted.columns.items():
        kept = [place for place, block in enumerate(one.blocks) if block in ready]
        columns[name] = release_groups(name, _at(one.counts, kept), [one.blocks[place] for place in kept], events)
        everybody[name] = one.everybody[kept]
        sources[name] = tuple(provenance_of(one.sources[place]) for place in kept)
    return Released(
        columns=columns,
        tables=tuple(
            release_table(columns[a], columns[b], *_kept(one, _whole(one.blocks, ready, blocks[a], blocks[b])), events)
            for (a, b), one in counted.pairs.items()
        ),
        controls=tuple(
            _control(columns[name], one, segments, column, _whole(one.blocks, ready, blocks[name]), events=events)
            for name, one in counted.controls.items()
            for column in dict.fromkeys(segment.column for segment in segments)
        ),
        everybody=everybody,
        sources=sources,
    )


def _at(counts: GroupCounts, kept: Sequence[int]) -> GroupCounts:
    chosen = list(kept)
    return replace(
        counts,
        confusion=counts.confusion[chosen],
        score_counts=counts.score_counts[chosen],
        score_sums=counts.score_sums[chosen],
    )


def _whole(blocks: Sequence[Window], ready: Collection[Window], *margins: Sequence[Window]) -> list[int]:
    """Return the places of ready blocks all of whose blocks of the columns, `margins`, are ready."""
    return [
        place
        for place, block in enumerate(blocks)
        if block in ready
        and all(one in ready for margin in margins for one in margin if block.start <= one.start < block.end)
    ]


def _kept(counted: TableCounts, kept: Sequence[int]) -> tuple[Ints, tuple[Window, ...]]:
    return counted.confusion[list(kept)], tuple(counted.blocks[place] for place in kept)


def _control(
    column: GroupRelease,
    counted: TableCounts,
    segments: Sequence[Segment],
    control: str,
    kept: Sequence[int],
    *,
    events: Events,
) -> TableRelease:
    """Return a protected column by the segments of one column."""
    places = [place for place, one in enumerate(segments) if one.column == control]
    confusion, blocks = _kept(counted, kept)
    labels = tuple(segments[place].label for place in places)
    return release_table(column, (control, labels), confusion[:, :, places], blocks, events)
