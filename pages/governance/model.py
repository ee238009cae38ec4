"""Model: the record of one model: what people wrote, its tier, card and reviews; versions, schema, files, audit."""

import streamlit as st

from app import chosen, notice, tiles
from app.governed import panel
from app.record import draw, findings, parts, queries
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is no model with a version yet", anchor=False)
    notice.begin(chosen.home())
    st.stop()

try:
    view = queries.record(chosen.home(), model=selection.model, version=selection.version)
except CoreError as error:
    st.title("The record cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
panel.say()
tiles.row(draw.tiles(view), key="record.tiles")
part = st.segmented_control(
    "Part of the record",
    draw.PARTS,
    default=draw.PARTS[0],
    required=True,
    key="part",
    bind="query-params",
    label_visibility="collapsed",
)
parts.one(chosen.home(), view, part)
