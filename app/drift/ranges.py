"""Comparing with a range of the version's own days: two dates that become the reference in the URL."""

from datetime import date, timedelta

import streamlit as st

from app.drift.views import DriftView
from core.windows import Grain

KEY = "drift.range"
LENGTH = timedelta(days=28)


def draw(view: DriftView) -> None:
    """Draw the choice of two dates; daily logs only, the others write labels into the URL."""
    if view.grain is not Grain.DAY or view.window is None:
        return
    with st.popover("Compare with other days", icon=":material/date_range:", type="tertiary"):
        end = view.window.start
        picked = st.date_input("First and last day of the reference", (end - LENGTH, end - timedelta(days=1)), key=KEY)
        both = picked if isinstance(picked, tuple) else (picked,)
        ready = len(both) == 2
        if st.button("Compare", disabled=not ready, key=f"{KEY}.go") and len(both) == 2:
            st.query_params["reference"] = range_name(both[0], both[1])
            st.rerun()


def range_name(first: date, last: date) -> str:
    """Return the reference as the URL and the command line write it; its end is not in it.

    >>> range_name(date(2013, 7, 1), date(2013, 7, 7))
    '2013-07-01..2013-07-08'
    """
    return f"{first.isoformat()}..{(last + timedelta(days=1)).isoformat()}"
