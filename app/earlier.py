"""Where labels are still arriving: the last window that has them all, what it shows, and the way there."""

from dataclasses import dataclass

import streamlit as st

from app import choices, navigation, words
from app.views import Selection
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The last window whose labels are complete.

    Attributes
    ----------
    value, low, high : float or None
        Of the page's first metric in that window.
    """

    window: Window
    grain: Grain
    value: float
    low: float | None
    high: float | None

    def when(self) -> str:
        """Return the window in words."""
        return words.window(self.window, self.grain)


def link(found: Earlier, selection: Selection, *, page: str) -> None:
    """Draw the way to that window."""
    st.page_link(
        navigation.path(page),
        label=f"Show {words.plain(found.when())}",
        icon=":material/history:",
        query_params={**selection.query(), "window": choices.window_name(found.window, found.grain)},
    )
