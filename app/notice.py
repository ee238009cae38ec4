"""Designed states for what cannot be shown: an empty store, an unusable store, a question without an answer."""

import shlex

import streamlit as st

from app import navigation, words
from core.errors import CoreError

ICON_WIDTH = 24


def cannot_show(error: CoreError, *, title: str = "This cannot be shown") -> None:
    """Say in one sentence what is wrong and what to do; never a traceback."""
    with st.container(border=True, horizontal=True, vertical_alignment="top", gap="small"):
        st.markdown(":orange[:material/report:]", width=ICON_WIDTH)
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(f"**{words.plain(title)}**")
            st.markdown(words.plain(str(error)))


def cannot_open(error: CoreError, home: str) -> None:
    """Explain why the store does not open and how to go on."""
    st.title("The store cannot be opened", anchor=False)
    cannot_show(error, title=home)
    st.caption("Watchroom keeps everything in one folder. Look at it with")
    st.code(f"watchroom doctor --home {shlex.quote(home)}", language="shell")
    st.caption("or begin a new one with")
    st.code(f"watchroom init --home {shlex.quote(home)}", language="shell")


def begin(home: str) -> None:
    """Show how to begin in an empty store: three commands and what each one does."""
    steps = (
        (
            "Describe the model",
            "Its columns, features and threshold, in one small file; Watchroom guesses a first draft from the log.",
            "watchroom model add --guess predictions.parquet > model.yaml\nwatchroom model add model.yaml",
        ),
        (
            "Add a version with its training sample",
            "The reference that every later day is compared with.",
            "watchroom version add MODEL v1 --reference training.parquet",
        ),
        (
            "Hand in the prediction log",
            "Parquet, CSV or JSON Lines; actuals may come later. Each closed day is judged at once.",
            "watchroom ingest MODEL v1 predictions.parquet\nwatchroom actuals MODEL actuals.parquet",
        ),
    )
    for number, (title, what, command) in enumerate(steps, start=1):
        with st.container(border=True, gap="xsmall", key=f"begin.{number}"):
            st.markdown(f"**{number}. {title}**")
            st.caption(what)
            first = f"export WATCHROOM_HOME={shlex.quote(home)}\n" if number == 1 else ""
            st.code(f"{first}{command}", language="shell")
    st.caption(
        "Only want to look? `make demo` builds a home of its own with a year of real flights and three staged models."
    )


def nothing_here(title: str, fact: str, *, key: str) -> None:
    """Show a designed empty state: what is missing, and the last known fact."""
    with st.container(
        border=True, height=180, horizontal_alignment="center", vertical_alignment="center", gap="xsmall", key=key
    ):
        st.markdown(f":gray[:material/data_alert:] **{words.plain(title)}**", width="content")
        st.caption(words.plain(fact), width="content")


def withheld_levels(feature: str, *, key: str) -> None:
    """Say that a protected feature is not drawn by level here, and where its groups are shown safely."""
    nothing_here(
        f"{feature} is protected: withheld",
        "Its levels by window would show single people. Fairness shows its groups, small ones withheld.",
        key=key,
    )
    st.page_link(
        navigation.path("fairness"),
        label="Groups → Fairness",
        icon=":material/diversity_3:",
        query_params=st.query_params.to_dict(),
    )
