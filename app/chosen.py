"""What this run of a page is about: the store's home and the header's selection."""

import os

import streamlit as st

from app.views import Selection

HOME_VARIABLE = "WATCHROOM_HOME"
SELECTION_KEY = "selection"


def home() -> str:
    """Return the folder of the store that the dashboard shows."""
    return os.environ.get(HOME_VARIABLE) or ".watchroom"


def remember(selection: Selection | None) -> None:
    """Keep the selection for the page that runs next."""
    st.session_state[SELECTION_KEY] = None if selection is None else selection.query()


def selection() -> Selection | None:
    """Return the header's selection; None when the store holds no model with a version."""
    query = st.session_state.get(SELECTION_KEY)
    return None if query is None else Selection(**query)
