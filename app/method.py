"""The method behind the numbers, as written in ``docs/method``."""

import re
from pathlib import Path
from textwrap import dedent

import streamlit as st

from app import navigation

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "method"
TOPICS = (
    "drift",
    "verdict",
    "performance",
    "quality",
    "calibration",
    "service",
    "impact",
    "estimation",
    "attribution",
    "segments",
    "explain",
    "fairness",
    "releases",
)
FORMULA = re.compile(r"\n\n((?: {4}.*\n)+)(?=\n)")
LINK = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)]*\)")


def fold(topic: str, *, place: str = "page") -> None:
    """Show the method text of one topic, folded until it is wanted; `place` tells folds of one topic apart."""
    folded = st.expander("The method", icon=":material/menu_book:", key=f"method.{place}.{topic}", on_change="rerun")
    if folded.open:
        with folded:
            draw(text(topic))
        folded.page_link(
            navigation.path("method"),
            label=f"docs/method/{topic}.md",
            icon=":material/open_in_new:",
            query_params={"topic": topic},
        )


def draw(body: str) -> None:
    """Draw a method text; its formulas wrap, so that none is cut on a narrow screen."""
    for place, part in enumerate(FORMULA.split(body)):
        if place % 2:
            st.code(dedent(part), language=None, wrap_lines=True)
        elif part.strip():
            st.markdown(part)


def text(topic: str) -> str:
    """Return the method text; links between the files become their words, which the pages cannot follow.

    Raises
    ------
    KeyError
        When `topic` is not one of `TOPICS`.
    """
    if topic not in TOPICS:
        raise KeyError(topic)
    return LINK.sub(r"\1", (FOLDER / f"{topic}.md").read_text(encoding="utf-8"))
