"""Segments: where the model is worst, whether that is news, and what two columns say together."""

import streamlit as st

from app import chosen, method, notice
from app.segments import draw, findings, queries, saved, table
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is no segment to look at yet", anchor=False)
    st.markdown("Weak segments are found in a model's prediction log once actuals came. Add them first:")
    notice.begin(chosen.home())
    st.stop()

home = chosen.home()
try:
    view = queries.segments(home, selection, loss=draw.asked_loss())
except CoreError as error:
    st.title("Segments cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
if view.provisional:
    st.caption("◌ The reference is provisional: the first windows of the log, not training data.")
draw.choose_loss(view)

one, asked = None, table.asked_elsewhere(view)
if asked and view.worst is not None:
    draw.link_asks(home, view, asked)
if view.worst is None:
    draw.wait(home, view)
elif not view.segments:
    draw.nothing(view.worst)
else:
    one = table.draw(view)
    st.caption(findings.searched(view))
    draw.ways_on(selection, one)
    draw.selected(view, one)
saved.offer(home, view, one, asked)
if view.worst is not None:
    draw.heat_map(home, view, one)
saved.listed(home, view, selection)
method.fold("segments")
