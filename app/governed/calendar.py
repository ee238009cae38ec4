"""The calendar of reviews: what is due or overdue and what that holds up, what was done, the forms to do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from app import notice, persona, style, tables, words
from app.governed import panel, queries, reviewing, told
from app.governed.rights import why_not
from core.access.matrix import Action
from core.reviews.calendar import Due, Duty
from core.reviews.review import OWED, Review, ReviewKind

KEY = "calendar.duties"
MOST_DONE = 30
WIDTHS = {"state": 104, "model": 124, "what": 190, "last": 90, "due": 160, "holds up": 94, "why": 300}
DONE_WIDTHS = {"done": 90, "model": 140, "what": 160, "outcome": 170, "scope": 80, "by": 90, "notes": 370}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A duty of a model."""

    model: str
    duty: Duty


def lines(home: str, model: str = "") -> tuple[Line, ...]:
    """Return what is due, of one model or of all: what is overdue first, then what is owed, then by day."""
    found = [Line(model=name, duty=duty) for name, duties in queries.duties(home).items() for duty in duties]
    order = list(Due)
    mine = [line for line in found if model in ("", line.model)]
    return tuple(
        sorted(
            mine,
            key=lambda one: (
                order.index(one.duty.state),
                one.duty.kind not in OWED,
                one.duty.due or date.max,
                one.model,
            ),
        )
    )


def draw(home: str, *, model: str = "") -> None:
    """Draw the calendar, the selected duty with its buttons, and what was done."""
    found, today = lines(home, model), queries.today(home)
    if found:
        picked = _table(found, today)
        _chosen(home, found[picked if picked < len(found) else 0])
    else:
        notice.nothing_here("Nothing is due", "Duties begin with the first live version.", key="calendar.nothing")
    _done([one for one in queries.all_reviews(home) if one.is_done and model in ("", one.model)])


def _table(found: Sequence[Line], today: date) -> int:
    event = st.dataframe(
        {
            "state": [[told.DUES[one.duty.state][1]] for one in found],
            "model": [tables.cell(one.model) for one in found],
            "what": [told.kind(one.duty.kind) for one in found],
            "last": [words.day(one.duty.last) if one.duty.last else "never" for one in found],
            "due": [told.duty_due(one.duty, today) for one in found],
            "holds up": ["every release" if one.duty.blocks else words.NONE for one in found],
            "why": [tables.cell(one.duty.why) for one in found],
        },
        key=KEY,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={
            **{name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
            "state": st.column_config.MultiselectColumn(
                width=WIDTHS["state"],
                options=[said for _, said in told.DUES.values()],
                color=[told.CHIPS[colour] for colour, _ in told.DUES.values()],
            ),
        },
        alt="What is due, overdue first",
    )
    return int((event["selection"]["rows"] or [0])[0])


def _chosen(home: str, line: Line) -> None:
    duty, person = line.duty, persona.acting(home)
    colour, said = told.DUES[duty.state]
    with st.container(border=True, gap="small", key="calendar.chosen"):
        st.markdown(f":{colour}-badge[{said}] **{told.kind(duty.kind)} of {words.plain(line.model)}**")
        st.markdown(words.plain(f"{duty.why[0].upper()}{duty.why[1:]}."))
        closed = why_not(person, Action.REVIEW_RECORD)
        with st.container(horizontal=True, gap="small", key="calendar.buttons"):
            _buttons(line, closed=bool(closed))
        if duty.kind is ReviewKind.DRILL:
            st.caption("A drill is held from the release panel of the model; it moves no traffic.")
        elif closed:
            st.caption(f":material/lock: {words.plain(closed)}")


def _buttons(line: Line, *, closed: bool) -> None:
    duty = line.duty
    if duty.kind in OWED:
        _button("Finish this review…", reviewing.FINISH, str(duty.review_id), closed=closed)
    if duty.kind is ReviewKind.VALIDATION:
        _button("Record a validation…", reviewing.VALIDATE, line.model, closed=closed)
        if duty.state is Due.OVERDUE:
            _button("Except from it for a while…", reviewing.EXCEPT, line.model, closed=closed)
    if duty.kind is ReviewKind.OWNER_REVIEW:
        _button("Record the owner's review…", reviewing.OWNER, line.model, closed=closed)


def _button(label: str, kind: str, about: str, *, closed: bool) -> None:
    st.button(label, disabled=closed, key=kind, on_click=partial(panel.begin, kind, about))


def _done(done: Sequence[Review]) -> None:
    if not done:
        return
    shown = done[:MOST_DONE]
    st.markdown("**Done**")
    st.dataframe(
        {
            "done": [words.day(one.done_at.date()) if one.done_at else "" for one in shown],
            "model": [tables.cell(f"{one.model} {one.version or ''}".strip()) for one in shown],
            "what": [told.kind(one.kind) for one in shown],
            "outcome": [told.OUTCOMES[one.outcome] if one.outcome else words.NONE for one in shown],
            "scope": [tables.cell(one.scope.replace("_", " ")) or words.NONE for one in shown],
            "by": [tables.cell(one.done_by or "") for one in shown],
            "notes": [tables.cell(one.notes) or words.NONE for one in shown],
        },
        hide_index=True,
        height="content",
        row_height=style.ROW_HEIGHT,
        column_config={name: st.column_config.TextColumn(width=width) for name, width in DONE_WIDTHS.items()},
        key="calendar.done",
        alt="Reviews that were done, newest first",
    )
