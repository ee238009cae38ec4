"""Fairness: whether protected groups are treated differently, by how much, and what it would cost to change."""

import streamlit as st

from app import chosen, method, notice, onward
from app.fairness import compared, draw, findings, queries, what_if
from core.errors import CoreError, RefusedError

selection = chosen.selection()
if selection is None:
    st.title("There is nothing to compare yet", anchor=False)
    st.markdown("Fairness needs a model with a protected column, its prediction log and what came true.")
    notice.begin(chosen.home())
    st.stop()

home = chosen.home()
try:
    view = queries.fairness(home, selection, place=draw.asked_place(), rate=draw.asked_rate())
except CoreError as error:
    st.title("Fairness is not shown for this model", anchor=False)
    notice.cannot_show(CoreError(findings.sentence_of(error)), title=selection.model)
    if not isinstance(error, RefusedError):
        st.caption(findings.WHAT_TO_DO)
    method.fold("fairness")
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
draw.choose_column(view)
draw.notes(view, segment=selection.segment, where=st.query_params.get("where", ""))
draw.overview(view)
what_if.reference_group(view)
match draw.choose_part():
    case "time":
        draw.over_time(view)
    case "crossed":
        compared.crossed(view)
    case "alike":
        compared.alike(view)
    case "both":
        draw.both(view)
    case "whatif":
        what_if.what_if(home, view)
    case _:
        draw.groups(view)
onward.links(selection, here="fairness", where=st.query_params.get("where", ""))
method.fold("fairness")
