"""Method: how every number is computed, one page a family: formula, choice, bound, source, what it cannot say."""

import streamlit as st

from app import method

topic = st.segmented_control(
    "Family",
    method.TOPICS,
    default=method.TOPICS[0],
    required=True,
    key="topic",
    bind="query-params",
    label_visibility="collapsed",
)
title, body = method.text(topic).removeprefix("# ").split("\n", 1)
st.title(title, anchor=False)
method.draw(body)
st.caption(f"docs/method/{topic}.md")
