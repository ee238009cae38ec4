"""Making the groups of protected columns from a reference: the most frequent values, or bands of numbers."""

from itertools import combinations

import numpy as np
import pyarrow as pa

from core.profile.binning import BINARY
from core.profile.build_bins import quantiles
from core.profile.columns import level_counts, numeric_column
from core.profile.group_columns import (
    MAX_CONTROL_CELLS,
    MAX_PAIR_CELLS,
    GroupColumn,
    band_names,
    kept_controls,
    kept_pairs,
)
from core.profile.plan import GroupPlan, Plan

MAX_GROUP_LEVELS = 20
QUARTERS = 4

Made = tuple[tuple[GroupColumn, ...], tuple[str, ...]]


def made_groups(reference: pa.Table, plan: Plan, n_segments: int) -> Made:
    """Return the groups of the protected columns, and a sentence on each thing that is not counted.

    Parameters
    ----------
    reference : pa.Table
        As for `make_binning`.
    plan : Plan
    n_segments : int
        Number of segments S.
    """
    if not plan.groups:
        return (), ()
    if plan.task != BINARY:
        names = ", ".join(f"'{one.name}'" for one in plan.groups)
        return (), (f"Protected groups are counted for models of two classes only, so not by {names}.",)
    left_out: list[str] = []
    found = []
    for one in plan.groups:
        levels = _ranked(reference, one)
        if len(levels) > MAX_GROUP_LEVELS:
            said = f"the {MAX_GROUP_LEVELS} most frequent are groups, the rest is other"
            left_out.append(f"'{one.name}' has {len(levels):,} values; {said}.")
        found.append(_banded(reference, one) if one.numeric else _worded(one, levels))
    columns = tuple(found)
    return columns, (*left_out, *_left_tables(columns, n_segments))


def _ranked(reference: pa.Table, one: GroupPlan) -> list[str]:
    if one.numeric:
        return []
    counted = level_counts(reference, one.source)
    return sorted(counted, key=lambda level: (-counted[level], level))


def _worded(one: GroupPlan, levels: list[str]) -> GroupColumn:
    return GroupColumn(name=one.name, source=one.source, cuts=None, levels=tuple(levels[:MAX_GROUP_LEVELS]))


def _banded(reference: pa.Table, one: GroupPlan) -> GroupColumn:
    """Return the declared bands, else quartiles of the reference; a quartile that stands twice is one cut."""
    values, _ = numeric_column(reference, one.source)
    finite = np.sort(values[np.isfinite(values)] + 0.0)
    cuts = one.cuts
    if cuts is None:
        quartiles = np.unique(quantiles(finite, QUARTERS)) if finite.size else finite
        cuts = tuple(quartiles[quartiles > finite[:1]].tolist()) if finite.size else ()
    whole = np.array_equal(finite, np.floor(finite))
    return GroupColumn(name=one.name, source=one.source, cuts=cuts, levels=band_names(cuts, whole=whole))


def _left_tables(columns: tuple[GroupColumn, ...], n_segments: int) -> tuple[str, ...]:
    """Return what is not counted because it has too many cells."""
    said = []
    pairs, controls = kept_pairs(columns), kept_controls(columns, n_segments)
    for a, b in combinations(range(len(columns)), 2):
        if (a, b) not in pairs:
            names = f"'{columns[a].name}' and '{columns[b].name}'"
            cells = columns[a].n * columns[b].n
            said.append(f"{names} are not counted together: {cells:,} pairs of groups, at most {MAX_PAIR_CELLS}.")
    for place, one in enumerate(columns):
        if n_segments and place not in controls:
            cells = one.n * n_segments
            said.append(
                f"'{one.name}' is not counted by segment: {cells:,} pairs of group and segment, at most "
                f"{MAX_CONTROL_CELLS:,}."
            )
    return tuple(said)
