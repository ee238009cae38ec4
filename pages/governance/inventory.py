"""Inventory: which models there are, who owns them, and what stands behind each."""

import streamlit as st

from app import chosen, notice
from app.inventory import draw, findings, queries
from core.errors import CoreError

try:
    view = queries.inventory(chosen.home())
except CoreError as error:
    st.title("The inventory cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

if not view.rows:
    st.title("The inventory is empty", anchor=False)
    st.markdown("A model enters it with its description. Three steps to the first verdict:")
    notice.begin(chosen.home())
    st.stop()

st.title(findings.title(view), anchor=False)
st.markdown(findings.sentence(view))
draw.draw(view)
st.caption("A click on a row opens the model's record.")
