"""Service: how many requests came, how many failed, how long they took."""

import streamlit as st

from app import chosen, notice, tiles, words
from app.serving import draw, findings, queries
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There are no requests to watch yet", anchor=False)
    st.markdown("Service counts the requests of a version, their errors and how long they took. Begin with its log:")
    notice.begin(chosen.home())
    st.stop()

try:
    view = queries.service(chosen.home(), **selection.query())
except CoreError as error:
    st.title("The service cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.why_it_matters(view))
if view.removed:
    st.caption(f"▲ {words.plain(view.removed[:1].upper() + view.removed[1:])}: every number here leaves them out.")
if findings.of_segment(view):
    st.caption(findings.of_segment(view))
tiles.row(draw.tiles(view), key="service.tiles")
draw.heading(view)
draw.plots_of(view)
draw.segments(view)
