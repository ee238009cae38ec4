"""The parts of the Audit page: the banner with its buttons, the search, the entries, one entry in full."""

from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from app import persona, style, tables, words
from app.audit import findings, queries, told
from app.audit.views import Asked, AuditView, EntryRow, Standing

KEY = "audit.entries"
BEFORE, CHECKED = "audit.before", "audit.checked"
PERSON, KIND, NAME, ACTION, TEXT, DAYS = (
    f"audit.{name}" for name in ("person", "kind", "name", "action", "text", "days")
)
IN_URL = {PERSON: "by", KIND: "kind", NAME: "about", ACTION: "did", TEXT: "text"}
SHOWN_CHANGE = 160
CHECK_HELP = "Reads every entry, computes every hash anew, and holds the chain to all its anchors."
EXPORT_HELP = (
    "All entries, the signed anchors, the public key and a program that checks them with nothing but Python. "
    "The export is itself an entry."
)
REFUSED = "It needs the role owner, validator or administrator."


def banner(home: str, standing: Standing) -> None:
    """Draw whether the chain holds, [verify now] and [export]."""
    with st.container(border=True, gap="small", key="audit.banner"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit.banner_row"):
            st.markdown(f"{words.badge(findings.state(standing))} **{_said(standing)}**", width="stretch")
            with st.container(horizontal=True, gap="small", width="content", key="audit.buttons"):
                st.button(
                    "Verify now",
                    icon=":material/verified_user:",
                    help=CHECK_HELP,
                    key="audit.verify",
                    on_click=partial(_verify, home),
                )
                _export(home)
        st.caption(words.plain(" ".join([*findings.explained(standing), findings.TAMPER_EVIDENT])))


def _said(standing: Standing) -> str:
    return words.plain(findings.banner(standing, queries.now()))


def _export(home: str) -> None:
    allowed = queries.may_export(home)
    st.download_button(
        "Export",
        partial(queries.export, home, persona.name()),
        file_name="watchroom-audit.zip",
        mime="application/zip",
        icon=":material/download:",
        help=EXPORT_HELP if allowed else f"{EXPORT_HELP} {REFUSED}",
        disabled=not allowed,
        key="audit.export",
    )


def _verify(home: str) -> None:
    st.session_state[CHECKED] = queries.verify_now(home)


def standing(home: str) -> Standing:
    """Return what [verify now] just found, else what the quick check finds."""
    checked = st.session_state.pop(CHECKED, None)
    return checked if isinstance(checked, Standing) else queries.standing(home)


def asked() -> Asked:
    """Return what the search asks for: the fields, or at first what the URL says."""
    for key, name in IN_URL.items():
        if key not in st.session_state:
            st.session_state[key] = st.query_params.get(name, "")
    days = st.session_state.get(DAYS) or _days_in_url()
    return Asked(
        person=_text(PERSON),
        kind=_text(KIND),
        name=_text(NAME),
        action=_text(ACTION),
        text=_text(TEXT),
        start=days[0] if days else None,
        end=days[-1] if days else None,
        before=st.session_state.get(BEFORE),
    )


def _text(key: str) -> str:
    return str(st.session_state[key] or "").strip()


def _days_in_url() -> tuple[date, ...]:
    try:
        start, _, end = st.query_params.get("days", "").partition("..")
        return (date.fromisoformat(start), date.fromisoformat(end))
    except ValueError:
        return ()


def search(view: AuditView) -> None:
    """Draw the fields of the search; what is chosen is in the URL."""
    offered = view.offered
    with st.grid(6, min_column_width=150, gap="small", key="audit.search"):
        _choice("Person", PERSON, offered["actor"], "anybody")
        _choice("What happened", ACTION, offered["action"], "anything", shown=told.did)
        _choice("Kind of object", KIND, offered["object_type"], "any")
        st.text_input("Object", key=NAME, placeholder="e.g. flight-delay", on_change=_first_page, help=OBJECT_HELP)
        if DAYS not in st.session_state:
            st.session_state[DAYS] = _days_in_url()
        st.date_input("Days (UTC)", key=DAYS, format="YYYY-MM-DD", on_change=_first_page)
        st.text_input("Text", key=TEXT, placeholder="in reasons and values", on_change=_first_page)
    _keep_in_url(view.asked)


OBJECT_HELP = "Its name as the entries spell it; a model's name finds its versions too."


def _choice(label: str, key: str, options: tuple[str, ...], everything: str, shown: Any = str) -> None:
    now = str(st.session_state[key])
    st.selectbox(
        label,
        ["", *options, *([now] if now and now not in options else [])],
        key=key,
        format_func=lambda one: words.plain(shown(one)) if one else everything,
        on_change=_first_page,
    )


def _keep_in_url(asked: Asked) -> None:
    span = f"{asked.start}..{asked.end}" if asked.start and asked.end else ""
    wanted = {name: _text(key) for key, name in IN_URL.items()} | {"days": span}
    for name, value in wanted.items():
        if value and st.query_params.get(name) != value:
            st.query_params[name] = value
        elif not value and name in st.query_params:
            del st.query_params[name]


def entries(view: AuditView) -> EntryRow | None:
    """Draw the entries and the way to older ones; returns the selected entry, at first the newest."""
    if not view.rows:
        return None
    event = st.dataframe(
        [_cells(row) for row in view.rows],
        key=KEY,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=min(len(view.rows) + 1, 13) * style.ROW_HEIGHT + 2,
        row_height=style.ROW_HEIGHT,
        placeholder=words.NONE,
        column_config=_columns(),
        alt="Entries of the audit chain, newest first",
    )
    with st.container(horizontal=True, gap="small", key="audit.pages"):
        if view.asked.before is not None:
            st.button("Newest", icon=":material/first_page:", key="audit.newest", on_click=_first_page)
        if view.more:
            st.button(
                "Older",
                icon=":material/chevron_right:",
                key="audit.older",
                on_click=partial(_page_before, view.rows[-1].seq),
            )
    picked = (event["selection"]["rows"] or [0])[0]
    return view.rows[picked if picked < len(view.rows) else 0]


def _first_page() -> None:
    _page_before(None)


def _page_before(seq: int | None) -> None:
    st.session_state[BEFORE] = seq
    st.session_state.pop(KEY, None)


def _columns() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "entry": st.column_config.NumberColumn("entry", width=62, format="localized"),
        "when": text("when", width=128, help="The system's time, in UTC."),
        "who": text("who", width=104),
        "did": text("did", width=230),
        "about": text("about", width=170),
        "change": text("before → after", width=280),
        "why": text("why", width=220),
    }


def _cells(row: EntryRow) -> dict[str, Any]:
    told_changes = ", ".join(_line(change.field, change.before, change.after) for change in row.changes)
    shown = told_changes if len(told_changes) <= SHOWN_CHANGE else f"{told_changes[: SHOWN_CHANGE - 1]}…"
    return {
        "entry": row.seq,
        "when": f"{row.at:%Y-%m-%d %H:%M}",
        "who": tables.cell(row.who),
        "did": tables.cell(row.did),
        "about": tables.cell(f"{row.kind} {words.digest(row.name)}"),
        "change": tables.cell(shown),
        "why": tables.cell(row.why),
    }


def _line(field: str, before: str | None, after: str | None) -> str:
    name, then = field.replace("_", " "), "gone" if after is None else words.digest(after)
    return f"{name}: {then}" if before is None else f"{name}: {words.digest(before)} → {then}"


def entry(row: EntryRow) -> None:
    """Draw one entry in full: who, what, before and after, why, on which evidence, and its place in the chain."""
    st.subheader(f"Entry {row.seq:,}: {words.plain(row.who)} {words.plain(row.did)}", anchor=False)
    facts = {
        "when": words.moment(row.at),
        "who": f"{row.who} ({row.roles})",
        "what": f"{row.did} ({row.action})",
        "about": f"{row.kind} {row.name}",
        "why": row.why or "no reason was asked for",
        **({"evidence": f"sha256 {row.evidence}"} if row.evidence else {}),
    }
    st.table({name: words.plain(value) for name, value in facts.items()}, border="horizontal")
    if row.changes:
        columns = {"before": [one.before for one in row.changes], "after": [one.after for one in row.changes]}
        shown = {name: [tables.cell(one) for one in column] for name, column in columns.items() if any(column)}
        st.dataframe(
            {"field": [tables.cell(one.field) for one in row.changes], **shown},
            hide_index=True,
            height="content",
            row_height=style.ROW_HEIGHT,
            placeholder=words.NONE,
            column_config={name: st.column_config.TextColumn(width=w) for name, w in WIDTHS.items()},
            key="audit.changes",
            alt="Fields that changed",
        )
    with st.expander("Place in the chain", icon=":material/link:", key="audit.place"):
        st.caption(
            words.plain(
                f"Hash {row.digest}, which follows from {row.previous}. Written by Watchroom {row.app_version}"
                f"{f', once under the key {row.key}' if row.key else ''}."
            )
        )


WIDTHS = {"field": 200, "before": 380, "after": 380}
