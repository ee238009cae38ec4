"""Explain: which features move the scores, how, and why one row got its own."""

import streamlit as st

from app import chosen, method, notice, onward, waiting, words
from app.explanation import draw, findings, queries, row
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is no score to explain yet", anchor=False)
    st.markdown("An explanation needs a model, its prediction log, and its model file or logged SHAP values:")
    notice.begin(chosen.home())
    st.stop()

home = chosen.home()
where = st.query_params.get("where", "")
try:
    view = queries.explained(home, selection, where=where, of_class=draw.asked(draw.CLASS, "explain.class"))
except CoreError as error:
    draw.refused(error, selection, bad_filter=queries.refuses_filter(home, selection, where))
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
if where:
    st.caption(f"Only {words.plain(view.rows)}.")
onward.links(selection, here="explain", where=where)
draw.state(view)
part = draw.choose_part(view)
if part == "time":
    draw.over_time(home, view)
elif view.explanation is None:
    job = {**view.job, "part": "sample"}
    waiting.shown_when_ready(home, "explanation", job, seconds=view.seconds, what="what moves the scores")
elif part == "row":
    row.one_row(home, view, view.explanation)
else:
    draw.all_rows(view, view.explanation)
method.fold("explain")
