"""What the page Findings and reviews shows: which half, of which model, with closed findings or without."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app import chosen, persona, words
from app.governed import forms, panel
from app.governed.rights import why_not
from core.access.matrix import Action

PARTS = ("findings", "reviews")
OF = "of"
ALL = "every model"


def model(models: Sequence[str]) -> str:
    """Return the model that the page is narrowed to; empty: all of them."""
    asked = st.session_state.get(OF, st.query_params.get(OF, ALL))
    return asked if asked in models else ""


def draw(home: str, models: Sequence[str], about: str) -> tuple[str, bool]:
    """Draw the choices and the button to raise a finding; return the half, and whether closed findings are shown."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="findings.choices"):
        part = st.segmented_control(
            "Part",
            PARTS,
            default=PARTS[0],
            required=True,
            key="half",
            bind="query-params",
            label_visibility="collapsed",
        )
        st.session_state.setdefault(OF, about or ALL)
        st.selectbox("Of", [ALL, *models], key=OF, width=220, label_visibility="collapsed", on_change=_keep)
        closed = st.toggle("closed ones too", key="findings.closed") if part == PARTS[0] else False
        st.space("stretch")
        why = why_not(persona.acting(home), Action.FINDING_RAISE)
        st.button(
            "Raise a finding…",
            icon=":material/add_alert:",
            disabled=bool(why),
            help=words.plain(why) if why else None,
            key=forms.RAISE,
            on_click=partial(panel.begin, forms.RAISE, about or _in_header()),
        )
    return str(part), closed


def _in_header() -> str:
    selection = chosen.selection()
    return "" if selection is None else selection.model


def _keep() -> None:
    picked = st.session_state[OF]
    if picked == ALL:
        st.query_params.pop(OF, None)
    else:
        st.query_params[OF] = picked
