"""The drawer in which people change what is written about models: opened by a button, its act counts once."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app import words
from core.errors import CoreError

OPEN, SAID = "governed.panel", "governed.said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """An open drawer: what for, about what, and what the screen showed when it opened.

    Attributes
    ----------
    kind : which form
    about : name or number of the thing; forms of a model name the model
    seen : row version that stood on the screen
    key : under it the act counts once, however often the button is pressed
    """

    kind: str
    about: str
    seen: int
    key: str


def begin(kind: str, about: str, seen: int = 0) -> None:
    """Open the drawer of a kind; it stays open until the act is done or it is closed."""
    st.session_state[OPEN] = {"kind": kind, "about": about, "seen": seen, "key": str(uuid.uuid4())}


def asked(*kinds: str) -> Panel | None:
    """Return the open drawer; one of another page (its kind is none of these) is closed."""
    found = st.session_state.get(OPEN)
    if found is None:
        return None
    if found["kind"] not in kinds:
        close()
        return None
    return Panel(**found)


def close() -> None:
    """Close the drawer."""
    st.session_state.pop(OPEN, None)


def say() -> None:
    """Say once what became of the last act."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        st.success(words.plain(said), icon=":material/check:")


def confirm(label: str, act: Callable[[], str]) -> None:
    """Draw the button; pressed, do the act and have the page say what it came to, or say here why it was refused.

    Parameters
    ----------
    act : does it, and returns in a sentence what it came to
    """
    if not st.button(label, type="primary", key="panel.confirm"):
        return
    try:
        said = act()
    except CoreError as error:
        st.error(words.plain(str(error)), icon=":material/block:")
        return
    close()
    st.session_state[SAID] = said
    st.rerun()
