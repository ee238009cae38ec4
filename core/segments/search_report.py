"""A whole search of one window: read, searched, tested again in the windows around it, put together for storing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import NotEnoughDataError
from core.segments.search_around import next_window, windows_around, with_others
from core.segments.search_candidates import MOST_PAIRED
from core.segments.search_grid import grid_table, level_documents
from core.segments.search_levels import ColumnLevels, levels_of
from core.segments.search_losses import LossKind
from core.segments.search_reference import Losses
from core.segments.search_result import FoundSegment, WorstSegments, not_searched
from core.segments.search_rows import MOST_ROWS, RowSource
from core.segments.search_worst import Search, found_segments, known_losses, search
from core.windows import Window, label

Report = Callable[[float, str], None]

MOST_ROWS_AROUND = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport:
    """What is stored of a search.

    Attributes
    ----------
    table : pa.Table or None
        The heat maps (`core.segments.search_grid.grid_table`); None where nothing could be searched.
    """

    result: WorstSegments
    levels: tuple[ColumnLevels, ...]
    table: pa.Table | None

    def document(self) -> dict[str, Any]:
        """Return all but the table as plain JSON."""
        return {
            "result": self.result.document(),
            "levels": level_documents(self.levels),
            "columns": [one.column for one in self.levels],
        }


def search_report(source: RowSource, window: Window, loss: LossKind, *, n_rows: int, say: Report) -> SearchReport:
    """Return the worst segments of a window with the heat map of every pair of columns.

    Parameters
    ----------
    n_rows : rows of the window in the log
    say : told how far the work is, share in [0, 1] and words

    Raises
    ------
    BadInputError
        When the stored reference is gone or was changed.
    """
    columns = source.columns
    say(0.0, "reading the rows of the window")
    rows = source.rows(window, columns)
    say(0.2, "reading the reference")
    before = source.reference(columns)
    say(0.4, "searching segments of one and two columns")
    levels = tuple(levels_of(rows if before is None else before, rows, name) for name in columns)
    reference = None if before is None else known_losses(before, loss)
    try:
        made = search(rows, levels, loss, reference=reference)
    except NotEnoughDataError as why:
        result = not_searched(_ends(source, window), loss, n_rows=rows.num_rows, n_labelled=0, reason=str(why))
        return SearchReport(result=result, levels=(), table=None)
    say(0.6, "testing what was found in the next window, and in those before")
    found = _with_others(source, window, found_segments(made), reference, n_rows, loss=loss)
    pairs = levels[:MOST_PAIRED]
    n_reference = 0 if reference is None else len(reference.loss)
    return SearchReport(
        result=_result(source, window, made, found, counts=(rows.num_rows, n_rows, n_reference)),
        levels=pairs,
        table=grid_table(made.losses, pairs),
    )


def _ends(source: RowSource, window: Window) -> tuple[str, str]:
    return label(window.start, source.schema.grain), label(window.end, source.schema.grain)


def _with_others(
    source: RowSource,
    window: Window,
    found: Sequence[FoundSegment],
    reference: Losses | None,
    n_rows: int,
    *,
    loss: LossKind,
) -> tuple[FoundSegment, ...]:
    if not found:
        return ()
    grain, names = source.schema.grain, sorted({name for one in found for name in one.where.columns})
    around = [
        (one, known_losses(source.rows(one, names, at_most=MOST_ROWS_AROUND), loss))
        for one in windows_around(window, grain, n_rows=n_rows)
    ]
    return with_others(found, around, grain, reference=reference, why_not="the next window has no actuals yet")


def _result(
    source: RowSource,
    window: Window,
    made: Search,
    found: tuple[FoundSegment, ...],
    *,
    counts: tuple[int, int, int],
) -> WorstSegments:
    """Return the result; `counts` are rows read, rows in the log, rows of the reference with the loss."""
    n_read, n_rows, n_reference = counts
    start, end = _ends(source, window)
    after = _ends(source, next_window(window, source.schema.grain))
    n_columns = len(source.columns)
    return WorstSegments(
        window_start=start,
        window_end=end,
        loss=made.losses.kind,
        n_rows=n_read,
        n_labelled=made.n_labelled,
        n=len(made.losses.loss),
        mean=float(np.mean(made.losses.loss)),
        n_searched=len(made.found.p),
        n_significant=len(made.found.significant),
        n_columns=n_columns,
        n_paired=min(MOST_PAIRED, n_columns),
        n_children=made.shown.n_children,
        n_more=made.shown.n_more,
        n_reference=n_reference,
        sampled_from=n_rows if n_rows > MOST_ROWS else 0,
        next_start=after[0],
        next_end=after[1],
        segments=found,
    )
