"""Tiles: one number, its meaning and what stands behind it; equal in height and shape within a row."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import words
from core.states import State

MIN_WIDTH = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A tile as drawn. `note` stands below the value in the colour of `state`, or grey.

    `note` is data, `label` is ours: Streamlit reads markdown in labels only.
    """

    label: str
    value: str
    note: str
    help: str
    state: State | None = None
    note_more: str = ""


def row(tiles: Sequence[Tile], *, key: str, min_width: int = MIN_WIDTH) -> None:
    """Draw tiles in one row that folds into two columns on a phone, into one where `min_width` asks for more."""
    with st.grid(len(tiles), min_column_width=min_width, gap="small", key=key):
        for tile in tiles:
            st.metric(
                tile.label,
                tile.value,
                delta=tile.note,
                delta_arrow="off",
                delta_color=_colour(tile.state),
                delta_description=tile.note_more or None,
                help=tile.help,
                border=True,
                height="stretch",
            )


def _colour(state: State | None) -> words.Colour:
    return words.COLOURS[state] if state else "gray"
