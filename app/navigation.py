"""Every page, in up to three sections; a section appears with its first page."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent / "pages"
SECTIONS = {
    "Engineering": (
        ("engineering/fleet.py", "Fleet", "fleet", ":material/grid_view:"),
        ("engineering/service.py", "Service", "service", ":material/bolt:"),
        ("engineering/drift.py", "Drift", "drift", ":material/waves:"),
        ("engineering/performance.py", "Performance", "performance", ":material/speed:"),
        ("engineering/explain.py", "Explain", "explain", ":material/psychology:"),
        ("engineering/quality.py", "Data quality", "quality", ":material/fact_check:"),
        ("engineering/calibration.py", "Calibration", "calibration", ":material/target:"),
        ("engineering/segments.py", "Segments", "segments", ":material/account_tree:"),
        ("engineering/attribution.py", "Attribution", "attribution", ":material/stacked_bar_chart:"),
    ),
    "Governance": (
        ("governance/inventory.py", "Inventory", "inventory", ":material/inventory_2:"),
        ("governance/model.py", "Model", "model", ":material/deployed_code:"),
        ("governance/releases.py", "Releases", "releases", ":material/rocket_launch:"),
        ("governance/dossier.py", "Release dossier", "dossier", ":material/gavel:"),
        ("governance/findings.py", "Findings", "findings", ":material/assignment_late:"),
        ("governance/lineage.py", "Lineage", "lineage", ":material/schema:"),
        ("governance/fairness.py", "Fairness", "fairness", ":material/diversity_3:"),
        ("governance/audit.py", "Audit", "audit", ":material/receipt_long:"),
        ("governance/method.py", "Method", "method", ":material/menu_book:"),
    ),
    "Business": (("business/overview.py", "Overview", "overview", ":material/monitoring:"),),
}
DEFAULT_VIEW = "Engineering"
VIEW_KEY = "view"
ROOT = "home"
"""What Streamlit reserves for the page that it serves at ``/``; any name that no other page has."""


def view() -> str:
    """Return the section that comes first: chosen in the sidebar, else named in the URL, else engineering."""
    chosen = st.session_state.get(VIEW_KEY, st.query_params.get(VIEW_KEY, "").capitalize())
    return chosen if chosen in SECTIONS else DEFAULT_VIEW


def pages(first: str, waiting: Mapping[str, int] | None = None) -> dict[str, list[st.Page]]:
    """Return the pages of the navigation by section, the section of the chosen view first.

    Its first page is served at ``/``; that page's own URL, as people type it, leads there by an unseen page.

    Parameters
    ----------
    waiting : mapping of URL to a number
        How much waits on a page for whoever acts: it stands behind the page's name.
    """
    badges = waiting or {}
    home = home_of(first)
    order = sorted(SECTIONS, key=lambda section: section != first)
    shown = {
        section: [
            st.Page(
                PAGES / file,
                title=badged(title, badges.get(url, 0)),
                url_path=ROOT if url == home else url,
                icon=icon,
                default=url == home,
            )
            for file, title, url, icon in SECTIONS[section]
        ]
        for section in order
    }
    shown[first].append(st.Page(_go_home, title="Home", url_path=home, visibility="hidden"))
    return shown


def badged(title: str, n: int) -> str:
    """Return the name of a page (markdown) with how much waits on it.

    >>> badged("Releases", 2), badged("Releases", 0)
    ('Releases :blue-badge[2]', 'Releases')
    """
    return f"{title} :blue-badge[{n}]" if n else title


def home_of(section: str) -> str:
    """Return the URL of a section's first page."""
    return SECTIONS[section][0][2]


def choose_view() -> None:
    """Draw the choice of view at the foot of the sidebar; choosing one opens its first page."""
    if VIEW_KEY not in st.session_state:
        st.session_state[VIEW_KEY] = view()
    st.sidebar.selectbox(
        "View",
        sorted(SECTIONS),
        key=VIEW_KEY,
        on_change=_open_view,
        persist_state="session",
        help="Decides which pages come first. It gives and takes no rights.",
    )


def _open_view() -> None:
    st.switch_page(path(home_of(view())), query_params=_kept())


def _go_home() -> None:
    st.switch_page(path(home_of(view())), query_params=_kept())


def _kept() -> dict[str, str]:
    return {name: value for name, value in st.query_params.to_dict().items() if name != VIEW_KEY}


def urls() -> frozenset[str]:
    """Return the URLs of all pages."""
    return frozenset(url for entries in SECTIONS.values() for _, _, url, _ in entries)


def path(url: str) -> Path:
    """Return the file of the page with this URL, for a jump or a link."""
    return next(PAGES / file for entries in SECTIONS.values() for file, _, at, _ in entries if at == url)
