"""The queue of releases as a table, what was decided before, and the way to a dossier."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from app import navigation, style, tables, words
from app.releases import told
from app.releases.findings import is_ended
from core.releases.service import QueueItem, ReleaseSummary
from core.releases.states import ReleaseState

KEY, EARLIER = "releases.queue", "releases.earlier"
MOST_EARLIER = 20
MINE = {
    "resubmit": "you: submit again",
    "approve": "you: decide",
    "accept": "you: judge",
    "execute": "you: execute",
    "ack": "you: say what happened",
}


def draw(items: Sequence[QueueItem], at: datetime) -> None:
    """Draw the releases on their way; a click opens one's dossier."""
    found = [item.summary for item in items]
    st.dataframe(
        [_cells(item, at) for item in items],
        key=KEY,
        on_select=lambda: _open(KEY, found),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(),
        alt="Releases on their way, those that wait for you first",
    )


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "next": column.TextColumn("next", width=130, help="Who has to do something now."),
        "release": column.TextColumn("release", width=122),
        "state": column.TextColumn("state", width=168),
        "tier": column.NumberColumn("tier", width=40, help="Risk tier: 1 is the highest."),
        "waits for": column.TextColumn("waits for", width=172, help="Rules of the quorum that nobody fills yet."),
        "requested by": column.TextColumn("by", width=92, help="Who requested it."),
        "age": column.TextColumn("age", width=60, help="Since it was requested."),
        "due": column.TextColumn("due", width=46, help="When it expires by itself."),
        "why you cannot": column.TextColumn("why you cannot", width=276),
    }


def _cells(item: QueueItem, at: datetime) -> dict[str, Any]:
    summary, release = item.summary, item.summary.release
    return {
        "next": _next(item),
        "release": tables.cell(f"{release.model} {release.version}"),
        "state": f"{'■ glass broken, ' if release.broken_glass else ''}{told.state(summary)[1]}",
        "tier": release.tier,
        "waits for": ", ".join(summary.waits_for) or words.NONE,
        "requested by": tables.cell(release.requested_by),
        "age": told.span(item.age),
        "due": words.NONE if item.due is None else told.span(item.due - at),
        "why you cannot": item.why_not.rstrip(".") or words.NONE,
    }


def _next(item: QueueItem) -> str:
    if item.waits_for_me:
        return next((said for move, said in MINE.items() if move in item.moves), "you")
    return "later: next step" if item.summary.release.state is ReleaseState.LIVE else "others"


def earlier(found: Sequence[ReleaseSummary]) -> None:
    """Draw what is live or has ended, newest first."""
    shown = [one for one in found if is_ended(one.release) or one.release.live_since is not None][:MOST_EARLIER]
    if not shown:
        return
    st.subheader("Live and ended", anchor=False)
    st.dataframe(
        {
            "release": [tables.cell(f"{one.release.model} {one.release.version}") for one in shown],
            "state": [f"{told.state(one)[1]}{' · drill' if told.is_drill(one.release) else ''}" for one in shown],
            "number": [one.release.id for one in shown],
            "requested by": [tables.cell(one.release.requested_by) for one in shown],
            "live since": [_day(one.release.live_since) for one in shown],
            "ended": [_day(one.release.ended_at) for one in shown],
            "why": [tables.cell(one.release.why) or words.NONE for one in shown],
        },
        key=EARLIER,
        on_select=lambda: _open(EARLIER, shown),
        selection_mode="single-cell",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            "release": st.column_config.TextColumn(width=190),
            "state": st.column_config.TextColumn(width=200),
            "number": st.column_config.NumberColumn(width=64),
            "requested by": st.column_config.TextColumn(width=110),
            "live since": st.column_config.TextColumn(width=100),
            "ended": st.column_config.TextColumn(width=100),
            "why": st.column_config.TextColumn(width=320),
        },
        alt="Releases that are live or ended, newest first",
    )


def _day(at: datetime | None) -> str:
    return words.NONE if at is None else words.day(at.date())


def _open(key: str, found: Sequence[ReleaseSummary]) -> None:
    cells = st.session_state[key]["selection"]["cells"]
    if cells:
        st.switch_page(navigation.path("dossier"), query_params=query(found[cells[0][0]]))


def query(summary: ReleaseSummary) -> dict[str, str]:
    """Return the parameters of a link to a release's dossier: the header's model goes with it."""
    release = summary.release
    kept = {name: value for name, value in st.query_params.to_dict().items() if name in ("window", "reference")}
    return {**kept, "model": release.model, "release": str(release.id)}
