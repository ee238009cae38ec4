"""A figure under the finding that it shows, with its table below."""

from typing import TYPE_CHECKING

import streamlit as st

from app import tables, words

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260


def draw(
    finding: str, drawn: "go.Figure", *, key: str, table: tables.PlotTable | None = None, height: int = HEIGHT
) -> None:
    """Draw a figure under its finding (markdown, escaped); the theme in the key repairs colours after a change."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{finding}**")
        st.plotly_chart(
            drawn,
            height=height,
            config={"displayModeBar": False},
            key=f"{key}.{st.context.theme.type}",
            alt=finding.replace("\\", "").replace(words.JOINER, ""),
        )
        if table is not None:
            tables.draw(table, key=key)
