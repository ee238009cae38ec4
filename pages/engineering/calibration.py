"""Calibration: whether scores can be read as probabilities, for whom not, and since when."""

import streamlit as st

from app import chosen, earlier, method, notice, onward, tiles, words
from app.calibration import draw, findings, queries
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is nothing to calibrate yet", anchor=False)
    st.markdown("Calibration compares what a score says with what happens. Add a model, its log and its actuals first:")
    notice.begin(chosen.home())
    st.stop()

try:
    view = queries.calibration(chosen.home(), **selection.query())
except CoreError as error:
    st.title("Calibration cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.why_it_matters(view))
onward.links(selection, here="calibration")
if view.why_not:
    draw.empty(view)
    method.fold("calibration")
    st.stop()

if view.earlier is not None:
    earlier.link(view.earlier, selection, page="calibration")
if view.removed:
    st.caption(f"▲ {words.plain(view.removed[:1].upper() + view.removed[1:])}: every number here leaves them out.")
if view.provisional:
    st.caption("◌ The reference is provisional: the first windows of the log, not training data.")
if view.curve is not None:
    tiles.row(draw.headline(view), key="calibration.tiles")
    draw.heading(view)
draw.curves(view)
draw.parts(view)
method.fold("calibration")
