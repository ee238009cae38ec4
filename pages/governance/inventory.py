"""Inventory: which models there are, who owns them, and what stands behind each; now, or as of a past day."""

import streamlit as st

from app import chosen, notice
from app.inventory import draw, findings, queries, rows
from core.errors import CoreError

home = chosen.home()
try:
    view, today = queries.inventory(home), queries.today(home)
except CoreError as error:
    st.title("The inventory cannot be shown", anchor=False)
    notice.cannot_show(error)
    st.stop()

if not view.rows:
    st.title("The inventory is empty", anchor=False)
    st.markdown("A model enters it with its description. Three steps to the first verdict:")
    notice.begin(home)
    st.stop()

heading = st.container(gap="small", key="inventory.heading")
with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="inventory.choices"):
    day = draw.day(today)
    tools = st.container(width="content", key="inventory.tools")
if day == today:
    with heading:
        st.title(findings.title(view), anchor=False)
        st.markdown(findings.sentence(view))
        draw.broken_glass(view)
    draw.draw(view)
    st.caption(draw.LEGEND)
    shown = [rows.texts(row, today) for row in view.rows]
else:
    then = queries.past(home, day)
    with heading:
        st.title(findings.past_title(then, day), anchor=False)
        st.markdown(findings.PAST_SENTENCE)
    if then:
        draw.past(then)
    else:
        notice.nothing_here("No model yet", "The inventory was empty on that day.", key="inventory.nothing")
    shown = [rows.past_texts(row) for row in then]
with tools:
    draw.download(shown, day)
