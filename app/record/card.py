"""The model card of a version: as it reads, how complete it is, its texts to write, and the files to take away."""

from functools import partial

import streamlit as st

from app import persona, words
from app.governed import acts, inputs, panel, queries
from app.governed.panel import Panel
from app.governed.rights import why_not
from core.access.matrix import Action
from core.cards.blocks import Block, Note, Section, Table, Words, sections
from core.cards.card import FIELDS, Card, texts
from core.cards.render import as_html, as_markdown

EDIT = "card.edit"
LABELS = {field.code: field.label for field in FIELDS}
HEADINGS = tuple(dict.fromkeys(field.section for field in FIELDS))


def draw(home: str, model: str, version: str) -> None:
    """Draw the card: completeness, what to do with it, and its sections."""
    found = queries.card(home, model, version)
    _complete(found)
    _buttons(home, found)
    for section in sections(found):
        _section(section)


def _complete(card: Card) -> None:
    held = card.completeness
    n = held.n_required - len(held.missing)
    missing = ", ".join(LABELS.get(code, code.replace("_", " ")) for code in held.missing)
    colour = "orange" if held.missing else "green"
    said = f":{colour}-badge[{'▲' if held.missing else '●'} {words.plain(words.percent(held.share))} complete]"
    lacking = f"; missing: {missing}" if missing else ""
    told = f"{n} of {held.n_required} parts that tier {card.facts.tier} requires{lacking}."
    st.markdown(f"{said} {words.plain(f'{card.facts.model} {card.facts.version}: {told}')}")


def _buttons(home: str, card: Card) -> None:
    model, version = card.facts.model, card.facts.version
    closed = why_not(persona.acting(home), Action.CARD_EDIT)
    with st.container(horizontal=True, gap="small", key="card.buttons"):
        st.button(
            "Write…",
            icon=":material/edit:",
            disabled=bool(closed),
            key=EDIT,
            on_click=partial(_begin, home, model, version),
        )
        for label, render, ending, mime in (
            ("Markdown", as_markdown, "md", "text/markdown"),
            ("HTML", as_html, "html", "text/html"),
        ):
            st.download_button(
                f"Download as {label}",
                render(card),
                file_name=f"{model}-{version}-card.{ending}",
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                key=f"card.{ending}",
            )
    if closed:
        st.caption(f":material/lock: {words.plain(closed)}")


def _begin(home: str, model: str, version: str) -> None:
    panel.begin(EDIT, model, queries.written(home, model, version).row_version)


def _section(section: Section) -> None:
    with st.container(border=True, gap="xsmall", key=f"card.{section.title}"):
        st.markdown(f"**{section.title}**")
        for part in section.parts:
            if part.title:
                st.markdown(f":gray[{part.title}]")
            for block in part.blocks:
                _block(block)


def _block(block: Block) -> None:
    match block:
        case Words():
            for line in filter(str.strip, block.text.splitlines()):
                st.markdown(words.plain(line))
        case Note():
            st.caption(words.plain(block.text))
        case Table():
            rows = [[words.plain(cell) for cell in row] for row in block.rows]
            columns = list(zip(*rows, strict=True))
            st.table(
                {name: list(column) for name, column in zip(block.header, columns, strict=True)},
                border="horizontal",
                hide_index=True,
            )


def drawer(home: str, model: str, version: str) -> None:
    """Draw the form of the card's texts where it is open."""
    asked = panel.asked(EDIT)
    if asked is None or asked.about != model:
        return
    title = f"Card of {words.plain(f'{model} {version}')}"
    st.dialog(title, position="right", width="large", on_dismiss=panel.close)(_form)(home, asked, version)


def _form(home: str, asked: Panel, version: str) -> None:
    document = queries.written(home, asked.about, version).document
    st.caption("Where you write nothing, the record of the model speaks, in grey, if it says the same thing.")
    spoken = texts({}, queries.governed(home, asked.about).record.document)
    now = {}
    for heading in HEADINGS:
        st.markdown(f"**{heading}**")
        for field in (one for one in FIELDS if one.section == heading):
            now[field.code] = inputs.ask(
                field,
                document.get(field.code),
                key=f"{asked.key}.{field.code}",
                hint=spoken.get(field.code, ""),
            )
    wanted = inputs.changes(document, now)
    panel.confirm("Write to the card", lambda: acts.write_card(home, asked, version=version, changes=wanted))
