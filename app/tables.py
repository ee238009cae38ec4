"""The table behind a plot: folded below it, downloadable as CSV that no spreadsheet runs."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app import words

Cell = str | int | float | bool | None
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet read a text as a formula (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotTable:
    """The numbers of a plot: columns of equal length by heading, in the order shown, and the name of the file."""

    name: str
    columns: Mapping[str, Sequence[Cell]]


def draw(table: PlotTable, *, key: str) -> None:
    """Draw the fold with the table and its download; nothing is built until it is opened."""
    fold = st.expander("Table", icon=":material/table:", key=f"{key}.table", on_change="rerun")
    if not fold.open:
        return
    with fold:
        shown = {name: [cell(value) for value in values] for name, values in table.columns.items()}
        st.dataframe(shown, hide_index=True, key=f"{key}.rows")
        st.download_button(
            "Download as CSV",
            csv_text(table),
            file_name=f"{table.name}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            key=f"{key}.csv",
        )


def cell(value: Cell) -> Cell:
    """Return a value as a table on screen holds it.

    A table of Streamlit has a download of its own, which escapes nothing: a text that a spreadsheet would run begins
    with an invisible word joiner.

    >>> cell("=1+1") == words.JOINER + "=1+1", cell("a=1"), cell(-1)
    (True, 'a=1', -1)
    """
    return f"{words.JOINER}{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def csv_text(table: PlotTable) -> str:
    """Return the table as CSV; texts that a spreadsheet would run as a formula begin with an apostrophe.

    >>> csv_text(PlotTable(name="t", columns={"who": ["=1+1", "a"], "n": [-1, None]})).splitlines()
    ['who,n', "'=1+1,-1", 'a,']
    """
    text = io.StringIO()
    writer = csv.writer(text)  # ends lines as RFC 4180 does, so that a lone carriage return is quoted
    writer.writerow([_harmless(name) for name in table.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in zip(*table.columns.values(), strict=True))
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell
