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
ROOT = "home"
"""What Streamlit reserves for the page that it serves at ``/``; any name that no other page has."""


def pages() -> dict[str, list[st.Page]]:
    """Return the pages of the navigation by section.

    The home page is served at ``/``; its own URL, as people type it, leads there by an unseen page.
    """
    shown = {
        section: [
            st.Page(PAGES / file, title=title, url_path=ROOT if url == HOME else url, icon=icon, default=url == HOME)
            for file, title, url, icon in entries
        ]
        for section, entries in SECTIONS.items()
    }
    next(iter(shown.values())).append(st.Page(_go_home, title="Home", url_path=HOME, visibility="hidden"))
    return shown


def _go_home() -> None:
    st.switch_page(path(HOME), query_params=st.query_params.to_dict())


def path(url: str) -> Path:
    """Return the file of the page with this URL, for a jump or a link."""
    return next(PAGES / file for entries in SECTIONS.values() for file, _, at, _ in entries if at == url)
