"""Says on the pages about rows whose they are, where these are not the live rows of the live version."""

import streamlit as st

from app import words
from app.reading import now, opened, shown_rows
from app.views import Selection
from core.inventory.service import model_detail

FAIRNESS = "fairness"
ABOUT_ROWS = frozenset(
    {"service", "drift", "performance", "explain", "quality", "calibration", "segments", "attribution", FAIRNESS}
)
"""URLs of the pages that show rows of the chosen version."""

LIVE_ONLY = "Groups are shown of live predictions only; until then the release dossier compares them."


def say(home: str, selection: Selection | None, url: str) -> None:
    """Draw over a page about rows whose they are; nothing over live rows of the live version, and over other pages."""
    if selection is None or url not in ABOUT_ROWS:
        return
    said = told(home, selection.model, selection.version, groups=url == FAIRNESS)
    if said:
        st.info(said, icon=":material/visibility:")


def told(home: str, model: str, version: str, *, groups: bool = False) -> str:
    """Return whether a version is live and which of its rows are shown; empty where they are those of the live one.

    Parameters
    ----------
    groups : the page compares protected groups, of live rows only
    """
    _, token, at = now(home)
    found = shown_rows(home, token, at, model, version)
    if found is None:
        return ""
    role, window = found
    known, name = model_detail(opened(home), model), words.plain(version)
    live = known.champion.name if known.champion else ""
    if role is None and live == version:
        return ""
    rows = words.plain(words.window(window, known.schema.grain))
    shown = LIVE_ONLY if groups and role else f"Shown: its {f'{role} ' if role else ''}predictions, {rows}."
    since = known.model.champion_since
    when = f" since {words.day(since.date())}" if since else ""
    if live == version:
        return f"**{name} is live{when}; no predictions are logged under it yet.** {shown}"
    other = f"; {words.plain(live)} is{when}" if live else ""
    return f"**{name} is not live{other}.** {shown}"
