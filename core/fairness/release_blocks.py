"""What is released of protected groups, block by block; every answer is a sum of these cells and of nothing else.

Counts of withheld groups are removed here: what comes later cannot show them by mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.fairness.suppression import SHOWN, Bools, Events, Ints, Mask, group_mask, sensitive_counts
from core.fairness.table_suppression import table_mask
from core.profile.group_counts import GroupCounts
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRelease:
    """One protected column in every release block, or in the sum of some.

    Attributes
    ----------
    column : str
    blocks : tuple of Window, length K
    mask : (K, G) int8
        See `core.fairness.suppression`.
    counts : GroupCounts with leading axes (K,)
        All 0 where withheld.
    """

    column: str
    blocks: tuple[Window, ...]
    mask: Mask
    counts: GroupCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRelease:
    """A protected column by another one, or by segment, in every release block of tables.

    Attributes
    ----------
    first, second : str
    first_labels, second_labels : tuple of str, lengths A and B
    blocks : tuple of Window, length K
    mask : (K, A, B) int8
    confusion : (K, A, B, 3, 3) int64
        All 0 where withheld.
    """

    first: str
    second: str
    first_labels: tuple[str, ...]
    second_labels: tuple[str, ...]
    blocks: tuple[Window, ...]
    mask: Mask
    confusion: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The sum of some release blocks: a group is shown where every one of them shows it.

    Attributes
    ----------
    mask : (G,) int8
        The strongest reason of the blocks; `SHOWN` where it is in all of them.
    n_withheld : (G,) int64
        Blocks that withhold the group.
    counts : GroupCounts without leading axes
    """

    mask: Mask
    n_withheld: Ints
    counts: GroupCounts


def release_groups(column: str, counts: GroupCounts, blocks: Sequence[Window], events: Events) -> GroupRelease:
    """Return what is released of a protected column.

    Parameters
    ----------
    counts : GroupCounts with leading axes (K,), the sums of each block
    blocks : K windows
    events : Events, what the minimum is asked of
    """
    sensitive = sensitive_counts(counts.confusion, events)
    mask = np.stack([group_mask(one) for one in sensitive]) if len(sensitive) else np.zeros(sensitive.shape[:-1])
    mask = np.asarray(mask, np.int8)
    hidden = mask != SHOWN
    return GroupRelease(
        column=column,
        blocks=tuple(blocks),
        mask=mask,
        counts=_without(counts, hidden),
    )


def _without(counts: GroupCounts, hidden: Bools) -> GroupCounts:
    """Return the counts with those of withheld groups removed."""
    gone = hidden[..., None, None]
    return replace(
        counts,
        confusion=np.where(gone, 0, counts.confusion),
        score_counts=np.where(gone, 0, counts.score_counts),
        score_sums=np.where(gone, 0.0, counts.score_sums),
    )


def release_table(
    first: GroupRelease,
    second: GroupRelease | tuple[str, tuple[str, ...]],
    confusion: Ints,
    blocks: Sequence[Window],
    events: Events,
) -> TableRelease:
    """Return what is released of a column by another one, or by the segments of a column.

    Parameters
    ----------
    first : GroupRelease
    second : GroupRelease, or a segment column with its labels
    confusion : (K, A, B, 3, 3), the sums of each block
    blocks : K windows, each of one or more blocks of the columns
    """
    sensitive = sensitive_counts(confusion, events)
    mask = np.zeros(sensitive.shape[:-1], np.int8)
    for place, block in enumerate(blocks):
        across = np.zeros(len(second[1]), bool) if isinstance(second, tuple) else _withheld_in(second, block)
        mask[place] = table_mask(sensitive[place], _withheld_in(first, block), across)
    name, labels = second if isinstance(second, tuple) else (second.column, second.counts.labels)
    return TableRelease(
        first=first.column,
        second=name,
        first_labels=first.counts.labels,
        second_labels=labels,
        blocks=tuple(blocks),
        mask=mask,
        confusion=np.where((mask != SHOWN)[..., None, None], 0, confusion),
    )


def _withheld_in(release: GroupRelease, block: Window) -> Bools:
    """Return the groups that a column withholds in some of its blocks inside a longer one, ``(G,)``."""
    held = [place for place, one in enumerate(release.blocks) if block.start <= one.start < block.end]
    return np.asarray((release.mask[held] != SHOWN).any(0))


def shown_groups(release: GroupRelease, places: Sequence[int]) -> Shown:
    """Return the sum of the blocks at `places` (one or more)."""
    chosen = list(places)
    mask, n_withheld = _together(release.mask[chosen])
    counts = release.counts
    total = replace(
        counts,
        confusion=counts.confusion[chosen].sum(0),
        score_counts=counts.score_counts[chosen].sum(0),
        score_sums=counts.score_sums[chosen].sum(0),
    )
    return Shown(mask=mask, n_withheld=n_withheld, counts=_without(total, mask != SHOWN))


def shown_table(release: TableRelease, places: Sequence[int]) -> tuple[Mask, Ints]:
    """Return mask ``(A, B)`` and confusion ``(A, B, 3, 3)`` of the sum of the blocks at `places` (one or more)."""
    chosen = list(places)
    mask, _ = _together(release.mask[chosen])
    confusion = release.confusion[chosen].sum(0)
    return mask, np.where((mask != SHOWN)[..., None, None], 0, confusion)


def _together(masks: Mask) -> tuple[Mask, Ints]:
    """Return the mask of the sum of blocks, and how many of them withhold; small is the stronger word."""
    hidden = masks != SHOWN
    strongest = np.where(hidden, masks, np.int8(127)).min(0)
    return np.where(hidden.any(0), strongest, SHOWN).astype(np.int8), hidden.sum(0).astype(np.int64)
