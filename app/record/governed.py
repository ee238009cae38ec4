"""The governance record of a model by group: what it says, what its tier misses, and the form to change it."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from app import persona, words
from app.governed import acts, inputs, panel, queries, told
from app.governed.panel import Panel
from app.governed.rights import why_not
from app.record import known
from core.access.matrix import Action
from core.inventory.fields import BY_CODE, FIELDS, PROPOSED, Field, Group, not_editable
from core.inventory.record import GovernedModel

EDIT = "record.edit"
TITLES = {
    Group.IDENTITY: "What it is",
    Group.PURPOSE: "What it is for",
    Group.PEOPLE: "Who answers for it",
    Group.RISK: "Risk",
    Group.DATA: "Data",
    Group.ASSURANCE: "Assurance",
    Group.OPERATION: "Operation",
}
SIDES = (
    (Group.IDENTITY, Group.PEOPLE, Group.DATA, Group.OPERATION),
    (Group.PURPOSE, Group.RISK, Group.ASSURANCE),
)
"""The groups in two columns of about the same length."""

MISSING = ":orange-badge[▲ missing]"


def draw(home: str, model: str) -> None:
    """Draw the record by group, each with a button that opens its form."""
    found = queries.governed(home, model)
    closed = why_not(persona.acting(home), Action.RECORD_EDIT)
    _standing(found, closed)
    facts = known.by_group(home, model)
    for column, groups in zip(st.columns(2, gap="small"), SIDES, strict=True):
        with column:
            for group in groups:
                _group(found, group, closed, facts[group])


def _standing(found: GovernedModel, closed: str) -> None:
    if found.missing:
        labels = ", ".join(told.label(code) for code in found.missing)
        many = words.plural(len(found.missing), "field")
        what = "holds back leaving proposed" if found.record.status == PROPOSED else "to be filled in"
        st.warning(
            f"**{many} that tier {found.tier.in_force} requires {'says' if len(found.missing) == 1 else 'say'} nothing "
            f"yet ({what}):** {words.plain(labels)}.",
            icon=":material/assignment_late:",
        )
    record = found.record
    if record.updated_at is None:
        st.caption("Nobody wrote this record yet.")
    else:
        when = words.moment(record.updated_at)
        st.caption(words.plain(f"Written last by {record.updated_by}, {when}; {_staged(found)}"))
    if closed:
        st.caption(f":material/lock: {words.plain(closed)}")


def _staged(found: GovernedModel) -> str:
    if found.record.document.get("staged") is True:
        return "staged: what it says of people, money and decisions is invented for a sample."
    return f"change number {found.record.row_version}."


def _group(found: GovernedModel, group: Group, closed: str, facts: Mapping[str, str]) -> None:
    fields = [field for field in FIELDS if field.group is group]
    document, lacking = found.record.document, set(found.missing)
    with st.container(border=True, gap="xsmall", key=f"record.group.{group.value}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"record.head.{group.value}"):
            st.markdown(f"**{TITLES[group]}**", width="stretch")
            st.button(
                "Edit…",
                icon=":material/edit:",
                type="tertiary",
                disabled=bool(closed),
                key=f"record.edit.{group.value}",
                on_click=partial(panel.begin, f"{EDIT}.{group.value}", found.model, found.record.row_version),
            )
        shown = {field.label: told.value(field.code, document.get(field.code)) for field in fields}
        said = {label: words.plain(text) for label, text in shown.items() if text}
        said |= {field.label: MISSING for field in fields if field.code in lacking}
        if said:
            st.table({field.label: said[field.label] for field in fields if field.label in said}, border="horizontal")
        if facts:
            said_by_us = " · ".join(f"{name} {fact}" for name, fact in facts.items())
            st.caption(f":material/visibility: Known here: {words.plain(said_by_us)}")
        empty = [field.label for field in fields if field.label not in said and field.code != "status"]
        if empty:
            st.caption(f"Not written, and not required at tier {found.tier.in_force}: {words.plain(', '.join(empty))}.")


def drawer(home: str, model: str) -> None:
    """Draw the form of the group that is open."""
    asked = panel.asked(*(f"{EDIT}.{group.value}" for group in Group))
    if asked is None or asked.about != model:
        return
    group = Group(asked.kind.removeprefix(f"{EDIT}."))
    dialog = st.dialog(
        f"{TITLES[group]}: {words.plain(model)}", position="right", width="large", on_dismiss=panel.close
    )
    dialog(_form)(home, asked, group)


def _form(home: str, asked: Panel, group: Group) -> None:
    document = queries.governed(home, asked.about).record.document
    fields = [field for field in FIELDS if field.group is group]
    shut = {field.code for field in not_editable([field.code for field in fields], persona.acting(home).roles)}
    if shut:
        st.caption("Fields that your roles may not write are closed; each says whose it is.")
    now = {
        field.code: inputs.ask(
            field, document.get(field.code), key=f"{asked.key}.{field.code}", closed=_whose(field, shut)
        )
        for field in fields
    }
    wanted = inputs.changes(document, {code: value for code, value in now.items() if code not in shut})
    if wanted:
        st.caption(f"Changes: {words.plain(', '.join(BY_CODE[code].label for code in wanted))}.")
    reason = st.text_input("Why", key=f"{asked.key}.why", placeholder="kept in the history of changes")
    panel.confirm("Write to the record", lambda: acts.edit_record(home, asked, wanted, reason))


def _whose(field: Field, shut: set[str]) -> str:
    return f"Only for: {', '.join(field.editors)}." if field.code in shut else ""
