"""Saved segments on the page: giving the selected rows a name, and the list of what is saved."""

import streamlit as st

from app import actions, navigation, notice, persona, words
from app.reading import opened
from app.segments import queries
from app.segments.views import SavedRow, SegmentsView, text_of
from app.views import Selection
from core.errors import CoreError
from core.segments.saved import LONGEST_NAME
from core.segments.search_result import FoundSegment

RETIRED_HERE = "retired on the page Segments"
SAID = "segments.said"
OPEN, DONE = "segments.save", "segments.save_done"
"""Whether the popover is open; and that it has done its work, so that the next run closes it."""


def offer(home: str, view: SegmentsView, one: FoundSegment | None, asked: str) -> None:
    """Draw the naming of the selected segment, or of the rows that a link asked for: then every page can show them."""
    where = text_of(one) if one is not None else asked
    if not where:
        return
    if st.session_state.pop(DONE, False):
        st.session_state[OPEN] = False
    with st.popover("Save this segment", icon=":material/bookmark_add:", key=OPEN, on_change="rerun"):
        try:
            st.markdown(words.plain(queries.asked_rows(home, view.model, where)))
        except CoreError as error:
            notice.cannot_show(error, title="These rows cannot be saved")
            return
        st.caption("Saved, its rows can be looked at on every page: it stands in the header as @name.")
        with st.form("segments.save_form", border=False):
            name = st.text_input("Name", max_chars=LONGEST_NAME, key="segments.name")
            if st.form_submit_button("Save", type="primary"):
                _save(home, view.model, name, where)


def _save(home: str, model: str, name: str, where: str) -> None:
    try:
        saved = actions.save_segment(opened(home), persona.acting(home), model=model, name=name, where=where)
    except CoreError as error:
        notice.cannot_show(error, title="Not saved")
        return
    st.session_state[SAID] = f"{saved.label} is saved; its rows are being counted."
    st.session_state[DONE] = True
    st.rerun()


def listed(home: str, view: SegmentsView, selection: Selection) -> None:
    """Draw what is saved: its filter, who saved it, a link that shows its rows everywhere, and its retirement."""
    if SAID in st.session_state:
        st.toast(words.plain(st.session_state.pop(SAID)))
    rows = queries.saved(home, view.model, view.version)
    st.subheader("Saved segments", anchor=False)
    if not rows:
        st.caption("None yet. Save the rows of a finding to watch them on every page.")
        return
    for row in rows:
        _row(home, view.model, selection, row)


def _row(home: str, model: str, selection: Selection, row: SavedRow) -> None:
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", gap="small", key=f"segments.saved.{row.id}"
    ):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(row.label)}** · {words.plain(row.filter)}")
            counted = "counted" if row.complete else f"{row.done:,} of {row.total:,} windows counted"
            st.caption(words.plain(f"saved by {row.by} on {words.day(row.at)} · {counted}"))
        if selection.segment != row.label:
            st.page_link(
                navigation.path("performance"),
                label="Use",
                icon=":material/filter_alt:",
                query_params={**selection.query(), "segment": row.label},
                width="content",
            )
        if st.button(
            "Retire", key=f"segments.retire.{row.id}", type="tertiary", help="It stands no longer; kept in the record."
        ):
            _retire(home, model, row.name)


def _retire(home: str, model: str, name: str) -> None:
    try:
        actions.retire_segment(opened(home), persona.acting(home), model=model, name=name, reason=RETIRED_HERE)
    except CoreError as error:
        notice.cannot_show(error, title="Not retired")
        return
    st.rerun()
