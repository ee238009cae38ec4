"""In the header of every page: which version is live, the model's open release, and "Request rollback".

One authorised person is enough and nobody waits; the drawer says where it would lead and whether that version still
fits the rows that arrive. What was requested is said to be requested, until the executor has confirmed it.
"""

from functools import partial

import streamlit as st

from app import navigation, words
from app.releases import acts, delivery, panel, queries, told
from app.releases.panel import Panel
from app.releases.queries import ModelStanding
from app.views import Selection
from core.access.matrix import Action
from core.errors import CoreError
from core.releases.awaited import awaited
from core.releases.release import Release
from core.releases.states import ReleaseState

KIND, DRILL_KIND, MODEL, OPEN, SAID = "rollback", "drill", "rollback.model", "header.live", "rollback.said"
POLL_SECONDS = 1.0
SHORT = {
    ReleaseState.DRAFT: "draft",
    ReleaseState.PENDING_EVIDENCE: "gathers",
    ReleaseState.BLOCKED: "blocked",
    ReleaseState.NEEDS_HUMAN: "waits",
    ReleaseState.PENDING_APPROVAL: "waits",
    ReleaseState.STALE: "stale",
    ReleaseState.APPROVED: "approved",
    ReleaseState.UNKNOWN: "unknown",
    ReleaseState.FAILED: "failed",
}
"""Where an open release stands, in a word that a header has room for."""

LONGEST = 10


def beside(home: str, selection: Selection) -> None:
    """Draw the live version with what can be done about it, and the state of the open release."""
    try:
        standing = queries.standing(home, selection.model)
    except CoreError:
        return  # the page says what is wrong
    if not standing.champion:
        return
    release = None if standing.open is None else standing.open.release
    pending = release is not None and awaited(release) is not None and release.state is not ReleaseState.UNKNOWN
    label = f"{_cut(standing.champion)} live"
    if release is not None and not pending:
        label = f"{label} · {_cut(release.version)} {SHORT.get(release.state, '')}".strip()
    with st.popover(words.plain(label), type="tertiary", key=OPEN, on_change="rerun"):
        _inside(home, standing)
    if release is not None and pending:
        _until_confirmed(home, release)
    _drawer(home, standing)
    _said(home)


def _cut(version: str) -> str:
    """Return a version's name as short as the header needs it."""
    return version if len(version) <= LONGEST else f"{version[: LONGEST - 1]}…"


def _inside(home: str, standing: ModelStanding) -> None:
    champion = words.plain(f"{standing.model} {standing.champion}")
    st.markdown(f"**{champion} is live**")
    if standing.open is not None:
        release = standing.open.release
        st.page_link(
            navigation.path("dossier"),
            label=f"Release {release.id}: {words.plain(release.version)} {told.state(standing.open)[1]}",
            icon=":material/gavel:",
            query_params={"model": standing.model, "release": str(release.id)},
            width="content",
        )
    found = standing.target
    st.markdown(f"The way back: {words.plain(found.told)}")
    if found.version is None:
        return
    with st.container(horizontal=True, gap="small", key="header.back"):
        _opener(home, standing, (KIND, "Request rollback", ":material/undo:", Action.ROLLBACK_REQUEST))
        _opener(home, standing, (DRILL_KIND, "Practise it", ":material/fire_extinguisher:", Action.ROLLBACK_DRILL))


def _opener(home: str, standing: ModelStanding, button: tuple[str, str, str, Action]) -> None:
    kind, label, icon, action = button
    if queries.allowed(home, action):
        st.button(label, icon=icon, key=f"header.{kind}", on_click=partial(begin, kind, standing.model))


def begin(kind: str, model: str) -> None:
    """Open the drawer, and close what lies above it."""
    st.session_state[OPEN] = False
    st.session_state[MODEL] = model
    panel.begin(kind, None)


def _until_confirmed(home: str, release: Release) -> None:
    version = release.row_version

    @st.fragment(run_every=POLL_SECONDS)
    def counting() -> None:
        now = queries.find(home, release.id)
        if now is None or now.row_version != version:
            st.rerun()
        st.markdown(delivery.badge(home, release), width="content")

    counting()


def _drawer(home: str, standing: ModelStanding) -> None:
    asked: Panel | None = st.session_state.get(panel.OPEN)
    if asked is None or asked.kind not in (KIND, DRILL_KIND) or standing.target.version is None:
        return
    if st.session_state.get(MODEL) != standing.model:
        panel.close()
        return
    named = words.plain(standing.model)
    title = f"Request a rollback of {named}" if asked.kind == KIND else f"Practise a rollback of {named}"
    st.dialog(title, position="right", width="medium", on_dismiss=panel.close)(_form)(home, standing, asked)


def _form(home: str, standing: ModelStanding, asked: Panel) -> None:
    found, real = standing.target, asked.kind == KIND
    st.markdown(f"**{words.plain(found.told)}**")
    if real:
        st.markdown(
            "The executor is asked at once, on your word alone; a review of it falls due in two working days. "
            "It is done when the executor has confirmed it, not before."
        )
    else:
        st.markdown("The whole path is walked without moving traffic; the day stands in the inventory.")
    reason = st.text_area("Reason", key=f"rollback.reason.{asked.key}", placeholder="What is wrong, since when")
    to = words.plain(found.version or "")
    label = f"Request rollback to {to}" if real else f"Practise the rollback to {to}"
    if not st.button(label, type="primary", icon=":material/undo:", key="rollback.confirm"):
        return
    try:
        _do(home, standing, asked, reason)
    except CoreError as error:
        st.error(words.plain(str(error)), icon=":material/block:")
        return
    panel.close()
    st.rerun()


def _do(home: str, standing: ModelStanding, asked: Panel, reason: str) -> None:
    model, to = standing.model, standing.target.version
    assert to is not None
    if asked.kind == KIND:
        release = acts.take_back(home, model=model, to=to, reason=reason, key=f"rollback:{asked.key}")
    else:
        release = acts.drill(home, model=model, reason=reason, key=f"drill:{asked.key}")
    st.session_state[SAID] = release.id


def _said(home: str) -> None:
    """Say once what became of the request, as the store has it now."""
    number = st.session_state.pop(SAID, None)
    release = None if number is None else queries.find(home, number)
    if release is not None:
        st.toast(panel.became(release), icon=":material/undo:", duration="long")
