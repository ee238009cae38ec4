"""Keeping count of the rows that stay out: the first of each kind in full, the rest as a number."""

from collections.abc import Iterable

from core.log.chunks import BrokenRow, Chunk
from core.log.names import shown
from core.log.outcomes import QuarantinedRow
from core.log.rows import Broken

IN_FULL = 1_000
"""Rows kept in full for each column and rule of a file."""
MAX_VALUE = 200

Tally = dict[tuple[str, str], list[QuarantinedRow]]
"""By (column, rule): rows in full, and after `IN_FULL` of them one entry that counts the others."""


def add_row(tally: Tally, row: QuarantinedRow) -> None:
    """Count one rejected row."""
    add_rows(tally, [row], 1)


def add_rows(tally: Tally, rows: Iterable[QuarantinedRow], count: int) -> None:
    """Count `count` rejected rows of one column and rule, taking from `rows` only as many as are kept in full."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return
    kept = tally.setdefault((first.column, first.rule), [])
    room = max(0, IN_FULL - len(kept))
    if room:
        kept.append(first)
        kept += [row for row, _ in zip(iterator, range(room - 1), strict=False)]
    further = count - min(count, room)
    if not further:
        return
    before = kept.pop().count if len(kept) > IN_FULL else 0
    kept.append(
        QuarantinedRow(row=None, column=first.column, rule=first.rule, value="", fix=first.fix, count=before + further)
    )


def add_broken(tally: Tally, chunk: Chunk, broken: Broken) -> None:
    """Count the rows of a chunk that broke a rule."""
    rows = (
        QuarantinedRow(
            row=int(chunk.numbers[position]),
            column=broken.column,
            rule=broken.rule,
            value=shown_value(broken.value(chunk, index)),
            fix=broken.fix,
        )
        for index, position in enumerate(broken.positions)
    )
    add_rows(tally, rows, len(broken.positions))


def add_unreadable(tally: Tally, rows: Iterable[BrokenRow]) -> None:
    """Count rows without columns: ragged, or not JSON."""
    for row in rows:
        fix = f"the row {row.why}; write it like the others"
        add_row(
            tally, QuarantinedRow(row=row.number, column="", rule="row_broken", value=shown_value(row.text), fix=fix)
        )


def shown_value(value: object) -> str:
    """Return a raw value as a message and the state database may hold it."""
    return "" if value is None else shown(value, MAX_VALUE)[1:-1]


def listed(tally: Tally) -> tuple[QuarantinedRow, ...]:
    """Return everything counted: rows in the order of the file, then the counts."""
    rows = [row for kept in tally.values() for row in kept]
    return tuple(sorted(rows, key=lambda row: (row.row is None, row.row or 0, row.column, row.rule)))


def total(tally: Tally) -> int:
    """Return how many rows stay out."""
    return sum(row.count for kept in tally.values() for row in kept)
