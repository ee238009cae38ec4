"""Explain this number, why this colour: the two questions that every figure on a page answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from app import method, words
from core.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What stands behind one number.

    Attributes
    ----------
    name, value : str
        As on screen: ``ROC AUC`` and ``0.712``.
    interval : str
        ``0.701 to 0.723``, or why there is none.
    definition : str
        One or two sentences of ours (markdown) that say what it means and what it cannot say.
    formula : str
        LaTeX, or empty.
    facts : mapping of str to str
        Window, rows, reference, coverage, source of the values, …: shown as they are, markdown escaped.
    provenance_id : str
    topic : str
        Page of ``docs/method`` without its suffix.
    """

    name: str
    value: str
    interval: str
    definition: str
    formula: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    provenance_id: str = ""
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coloured:
    """Why a state is what it is: the verdict in words, its rules, and the numbers that decided.

    Attributes
    ----------
    rules : tuple of str
        The limits in words of ours (markdown).
    facts : mapping of str to str
        This window alone, value, corrected p, false alarms a month, source of the limits, …
    """

    state: State
    reason: str
    rules: tuple[str, ...]
    facts: Mapping[str, str]


def number_button(shown: Explained, *, key: str) -> None:
    """Draw the button that explains a number."""
    if st.button("Explain this number", icon=":material/calculate:", type="tertiary", key=f"{key}.explain"):
        explain(shown)


def colour_button(shown: Coloured, *, key: str) -> None:
    """Draw the button that says why a state has its colour."""
    if st.button("Why this colour", icon=":material/rule:", type="tertiary", key=f"{key}.why"):
        why(shown)


@st.dialog("Explain this number", position="right", width="medium")
def explain(shown: Explained) -> None:
    """Show definition, formula, window, rows, interval, data version and the method."""
    interval = f", 95 % interval {words.plain(shown.interval)}" if shown.interval else ""
    st.markdown(f"**{words.plain(shown.name)} {words.plain(shown.value)}**{interval}")
    st.markdown(shown.definition)
    if shown.formula:
        st.latex(shown.formula, width="content")
    facts = {name: words.plain(fact) for name, fact in shown.facts.items()}
    if shown.provenance_id:
        facts["data version"] = f"`{shown.provenance_id}`"
    st.table(facts, border="horizontal")
    method.fold(shown.topic, place="dialog")


@st.dialog("Why this colour", position="right", width="medium")
def why(shown: Coloured) -> None:
    """Show the verdict, its limits, and what decided."""
    st.markdown(f"{words.badge(shown.state)} {words.plain(shown.reason)}")
    st.markdown("\n".join(f"- {rule}" for rule in shown.rules))
    st.table({name: words.plain(fact) for name, fact in shown.facts.items()}, border="horizontal")
    method.fold("verdict", place="dialog")
