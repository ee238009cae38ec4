"""Every page, in up to three sections; a section appears with its first page."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent / "pages"
SECTIONS = {
    "Engineering": (
        ("engineering/fleet.py", "Fleet", "fleet", ":material/grid_view:"),
        ("engineering/drift.py", "Drift", "drift", ":material/waves:"),
    ),
}
HOME = SECTIONS["Engineering"][0][2]


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of the navigation by section."""
    return {
        section: [
            st.Page(PAGES / file, title=title, url_path=url, icon=icon, default=url == HOME)
            for file, title, url, icon in entries
        ]
        for section, entries in SECTIONS.items()
    }


def path(url: str) -> Path:
    """Return the file of the page with this URL, for a jump or a link."""
    return next(PAGES / file for entries in SECTIONS.values() for file, _, at, _ in entries if at == url)
