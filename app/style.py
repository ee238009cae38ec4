"""Widths, colours and column settings that tables share; canvas cells do not follow the theme by themselves."""

import streamlit as st

from app import words
from core.states import State

INK_LIGHT = {
    State.HEALTHY: "#0B6E69",
    State.WARNING: "#8A5200",
    State.CRITICAL: "#B3261E",
    State.NOT_APPLICABLE: "#5B6472",
}
INK_DARK = {
    State.HEALTHY: "#4FD1C5",
    State.WARNING: "#F5B041",
    State.CRITICAL: "#FF8A80",
    State.NOT_APPLICABLE: "#9AA4B2",
}
MID_GREY = "#8A97A8"
ROW_HEIGHT = 32
STATE_WORDS = [words.state(state) for state in (State.HEALTHY, State.WARNING, State.CRITICAL, State.NOT_APPLICABLE)]
STATE_COLOURS = ["green", "orange", "#B3261E", "gray"]


def theme() -> str:
    """Return the active theme, ``light`` or ``dark``."""
    return "dark" if st.context.theme.type == "dark" else "light"


def glyph_css(cell: object) -> str:
    """Return the colour of a cell that holds one state glyph, for a pandas Styler."""
    ink = INK_DARK if theme() == "dark" else INK_LIGHT
    by_glyph = {words.GLYPHS[state]: colour for state, colour in ink.items()}
    return f"color: {by_glyph[str(cell)]}" if str(cell) in by_glyph else ""


def state_column(label: str = "state") -> object:
    """Return the column that shows a state as a coloured word; cells are lists of one word."""
    return st.column_config.MultiselectColumn(label, width=94, options=STATE_WORDS, color=STATE_COLOURS)
