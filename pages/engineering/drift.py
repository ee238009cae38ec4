"""Drift: which features moved, how much it matters, since when, and where."""

import streamlit as st

from app import chosen, notice, onward, tiles, words
from app.drift import detail, findings, further, queries, ranges, table
from app.drift import tiles as drift_tiles
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is nothing to compare yet", anchor=False)
    st.markdown("Drift compares the prediction log of a version with its reference. Add both first:")
    notice.begin(chosen.home())
    st.stop()

try:
    view = queries.drift(chosen.home(), **selection.query())
except CoreError as error:
    st.title("Drift cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.drift_title(view), anchor=False)
st.markdown(findings.drift_sentence(view))
onward.links(selection, here="drift")
if not view.rows:
    notice.nothing_here("No windows to judge", view.reason, key="drift.empty")
    st.stop()

if view.removed:
    st.caption(f"▲ {words.plain(view.removed[:1].upper() + view.removed[1:])}: every number here leaves them out.")
if view.provisional:
    st.caption("◌ The reference is provisional: the first windows of the log, not training data.")
tiles.row(drift_tiles.drift(view), key="drift.tiles")
further.draw(view)
row = table.draw(view)
ranges.draw(view)
try:
    feature = queries.drift_feature(chosen.home(), **selection.query(), feature=row.feature)
    detail.draw(view, feature)
    detail.draw_where(view, feature, queries.carried_by(chosen.home(), **selection.query(), feature=row.feature))
except CoreError as error:
    notice.cannot_show(error, title=row.feature)
    st.stop()
detail.draw_outcomes(view)
