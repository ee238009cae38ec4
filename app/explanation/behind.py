"""The rows behind a finding: those of its filter whose score was furthest from what came true."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app import style, tables, words
from app.explanation.views import ExplainView
from core.explain.row_explanation import RowFacts
from core.explain.wording import quantity

KEY = "explain.behind"
MOST = 5


def draw(view: ExplainView, rows: Sequence[RowFacts], *, key: str) -> None:
    """Draw the rows; a click on one puts its id into the session under `key`."""
    if not rows:
        return
    names = [one.id for one in rows]
    st.markdown(f"**{words.plain(view.rows[:1].upper() + view.rows[1:])}: the scores furthest from what came true**")
    st.dataframe(
        {
            "row": [tables.cell(name) for name in names],
            _period(view): [_when(view, one) for one in rows],
            "score": [words.NONE if one.score is None else quantity(one.score) for one in rows],
            "decided": [_said(view, one.decision, view.schema.words.positive_decision) for one in rows],
            "came true": [_said(view, one.actual, view.schema.words.positive_actual) for one in rows],
        },
        key=KEY,
        on_select=lambda: _follow(names, key),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        alt="Rows behind the finding, the furthest off first",
    )
    st.caption("Of the explained sample. A click on a row explains it; these are the worst, not the usual ones.")


def _period(view: ExplainView) -> str:
    return view.schema.grain.value


def _when(view: ExplainView, one: RowFacts) -> str:
    return words.NONE if one.day is None else words.unit(date.fromisoformat(one.day), view.schema.grain)


def _said(view: ExplainView, value: float | None, positive: str) -> str:
    if value is None:
        return words.NONE
    if view.schema.task == "binary":
        return str(tables.cell(positive if value == 1 else f"not {positive}"))
    if view.schema.task == "multiclass":
        return str(tables.cell(view.schema.classes[int(value)]))
    return quantity(value)


def _follow(names: Sequence[str], key: str) -> None:
    """Turn the click on a cell into the row that is explained."""
    cells = st.session_state[KEY]["selection"]["cells"]
    if cells and cells[0][0] < len(names):
        st.session_state[key] = names[cells[0][0]]
