"""The bar at the foot of a dossier: whose turn it is, why not yours, and a button for each act you may do."""

from functools import partial

import streamlit as st

from app import persona, rollback, words
from app.releases import findings, forms, panel, queries
from core.access.principal import LOCAL
from core.executors.delivery import EMBEDDED
from core.releases.offers import Move
from core.releases.release import PRODUCTION, Release
from core.releases.service import ReleaseDetail
from core.releases.states import ReleaseState

DECIDING = frozenset({Move.APPROVE, Move.CHANGES, Move.REJECT})
JUDGING = frozenset({Move.ACCEPT, Move.DECLINE})
BUTTONS = (
    (forms.DECIDE, DECIDING, "Decide…", ":material/how_to_reg:"),
    (forms.JUDGE, JUDGING, "Judge…", ":material/balance:"),
    (forms.EXECUTE, frozenset({Move.EXECUTE}), "Execute…", ":material/play_arrow:"),
    (forms.ADVANCE, frozenset({Move.ADVANCE}), "Next step…", ":material/skip_next:"),
    (forms.ACKNOWLEDGE, frozenset({Move.ACKNOWLEDGE}), "Say what happened…", ":material/task_alt:"),
    (forms.SUBMIT, frozenset({Move.SUBMIT}), "Submit again…", ":material/refresh:"),
    (forms.BREAK_GLASS, frozenset({Move.BREAK_GLASS}), ":red[Break the glass…]", ":material/emergency_home:"),
    (forms.CANCEL, frozenset({Move.CANCEL}), "Withdraw…", ":material/cancel:"),
)
"""Each form with the moves it offers; the first that is open is the main one, the last never is."""

WHO_ACTS = "Who acts is chosen at the foot of the sidebar."


def bar(home: str, detail: ReleaseDetail) -> None:
    """Draw whose turn it is and the buttons of whoever acts; nothing once the release has ended."""
    kinds = open_kinds(home, detail)
    why = findings.why_not(detail, persona.name())
    back = way_back(home, detail)
    if not kinds and not why and not back:
        return
    with st.bottom.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="dossier.bar"):
        st.markdown(_turn(detail, kinds, why) if kinds or why else back, width="stretch")
        with st.container(horizontal=True, gap="small", width="content", key="dossier.buttons"):
            if back:
                begin = partial(rollback.begin, rollback.KIND, detail.release.model)
                st.button("Request rollback…", icon=":material/undo:", key="dossier.rollback", on_click=begin)
            for place, (kind, _, label, icon) in enumerate([one for one in BUTTONS if one[0] in kinds]):
                main = place == 0 and kind not in (forms.CANCEL, forms.BREAK_GLASS)
                st.button(
                    label if kind != forms.SUBMIT or detail.release.digest else "Submit…",
                    icon=icon,
                    type="primary" if main else "tertiary" if kind == forms.CANCEL else "secondary",
                    key=f"dossier.{kind}",
                    on_click=partial(panel.begin, kind, detail),
                )


def open_kinds(home: str, detail: ReleaseDetail) -> tuple[str, ...]:
    """Return the forms with a move that whoever acts can make now."""
    open_moves = {offer.move for offer in detail.offers if offer.is_open}
    if not by_hand(home, detail.release):
        open_moves.discard(Move.ACKNOWLEDGE)
    return tuple(kind for kind, moves, _, _ in BUTTONS if moves & open_moves)


def way_back(home: str, detail: ReleaseDetail) -> str:
    """Return where a rollback that whoever acts may request would lead; empty where there is none to request."""
    release = detail.release
    asked = {offer.move for offer in detail.offers if offer.is_open}
    if release.environment != PRODUCTION or Move.ROLLBACK not in asked:
        return ""
    target = queries.standing(home, release.model).target
    return "" if target.version is None else f":material/undo: The way back: {words.plain(target.told)}"


def by_hand(home: str, release: Release) -> bool:
    """Whether a person's word is asked for: nobody knows what happened, or a webhook may never say."""
    return release.state is ReleaseState.UNKNOWN or queries.executor(home) != EMBEDDED


def _turn(detail: ReleaseDetail, kinds: tuple[str, ...], why: str) -> str:
    me = words.plain(persona.name())
    if why:
        told = f":material/lock: **You ({me}) cannot {_what(detail)}:** {words.plain(why)} {_who_can(detail)}".strip()
        return f"{told} {WHO_ACTS}" if persona.name() == LOCAL.name else told
    mine = [kind for kind in kinds if kind != forms.CANCEL]
    return f":material/person: **Your turn** ({me})" if mine else f":material/person: {me}"


def _what(detail: ReleaseDetail) -> str:
    match detail.release.state:
        case ReleaseState.NEEDS_HUMAN:
            return "judge"
        case ReleaseState.APPROVED:
            return "execute"
        case ReleaseState.LIVE:
            return "advance"
    return "approve"


def _who_can(detail: ReleaseDetail) -> str:
    if detail.release.state is ReleaseState.PENDING_APPROVAL:
        return f"It waits for {words.plain(findings.can(detail.summary, forms.roles(detail.release)))}."
    if detail.release.state is ReleaseState.NEEDS_HUMAN:
        return "It waits for a validator who is not near to it."
    return ""


def drawer(home: str, detail: ReleaseDetail) -> None:
    """Draw the form that is open about this release, as it was when it was opened."""
    asked = panel.asked(detail.release.id)
    if asked is not None and asked.shown is not None:
        forms.draw(home, asked.shown, asked)
