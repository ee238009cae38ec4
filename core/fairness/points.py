"""The answer about protected groups as points of metrics: what `watchroom metrics --family fairness` prints."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from core.errors import BadInputError
from core.fairness.answer import ColumnAnswer, TableAnswer, column_answer, table_answer
from core.fairness.gaps import METRICS as GAPS
from core.fairness.rates import METRICS, RATES
from core.fairness.release import Release
from core.fairness.release_blocks import GroupRelease, TableRelease
from core.performance.estimates import Estimate
from core.points import MetricPoint, finite
from core.selection import Slice
from core.states import State
from core.windows import Grain, Window, label, unit_noun

IMPACT = "disparate_impact_ratio"
ALL_METRICS = (*METRICS, *GAPS, IMPACT)
"""Names of this family: of the groups, between the groups, and against the chosen one."""

NO_CHOICE = "not applicable: no reference group is chosen; a person chooses it on the Fairness page"


def release_points(release: Release, window: Window | None, wanted: Slice | None) -> Iterator[MetricPoint]:
    """Yield every point of a window: of columns and their intersections, or of groups inside declared segments.

    Parameters
    ----------
    window : Window or None
        None: the newest release block of each column and table.
    wanted : Slice or None

    Raises
    ------
    BadInputError
        When the slice is not of a segment column (a protected column never is), or has no such value.
    """
    if wanted is None:
        for name in release.columns:
            yield from _of_column(release, name, window)
    for table in release.tables if wanted is None else _controls(release, wanted.column):
        levels = None if wanted is None or wanted.level is None else (_level(table, wanted.level),)
        places = _chosen(release, table, window)
        if places:
            found = table_answer(table, places)
            source = release.source(table.first, found.window)
            asked = found.window if window is None else window
            yield from table_points(found, asked, release.schema.grain, provenance_id=source, levels=levels)
        elif wanted is not None:
            why = f"not applicable: {no_block(release, table.first, table.blocks)}"
            yield from (nothing(one, window, release.schema.grain, reason=why, feature=table.first) for one in RATES)


def _of_column(release: Release, name: str, window: Window | None) -> Iterator[MetricPoint]:
    column, grain = release.columns[name], release.schema.grain
    places = _chosen(release, column, window)
    if not places:
        why = f"not applicable: {no_block(release, name, column.blocks)}"
        yield from (nothing(metric, window, grain, reason=why, feature=name) for metric in ALL_METRICS)
        return
    reference = release.reference_group(name)
    answer = column_answer(column, places, reference=reference, probability=release.probability, draws=0)
    asked = answer.window if window is None else window
    yield from column_points(answer, asked, grain, provenance_id=release.source(name, answer.window))


def _chosen(release: Release, one: GroupRelease | TableRelease, window: Window | None) -> tuple[int, ...]:
    if window is not None:
        return release.places(one, window)
    return (len(one.blocks) - 1,) if one.blocks else ()


def _controls(release: Release, column: str) -> list[TableRelease]:
    known = sorted({table.second for table in release.controls})
    if column not in known:
        raise BadInputError(
            f"'{column[:100]}' is not a segment column that groups are counted by; segments: "
            f"{', '.join(known) or 'none is declared'}."
        )
    return [table for table in release.controls if table.second == column]


def _level(table: TableRelease, level: str) -> int:
    if level not in table.second_labels:
        shown = ", ".join(table.second_labels[:10])
        raise BadInputError(f"'{table.second}' has no segment '{level[:100]}'; values with one of their own: {shown}.")
    return table.second_labels.index(level)


def no_block(release: Release, column: str, blocks: Sequence[Window]) -> str:
    """Return why a window has no number of a column or table."""
    grain = release.schema.grain
    if column in release.waiting:
        return release.waiting[column]
    if not blocks:
        return "no release block of this table is closed and labelled yet"
    ends = f"{label(blocks[0].start, grain)}..{label(blocks[-1].end, grain)}"
    n_units = len(list(blocks[-1].units(grain)))
    return f"no whole release block of {n_units} {unit_noun(grain)}s lies in this window; blocks fill {ends}"


def column_points(answer: ColumnAnswer, window: Window, grain: Grain, *, provenance_id: str) -> Iterator[MetricPoint]:
    """Yield every figure of a column: of each group that has rows, between the groups, against the chosen group.

    Parameters
    ----------
    window : Window
        As asked for; where the blocks do not fill it, every point says which blocks it is about.
    """
    said = blocks_words(answer.window, window, grain)
    for place, group in enumerate(answer.rates.labels):
        if answer.reasons[place] or answer.rates.n_rows[place]:
            for name, found in answer.rates.estimates.items():
                yield _point(
                    name, found.at((place,)), window, grain, segment={answer.column: group}, said=said, of=provenance_id
                )
    for name, gap in answer.gaps.items():
        yield _point(name, gap.estimate, window, grain, feature=answer.column, said=said, of=provenance_id)
    if answer.against is None:
        yield nothing(IMPACT, window, grain, feature=answer.column, reason=NO_CHOICE)
    else:
        yield _point(IMPACT, answer.against.impact, window, grain, feature=answer.column, said=said, of=provenance_id)


def table_points(
    answer: TableAnswer, window: Window, grain: Grain, *, provenance_id: str, levels: tuple[int, ...] | None = None
) -> Iterator[MetricPoint]:
    """Yield the shares of every cell of a table that has rows or is withheld.

    Parameters
    ----------
    levels : tuple of int or None
        Places of the second axis; None: all.
    """
    said = blocks_words(answer.window, window, grain)
    for first, group in enumerate(answer.first_labels):
        for second, other in enumerate(answer.second_labels):
            place = first * len(answer.second_labels) + second
            empty = not answer.mask[first, second] and not answer.rates.n_rows[place]
            if empty or (levels is not None and second not in levels):
                continue
            segment = {answer.first: group, answer.second: other}
            for name in RATES:
                found = answer.rates.estimates[name].at((place,))
                yield _point(name, found, window, grain, segment=segment, said=said, of=provenance_id)


def blocks_words(shown: Window, window: Window, grain: Grain) -> str:
    """Return which whole release blocks a number is about; empty where they fill the window."""
    if shown == window:
        return ""
    return f"shown: {label(shown.start, grain)}..{label(shown.end, grain)}, whole release blocks"


def nothing(
    metric: str, window: Window | None, grain: Grain, *, reason: str, feature: str | None = None
) -> MetricPoint:
    """Return the point that says why there is no number."""
    ends = ("", "") if window is None else (label(window.start, grain), label(window.end, grain))
    return MetricPoint(
        metric=metric,
        window_start=ends[0],
        window_end=ends[1],
        feature=feature,
        value=None,
        n=0,
        status=State.NOT_APPLICABLE,
        reason=reason,
    )


def _point(
    name: str,
    found: Estimate,
    window: Window,
    grain: Grain,
    *,
    said: str,
    of: str,
    segment: Mapping[str, str] | None = None,
    feature: str | None = None,
) -> MetricPoint:
    value = finite(float(found.value))
    note = found.note if value is None or not found.note else f"{found.note}; {said}" if said else found.note
    return MetricPoint(
        metric=name,
        window_start=label(window.start, grain),
        window_end=label(window.end, grain),
        segment=segment or {},
        feature=feature,
        value=value,
        ci_low=finite(float(found.low)),
        ci_high=finite(float(found.high)),
        n=int(np.nan_to_num(found.n)),
        status=State.NOT_APPLICABLE if value is None else State.HEALTHY,
        reason=_reason(note or said, known=value is not None),
        provenance_id=of,
    )


def _reason(note: str, *, known: bool) -> str:
    return note if known or note.startswith("not applicable") else f"not applicable: {note}"
