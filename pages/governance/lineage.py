"""Lineage: where the versions of a model come from and what came of them, as a graph to click through."""

import streamlit as st

from app import chosen, notice
from app.lineage import draw, findings, queries
from core.errors import CoreError

selection = chosen.selection()
if selection is None:
    st.title("There is nothing to trace yet", anchor=False)
    st.markdown("A lineage begins with a version and its training sample. Three steps to the first one:")
    notice.begin(chosen.home())
    st.stop()

try:
    graph = queries.graph(chosen.home(), selection.model)
except CoreError as error:
    st.title("The lineage cannot be shown", anchor=False)
    notice.cannot_show(error, title=selection.model)
    st.stop()

st.title(findings.title(selection.model, graph), anchor=False)
st.markdown(findings.sentence(graph))
draw.draw(selection.model, graph)
