"""Findings as a table in the order of work, the selected one in full, and why whoever acts cannot change it."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import streamlit as st

from app import persona, style, tables, words
from app.governed import forms, panel, told
from app.governed.rights import why_not, why_not_about
from core.access.matrix import Action
from core.findings.finding import LINES, Finding, Line

LINE = {Line.FIRST: "1st", Line.SECOND: "2nd"}
KEY = "findings.table"
MOST_ROWS = 14
WIDTHS = {
    "severity": 96,
    "due": 150,
    "model": 124,
    "title": 264,
    "owner": 100,
    "about": 146,
    "raised by": 124,
    "state": 60,
}

HELP = {"raised by": "And for which line: only that one closes or extends it."}


def draw(found: Sequence[Finding], today: date) -> Finding:
    """Draw the table; return the selected finding, at first the most urgent."""
    event = st.dataframe(
        {
            "severity": [[told.SEVERITIES[one.severity][1]] for one in found],
            "due": [_due(one, today) for one in found],
            "model": [tables.cell(f"{one.model} {one.version or ''}".strip()) for one in found],
            "title": [tables.cell(one.title) for one in found],
            "owner": [tables.cell(one.owner) for one in found],
            "about": [one.category.replace("_", " ") for one in found],
            "raised by": [tables.cell(f"{one.raised_by} ({LINE[one.line]})") for one in found],
            "state": [_state(one) for one in found],
        },
        key=KEY,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height="content" if len(found) <= MOST_ROWS else MOST_ROWS * style.ROW_HEIGHT,
        row_height=style.ROW_HEIGHT,
        column_config={
            **{name: st.column_config.TextColumn(width=width, help=HELP.get(name)) for name, width in WIDTHS.items()},
            "severity": st.column_config.MultiselectColumn(
                width=WIDTHS["severity"],
                options=[said for _, said in told.SEVERITIES.values()],
                color=[told.CHIPS[colour] for colour, _ in told.SEVERITIES.values()],
            ),
        },
        alt="Findings in the order of work",
    )
    picked = (event["selection"]["rows"] or [0])[0]
    return found[picked if picked < len(found) else 0]


def _due(one: Finding, today: date) -> str:
    return f"■ {told.due(one, today)}" if one.is_overdue(today) else told.due(one, today)


def _state(one: Finding) -> str:
    again = f", reopened {one.reopened}×" if one.reopened else ""
    return f"{one.state.value}{again}"


def detail(home: str, one: Finding, today: date) -> None:
    """Draw a finding in full, with its buttons; under them why whoever acts cannot press one."""
    colour, said = told.SEVERITIES[one.severity]
    late = " :red-badge[■ overdue]" if one.is_overdue(today) else ""
    with st.container(border=True, gap="small", key="findings.detail"):
        st.markdown(f":{colour}-badge[{said}]{late} **{one.id}. {words.plain(one.title)}**")
        if one.text:
            st.markdown(words.plain(one.text))
        st.table({name: words.plain(text) for name, text in _facts(one, today).items()}, border="horizontal")
        if one.is_open:
            _open_buttons(home, one)
        else:
            _closed_buttons(home, one)


def _facts(one: Finding, today: date) -> dict[str, str]:
    roles = ", ".join(sorted(LINES[one.line]))
    facts = {
        "model": f"{one.model} {one.version or ''}".strip(),
        "owner": one.owner,
        "due": told.due(one, today) if one.is_open else words.day(one.due),
        "raised": f"by {one.raised_by} on {words.day(one.raised_at.date())}, for the {one.line} line ({roles})",
    }
    if one.release_id:
        facts["condition of"] = f"release {one.release_id}"
    for given in one.extensions:
        facts[f"extended to {words.day(given.until)}"] = f"by {given.by}: {given.why}"
    if one.closed_at is not None:
        facts["closed"] = f"by {one.closed_by} on {words.day(one.closed_at.date())}: {one.closure}"
    return facts


def _open_buttons(home: str, one: Finding) -> None:
    person = persona.acting(home)
    longer = why_not_about(person, Action.FINDING_WORK, one, to="extend")
    closing = why_not_about(person, Action.FINDING_CLOSE, one, to="close")
    with st.container(horizontal=True, gap="small", key="findings.buttons"):
        _button("Close…", forms.CLOSE, one, closing, ":material/task_alt:")
        _button("Extend…", forms.EXTEND, one, longer, ":material/event_upcoming:")
    _why([("close", closing), ("extend", longer)])


def _closed_buttons(home: str, one: Finding) -> None:
    why = why_not(persona.acting(home), Action.FINDING_RAISE)
    with st.container(horizontal=True, gap="small", key="findings.buttons"):
        _button("Reopen…", forms.REOPEN, one, why, ":material/replay:")
    _why([("reopen", why)])


def _button(label: str, kind: str, one: Finding, why: str, icon: str) -> None:
    begin = partial(panel.begin, kind, str(one.id), one.row_version)
    st.button(label, icon=icon, disabled=bool(why), key=kind, on_click=begin)


def _why(refused: Sequence[tuple[str, str]]) -> None:
    said = {why: " or ".join(verb for verb, other in refused if other == why) for _, why in refused if why}
    for why, verbs in said.items():
        st.caption(f":material/lock: You cannot {verbs} it: {words.plain(why)}")
