"""How far an executor has come with what it was asked for: never "done" before its word is there."""

import shlex

import streamlit as st

from app import words
from app.releases import queries
from core.executors.delivery import EMBEDDED, DeliveryState
from core.releases.awaited import awaited
from core.releases.release import Release
from core.releases.states import ReleaseState

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 15.0


def draw(home: str, release: Release) -> None:
    """Draw what is awaited with the seconds it has taken; the page is drawn anew when the executor has answered."""
    if awaited(release) is None or release.state is ReleaseState.UNKNOWN:
        return
    version = release.row_version

    @st.fragment(run_every=POLL_SECONDS)
    def progress() -> None:
        now = queries.find(home, release.id)
        if now is None or now.row_version != version:
            st.rerun()
        seconds = queries.waits_since(home, release.id)
        with st.container(border=True, gap="xsmall", key="dossier.delivery"):
            st.markdown(f":violet-badge[requested, not confirmed · {_long(seconds)}] {_told(home, release)}")
            if _nobody_delivers(home, release, seconds):
                command = f"watchroom worker --home {shlex.quote(home)}"
                st.caption(f"No worker delivers it. Start one beside the dashboard: `{command}`")

    progress()


def badge(home: str, release: Release) -> str:
    """Return the badge of what is awaited, for the header."""
    return f":violet-badge[unconfirmed · {_long(queries.waits_since(home, release.id))}]"


def _long(seconds: float) -> str:
    """Return a length of time as a clock that counts.

    >>> _long(12.3), _long(75), _long(7_300)
    ('12 s', '1 min 15 s', '2 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def _told(home: str, release: Release) -> str:
    found = queries.deliveries_of(home, release.id)
    if not found:
        return "It is to be sent."
    last = found[-1]
    who = "the embedded executor" if last.executor == EMBEDDED else words.plain(last.executor)
    error = f" The last answer: {words.plain(last.error)}" if last.error else ""
    if last.state is DeliveryState.ACCEPTED:
        return f"Taken by {who}; it says when it is done.{error}"
    return f"Asked of {who} {words.plural(last.attempts, 'time')}.{error}" if last.attempts else f"To be sent to {who}."


def _nobody_delivers(home: str, release: Release, seconds: float) -> bool:
    found = queries.deliveries_of(home, release.id)
    return seconds > PATIENCE_SECONDS and bool(found) and not found[-1].attempts
