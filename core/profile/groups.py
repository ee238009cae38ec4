"""Counting decision, score and actual of a binary model by protected group, by pairs of groups and by segment."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from core.profile.bins import Ints
from core.profile.columns import coded_chunks, codes_of, numeric_column
from core.profile.group_columns import (
    GroupColumn,
    confusion_block,
    control_block,
    kept_controls,
    kept_pairs,
    pair_block,
    score_sums_block,
    scores_block,
)
from core.profile.scored import Scored, score_bins, score_codes
from core.profile.tally import Tally

N_JUDGED = 9
"""Decision × actual as one number."""


def count_groups(rows: pa.Table, tally: Tally, judged: Ints, found: Scored) -> None:
    """Count the protected groups of `rows` into `tally`.

    Parameters
    ----------
    rows : pa.Table
        With the protected columns by internal id.
    judged : (n_rows,) intp
        Decision × actual of each row as one number below 9.
    found : Scored
        The same rows in order of the score.
    """
    columns = tally.binning.group_columns
    if not columns:
        return
    codes = [group_codes(rows, one) for one in columns]
    judged_groups = [of_column * N_JUDGED + judged for of_column in codes]
    coarse = score_bins(found.scores, tally.binning.segment_score_edges)
    scored = score_codes(found, coarse, tally.binning.segment_score_edges.size + 1)
    order = found.order[: found.scores.size]
    for one, of_column, judged_group in zip(columns, codes, judged_groups, strict=True):
        counted = np.bincount(judged_group, minlength=one.n * N_JUDGED)
        tally.block(confusion_block(one.name))[:] = counted.reshape(one.n, 3, 3)
        _count_scores(found, scored, one, of_column[order], tally)
    _count_pairs(columns, codes, judged_groups, tally)
    for place in kept_controls(columns, len(tally.binning.segments)):
        block = tally.block(control_block(columns[place].name))
        for segments in tally.segments:
            counted = segments.count(segments.codes, judged_groups[place], (columns[place].n, 3, 3))
            block[:, segments.place] = np.moveaxis(counted, 0, 1)


def group_codes(rows: pa.Table, column: GroupColumn) -> Ints:
    """Return the group of each row, ``(n_rows,)``: the levels or bands, then other, then not stated.

    >>> age = GroupColumn(name="age", source="c_1", cuts=(25.0, 40.0), levels=("a", "b", "c"))
    >>> group_codes(pa.table({"c_1": [24.9, 25.0, 40.0, None]}), age).tolist()
    [0, 1, 2, 4]
    """
    other, not_stated = len(column.levels), len(column.levels) + 1
    if column.cuts is None:
        place = {level: code for code, level in enumerate(column.levels)}
        return codes_of(coded_chunks(rows, column.source), lambda text: place.get(text, other), not_stated)
    values, _ = numeric_column(rows, column.source)
    codes = np.zeros(values.size, np.intp)
    for cut in column.cuts:
        codes += values >= cut
    codes[np.isnan(values)] = not_stated
    return codes


def _count_scores(found: Scored, scored: Ints, column: GroupColumn, ordered: Ints, tally: Tally) -> None:
    """Count score × actual by group; `scored` is both as one number, `ordered` the groups, in order of the score."""
    counts = tally.block(scores_block(column.name))
    n_bins = counts.shape[-1]
    counted = ordered * (3 * n_bins) + scored
    counts[:] = np.bincount(counted, minlength=counts.size).reshape(counts.shape)
    known = found.known
    sums = tally.float_block(score_sums_block(column.name))
    summed = counted[known] - ordered[known] * n_bins  # two truths a group here, three above
    sums[:] = np.bincount(summed, found.scores[known], sums.size).reshape(sums.shape)


def _count_pairs(
    columns: Sequence[GroupColumn], codes: Sequence[Ints], judged_groups: Sequence[Ints], tally: Tally
) -> None:
    for a, b in kept_pairs(columns):
        block = tally.block(pair_block(columns[a].name, columns[b].name))
        combined = codes[a] * (columns[b].n * N_JUDGED) + judged_groups[b]
        block[:] = np.bincount(combined, minlength=block.size).reshape(block.shape)
