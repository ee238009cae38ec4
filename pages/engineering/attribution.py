"""Attribution: what changed between two windows, in which segments, and whether inputs moved or the relation did."""

import streamlit as st

from app import chosen, method, notice
from app.attribution import draw, findings, queries
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is no change to explain yet", anchor=False)
    st.markdown("A change needs a model, its prediction log and what came true. Add them first:")
    notice.begin(chosen.home())
    st.stop()

home = chosen.home()
try:
    view = queries.attribution(home, selection, column=draw.asked(draw.COLUMN), metric=draw.asked(draw.METRIC))
except CoreError as error:
    st.title("The change cannot be attributed", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
draw.notes(view)
draw.choose(view)
draw.split(view)
draw.ways_on(view, selection)
draw.cause(home, view)
draw.together(home, view)
method.fold("attribution")
