"""The drawer in which people act on a release: opened by a button, with the key under which the act counts once."""

import uuid
from dataclasses import dataclass

import streamlit as st

from app import words
from app.releases import queries, told
from core.releases.release import Release
from core.releases.service import ReleaseDetail
from core.releases.states import ReleaseState

OPEN, SAID = "release.panel", "release.said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """An open drawer: what for, and what the screen showed when it opened.

    Attributes
    ----------
    kind : which form
    key : under it the act counts once, however often the button is pressed
    shown : the release as it stood then: the form stays what it was when somebody else was faster, and the core says so
    """

    kind: str
    key: str
    shown: ReleaseDetail | None

    @property
    def release(self) -> int:
        """Which release it is about; 0: none yet."""
        return 0 if self.shown is None else self.shown.release.id

    @property
    def digest(self) -> str:
        """Return which evidence was on the screen."""
        return "" if self.shown is None else self.shown.release.digest or ""


def begin(kind: str, shown: ReleaseDetail | None) -> None:
    """Open the drawer of a kind; it stays open until the act is done or it is closed."""
    st.session_state[OPEN] = Panel(kind=kind, key=str(uuid.uuid4()), shown=shown)


def asked(release_id: int = 0) -> Panel | None:
    """Return the drawer that is open about a release (0: about none); one about another release is closed."""
    found: Panel | None = st.session_state.get(OPEN)
    if found is None or found.release == release_id:
        return found
    if found.release:
        close()
    return None


def close() -> None:
    """Close the drawer."""
    st.session_state.pop(OPEN, None)


def done(release: Release) -> None:
    """Close the drawer after the act, and have the page say what became of it."""
    close()
    st.session_state[SAID] = release.id
    st.rerun()


def say(home: str) -> None:
    """Say once what became of the last act, as the store has it now; in no colour of success: much is only requested.

    The executor may have answered since the act.
    """
    number = st.session_state.pop(SAID, None)
    release = None if number is None else queries.find(home, number)
    if release is not None:
        st.info(became(release), icon=":material/history:")


def became(release: Release) -> str:
    """Return in a sentence where an act has brought a release."""
    said = release.why.rstrip(".")
    why = f" ({said})" if said and release.state is not ReleaseState.PENDING_APPROVAL else ""
    named = f"Release {release.id}, {release.model} {release.version}"
    return words.plain(f"{named}: {told.SAID.get(release.state, '')}{why}.")


def nth(number: int) -> str:
    """Return an ordinal.

    >>> nth(2)
    'second'
    """
    return told.NUMBERS[number - 1] if number <= len(told.NUMBERS) else f"{number}th"
