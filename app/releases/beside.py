"""What lies beside the numbers of a dossier: comments and files, who decided what, the card, findings, the evidence."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from app import navigation, notice, persona, tables, words
from app.releases import acts, queries, told
from core.access.matrix import Action
from core.errors import CoreError
from core.releases.policy import label
from core.releases.release import ReleaseComment, ReleaseDecision
from core.releases.service import ReleaseDetail
from core.releases.withheld import WHY

PARTS = ("comments", "history", "card", "findings", "evidence")
FILES = ("pdf", "png")
LINKS = (
    ("lineage", "Lineage", ":material/schema:"),
    ("audit", "Audit trail", ":material/receipt_long:"),
    ("findings", "Findings", ":material/assignment_late:"),
)
TAKEN_AWAY = {
    "html": ("One HTML page", "text/html", "To read and to print; it asks nothing of the network."),
    "json": ("JSON", "application/json", "All that was frozen; the digest is taken of it."),
    "zip": ("Packed profiles", "application/zip", "The counts from which its numbers are worked out again."),
}
"""Kinds of the files of a dossier: what the button says, the media type, what it is for."""

CARD_HEIGHT = 420
Document = Mapping[str, Any]


def draw(home: str, detail: ReleaseDetail) -> None:
    """Draw the switch and the chosen part; without evidence there are comments and history only."""
    since = queries.last_look(home, detail.release.id)
    fresh = new_since(detail, since)
    with st.container(horizontal=True, vertical_alignment="center", key="dossier.beside"):
        st.subheader("Comments and records", anchor=False, width="content")
        if fresh:
            st.markdown(f":violet-badge[{fresh} new since your last visit]", width="content")
        st.space("stretch")
        part = st.segmented_control(
            "Comments and records",
            PARTS if detail.pack is not None else PARTS[:2],
            default=PARTS[0],
            required=True,
            key="beside",
            label_visibility="collapsed",
        )
    document = {} if detail.pack is None else detail.pack.document
    match part:
        case "history":
            _history(detail, since)
        case "card":
            _card(document)
        case "findings":
            _findings(document)
        case "evidence":
            _evidence(detail, document)
        case _:
            _comments(home, detail, since)
    _links(detail)


def new_since(detail: ReleaseDetail, since: datetime | None) -> int:
    """Return how many comments and decisions of others came after a person's last visit; none at their first."""
    if since is None:
        return 0
    me = persona.name()
    said = [one.at for one in detail.comments if one.by != me] + [one.at for one in detail.decisions if one.by != me]
    return sum(at > since for at in said)


def _comments(home: str, detail: ReleaseDetail, since: datetime | None) -> None:
    if not detail.comments:
        st.caption("Nobody has said anything yet.")
    for one in detail.comments:
        _comment(home, one, since)
    if not queries.allowed(home, Action.RELEASE_COMMENT):
        st.caption("Your roles do not allow comments.")
        return
    key = st.session_state.setdefault("release.comment", str(uuid.uuid4()))
    with st.container(border=True, gap="small", key="dossier.talk"):
        text = st.text_area("Comment", key=f"comment.{key}", height=80, placeholder="What others should know")
        file = st.file_uploader("A PDF or PNG, at most 10 MB", type=list(FILES), key=f"file.{key}", max_upload_size=10)
        if st.button("Say it", icon=":material/send:", key="dossier.say"):
            _say(home, detail.release.id, text, None if file is None else (file.name, file.getvalue()), key)


def _say(home: str, release_id: int, text: str, file: tuple[str, bytes] | None, key: str) -> None:
    try:
        if file is None:
            acts.comment(home, release_id, text=text, key=key)
        else:
            acts.attach(home, release_id, file=file[0], content=file[1], text=text, key=key)
    except CoreError as error:
        st.error(words.plain(str(error)))
        return
    st.session_state.pop("release.comment", None)
    st.rerun()


def _comment(home: str, one: ReleaseComment, since: datetime | None) -> None:
    is_new = since is not None and one.at > since and one.by != persona.name()
    with st.container(border=True, gap="xsmall", key=f"dossier.comment.{one.id}"):
        fresh = " :violet-badge[new]" if is_new else ""
        st.markdown(f"**{words.plain(one.by)}** :gray[{words.plain(words.moment(one.at))}]{fresh}")
        if one.text:
            st.markdown(words.plain(one.text))
        if one.file:
            person = persona.acting(home)
            st.download_button(
                f"{words.plain(one.file)} ({_size(one.size or 0)})",
                partial(queries.file_of, home, person.name, persona.roles_of(person), one.id),
                file_name=one.file,
                mime=one.media_type,
                icon=":material/attach_file:",
                type="tertiary",
                disabled=not queries.allowed(home, Action.RELEASE_COMMENT),
                key=f"dossier.file.{one.id}",
            )


def _size(n_bytes: int) -> str:
    """Return the size of a file.

    >>> _size(900), _size(1_530_000)
    ('1 kB', '1.5 MB')
    """
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1_000_000 else f"{max(n_bytes // 1000, 1)} kB"


def _history(detail: ReleaseDetail, since: datetime | None) -> None:
    if not detail.decisions:
        st.caption("Nobody has decided anything yet.")
        return
    rows = [_decided(one, since) for one in reversed(detail.decisions)]
    st.table(rows, border="horizontal", hide_index=True)


def _decided(one: ReleaseDecision, since: datetime | None) -> dict[str, str]:
    rule = f" as “{words.plain(one.rule)}”" if one.rule else ""
    notes = "".join(f" **{words.plain(told.gate(gate))}: {words.plain(text)}**" for gate, text in one.notes.items())
    is_new = since is not None and one.at > since and one.by != persona.name()
    return {
        "who": f"{words.plain(one.by)}{' :violet-badge[new]' if is_new else ''}",
        "did": f"{told.DECIDED[one.decision.value]}{rule}",
        "why": f"{words.plain(one.reason) or words.NONE}{notes}",
        "evidence": f"`{told.short(one.digest)}`" if one.digest else words.NONE,
        "when": words.plain(words.moment(one.at)),
        "round": str(one.round),
    }


def _card(document: Document) -> None:
    found = document.get("card")
    if is_withheld(document):
        notice.nothing_here("The card is not shown", WHY, key="dossier.card_withheld")
        return
    if not found:
        notice.nothing_here(
            "No model card", "The version had none when the evidence was frozen.", key="dossier.no_card"
        )
        return
    share = f"{words.percent(found['completeness'])} of what its tier asks for is written"
    missing = f"; missing: {words.enumerate_names(list(found['missing']), 6)}" if found["missing"] else ""
    st.markdown(words.plain(f"As it stood when the evidence was frozen: {share}{missing}."))
    st.code(found["markdown"], language="markdown", wrap_lines=True, height=CARD_HEIGHT)


def is_withheld(document: Document) -> bool:
    """Whether figures of protected groups were taken out for this person: what is left is not what was frozen."""
    return (document.get("fairness") or {}).get("why") == WHY


def _findings(document: Document) -> None:
    found = document.get("findings") or []
    if not found:
        nothing = "There was none when the evidence was frozen."
        notice.nothing_here("No finding of this model", nothing, key="dossier.no_findings")
        return
    st.dataframe(
        {
            "finding": [one.get("id") for one in found],
            "severity": [one.get("severity") for one in found],
            "title": [tables.cell(one.get("title")) for one in found],
            "owner": [tables.cell(one.get("owner")) for one in found],
            "due": [one.get("due") for one in found],
            "state": [one.get("state") for one in found],
            "means here": [one.get("effect") for one in found],
        },
        hide_index=True,
        height="content",
        key="dossier.findings",
        alt="Findings when the evidence was frozen",
    )


def _evidence(detail: ReleaseDetail, document: Document) -> None:
    assert detail.pack is not None
    release, pack = detail.release, detail.pack
    st.markdown("The sha256 of all that was frozen; every decision names it.")
    st.code(pack.digest, language=None)
    limits = document.get("limits") or {}
    st.table(
        {
            "frozen": words.plain(words.moment(pack.created_at)),
            "policy": words.plain(label(release.policy)),
            "limits": f"gates version {limits.get('gates', '?')}, checks version {limits.get('checks', '?')}",
            "packed profiles": f"`{document.get('profiles_sha256', '')}`",
            "model file": f"`{document.get('artifact_sha256') or 'none'}`",
        },
        border="horizontal",
    )
    can = document.get("recomputable") or {}
    if can:
        st.markdown("**What can be computed again from the pack, without the log**")
        st.table({told.gate(name): words.plain(how) for name, how in can.items()}, border="horizontal")


def downloads(home: str, detail: ReleaseDetail) -> None:
    """Draw the dossier to take away: one page, JSON, and the packed profiles; nothing before there is evidence.

    The files are made with the page: what is made at the click has another address after every redraw, and a click
    that meets a redraw would find nothing there.
    """
    if detail.pack is None:
        return
    with st.popover("Download dossier", icon=":material/download:", key="dossier.download"):
        if is_withheld(detail.pack.document):
            st.caption(f"{WHY} Page and JSON are without them, and do not hash to the digest.")
        for name, content in queries.files(home, detail.release.id).items():
            kind = name.rpartition(".")[2]
            label, mime, told_of = TAKEN_AWAY[kind]
            st.download_button(
                label,
                content,
                file_name=name,
                mime=mime,
                on_click="ignore",
                key=f"dossier.{kind}",
                help=told_of,
            )


def _links(detail: ReleaseDetail) -> None:
    query = {name: value for name, value in st.query_params.to_dict().items() if name != "release"}
    about = {"audit": {"kind": "release", "about": str(detail.release.id)}}
    known = navigation.urls()
    with st.container(horizontal=True, gap="small", key="dossier.links"):
        for url, title, icon in LINKS:
            if url in known:
                more = {**query, **about.get(url, {})}
                st.page_link(navigation.path(url), label=title, icon=icon, query_params=more, width="content")
