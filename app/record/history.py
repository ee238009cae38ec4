"""Who changed which field of a record: what stood there before, what stands there after, and why."""

import streamlit as st

from app import notice, style, tables, words
from app.governed import queries, told

WIDTHS = {"when": 170, "who": 110, "field": 150, "before": 260, "after": 300, "why": 190}
MOST_ROWS = 15


def draw(home: str, model: str) -> None:
    """Draw the changes of a record, newest first."""
    changes = queries.history(home, model)
    if not changes:
        notice.nothing_here("No change yet", "Nobody wrote this record.", key="record.no_history")
        return
    st.caption("One line a field, newest first, from the audit chain (times by the store's clock)")
    st.dataframe(
        {
            "when": [words.moment(one.at) for one in changes],
            "who": [tables.cell(one.by) for one in changes],
            "field": [told.label(one.code) for one in changes],
            "before": [tables.cell(told.value(one.code, one.before)) or words.NONE for one in changes],
            "after": [tables.cell(told.value(one.code, one.after)) or words.NONE for one in changes],
            "why": [tables.cell(one.reason) or words.NONE for one in changes],
        },
        hide_index=True,
        height="content" if len(changes) <= MOST_ROWS else MOST_ROWS * style.ROW_HEIGHT,
        row_height=style.ROW_HEIGHT,
        column_config={name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
        key="record.history",
        alt="Changes of the record, newest first",
    )
