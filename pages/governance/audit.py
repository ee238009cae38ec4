"""Audit: who did what to what, when and why; and whether anybody changed the record of it since."""

import streamlit as st

from app import chosen, notice
from app.audit import draw, findings, queries
from core.errors import CoreError

home = chosen.home()
try:
    standing = draw.standing(home)
except CoreError as error:
    st.title("The audit chain cannot be read", anchor=False)
    notice.cannot_show(error)
    st.stop()

st.title(findings.title(standing), anchor=False)
draw.banner(home, standing)
try:
    view = queries.entries(home, draw.asked())
except CoreError as error:
    notice.cannot_show(error)
    st.stop()
draw.search(view)
st.markdown(findings.sentence(view))
row = draw.entries(view)
if row is not None:
    draw.entry(row)
