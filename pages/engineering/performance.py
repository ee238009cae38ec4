"""Performance: how good the model is, since when, and where it is worst."""

import streamlit as st

from app import chosen, earlier, notice, onward, tiles, words
from app.performance import draw, draw_estimation, findings, queries
from app.performance import tiles as performance_tiles
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is no performance to show yet", anchor=False)
    st.markdown("Performance needs a model, its prediction log and what came true. Add them first:")
    notice.begin(chosen.home())
    st.stop()

try:
    view = queries.performance(chosen.home(), **selection.query())
except CoreError as error:
    st.title("Performance cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.performance_title(view), anchor=False)
st.markdown(findings.performance_sentence(view))
onward.links(selection, here="performance")
if view.earlier is not None:
    earlier.link(view.earlier, selection, page="performance")
if view.removed:
    st.caption(f"▲ {words.plain(view.removed[:1].upper() + view.removed[1:])}: every number here leaves them out.")
if view.provisional:
    st.caption("◌ The reference is provisional: the first windows of the log, not training data.")
tiles.row(performance_tiles.performance(view), key="performance.tiles")
draw_estimation.worst(view, selection)
draw.draw(view, draw.choose(view), chosen.home())
