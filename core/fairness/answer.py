"""Everything that is said of one protected column in one window: rates, gaps, and the chosen reference group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from core.fairness.gaps import Gap, group_gaps
from core.fairness.rates import GroupRates, confusion_rates, group_rates
from core.fairness.reference_group import AgainstReference, against_reference
from core.fairness.release_blocks import GroupRelease, TableRelease, shown_groups, shown_table
from core.fairness.suppression import SHOWN, WORDS, Ints, Mask
from core.profile.group_counts import GroupCounts
from core.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnAnswer:
    """One protected column over the sum of some release blocks.

    Attributes
    ----------
    column : str
    window : Window
        From the first of the blocks to the end of the last.
    n_blocks : int
    counts : GroupCounts without leading axes; all 0 where withheld
    mask : (G,) int8
    reasons : tuple of str, length G
        Why a group is withheld; empty where it is shown.
    rates : GroupRates over (G,)
    gaps : mapping of metric to Gap
    against : AgainstReference or None
        None without a chosen reference group that is one of the groups.
    """

    column: str
    window: Window
    n_blocks: int
    counts: GroupCounts
    mask: Mask
    reasons: tuple[str, ...]
    rates: GroupRates
    gaps: Mapping[str, Gap]
    against: AgainstReference | None

    @property
    def all_withheld(self) -> bool:
        """Whether nothing by group is shown, though there are rows."""
        return bool((self.mask[self.mask != SHOWN].size > 0) and not self.rates.n_rows.any())


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAnswer:
    """Two protected columns crossed, or groups by segment, over the sum of some release blocks.

    Attributes
    ----------
    first, second : str
    first_labels, second_labels : tuple of str, lengths A and B
    window : Window
    mask : (A, B) int8
    rates : GroupRates over (A × B,), one flat axis
    confusion : (A, B, 3, 3) int64
    """

    first: str
    second: str
    first_labels: tuple[str, ...]
    second_labels: tuple[str, ...]
    window: Window
    mask: Mask
    rates: GroupRates
    confusion: Ints


def column_answer(
    release: GroupRelease, places: Sequence[int], *, reference: str | None, probability: bool, draws: int
) -> ColumnAnswer:
    """Return what is said of a column over the blocks at `places` (one or more).

    Parameters
    ----------
    reference : str or None, the chosen reference group
    probability : bool, the score is declared one
    draws : int, null draws; 0 leaves "what no difference would show" out
    """
    shown = shown_groups(release, places)
    hidden = shown.mask != SHOWN
    confusion = shown.counts.confusion
    known = reference is not None and reference in shown.counts.labels
    return ColumnAnswer(
        column=release.column,
        window=_window(release.blocks, places),
        n_blocks=len(places),
        counts=shown.counts,
        mask=shown.mask,
        reasons=tuple(
            _reason(int(code), int(n), len(places)) for code, n in zip(shown.mask, shown.n_withheld, strict=True)
        ),
        rates=_withheld(group_rates(shown.counts, probability=probability), shown.mask),
        gaps=MappingProxyType(dict(group_gaps(confusion, hidden=hidden, draws=draws))),
        against=against_reference(confusion, shown.counts.labels, str(reference), hidden=hidden) if known else None,
    )


def table_answer(release: TableRelease, places: Sequence[int]) -> TableAnswer:
    """Return what is said of a table over the blocks at `places` (one or more)."""
    mask, confusion = shown_table(release, places)
    labels = tuple(f"{a} × {b}" for a in release.first_labels for b in release.second_labels)
    flat = confusion.reshape(len(labels), 3, 3)
    return TableAnswer(
        first=release.first,
        second=release.second,
        first_labels=release.first_labels,
        second_labels=release.second_labels,
        window=_window(release.blocks, places),
        mask=mask,
        rates=_withheld(confusion_rates(labels, flat), mask.ravel()),
        confusion=confusion,
    )


def _window(blocks: Sequence[Window], places: Sequence[int]) -> Window:
    return Window(min(blocks[place].start for place in places), max(blocks[place].end for place in places))


def _reason(code: int, n_withheld: int, n_blocks: int) -> str:
    some = f" (in {n_withheld} of {n_blocks} release blocks)" if 0 < n_withheld < n_blocks else ""
    return f"{WORDS[code]}{some}"


def _withheld(rates: GroupRates, mask: Mask) -> GroupRates:
    """Return the rates with the reason of suppression in the place of every other reason."""
    hidden = mask != SHOWN
    words = np.array([_said_withheld(WORDS[int(code)]) for code in mask])
    told = {name: replace(one, reason=np.where(hidden, words, one.reason)) for name, one in rates.estimates.items()}
    return replace(rates, estimates=MappingProxyType(told))


def _said_withheld(why: str) -> str:
    """Return a reason that begins with "withheld", once."""
    return why if why.startswith("withheld") else f"withheld: {why.removesuffix('; withheld')}"
