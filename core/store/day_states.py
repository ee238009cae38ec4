"""Reading and writing of what the checks said, a unit a row."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.checks.day_state import DayState, Headline, Recent, Standing, UnitHeadline
from core.checks.history import VerdictMemory
from core.checks.rollup import FamilyState
from core.checks.verdicts import packed, unpacked
from core.states import State
from core.store.tables import DayStateRow


def put_states(session: Session, version_id: int, states: Sequence[DayState]) -> None:
    """Store the states of some units of a version, in place of what was said of them before."""
    session.execute(
        delete(DayStateRow).where(
            DayStateRow.version_id == version_id, DayStateRow.day.in_([state.day for state in states])
        )
    )
    session.add_all(_row(version_id, state) for state in states)
    session.flush()


def drop_states(session: Session, version_id: int, days: Sequence[date]) -> None:
    """Forget what was said of units that no longer hold predictions."""
    session.execute(delete(DayStateRow).where(DayStateRow.version_id == version_id, DayStateRow.day.in_(days)))


def bases(session: Session, version_id: int) -> dict[date, str]:
    """Return on what the stored states of a version rest, by unit."""
    statement = select(DayStateRow.day, DayStateRow.basis).where(DayStateRow.version_id == version_id)
    return {row.day: row.basis for row in session.execute(statement)}


def state_of(session: Session, version_id: int, day: date) -> DayState | None:
    """Return the state of one unit, or None."""
    row = session.get(DayStateRow, (version_id, day))
    return None if row is None else _state(row)


def last_states(
    session: Session, version_id: int, *, until: date | None = None, count: int = 1, feature: str | None = None
) -> tuple[DayState, ...]:
    """Return the newest `count` states up to and including `until`, oldest first.

    With a `feature` they hold the verdicts on it only, and no memories.
    """
    statement = select(DayStateRow).where(DayStateRow.version_id == version_id)
    if until is not None:
        statement = statement.where(DayStateRow.day <= until)
    rows = session.scalars(statement.order_by(DayStateRow.day.desc()).limit(count)).all()
    return tuple(_state(row, feature) for row in reversed(rows))


def last_headlines(session: Session, version_id: int, *, count: int) -> tuple[UnitHeadline, ...]:
    """Return state and figures of the newest `count` units, oldest first, without opening their verdicts."""
    columns = (DayStateRow.day, DayStateRow.state, DayStateRow.headline)
    statement = select(*columns).where(DayStateRow.version_id == version_id).order_by(DayStateRow.day.desc())
    rows = session.execute(statement.limit(count)).all()
    return tuple(
        UnitHeadline(day=row.day, state=State(row.state), headline=_headline(row.headline)) for row in reversed(rows)
    )


def standing(session: Session, version_id: int, *, count: int) -> Standing | None:
    """Return how a version stood in its newest unit, with the figures of the newest `count`; None before any."""
    units = last_headlines(session, version_id, count=count)
    if not units:
        return None
    which = (DayStateRow.version_id == version_id, DayStateRow.day == units[-1].day)
    row = session.execute(select(DayStateRow.why, DayStateRow.families).where(*which)).one()
    families = {name: _family(family) for name, family in row.families.items()}
    return Standing(units=units, state=units[-1].state, why=row.why, families=families)


def _headline(document: dict[str, Any]) -> Headline:
    recent = document.get("recent")
    return Headline(**{**document, "recent": None if recent is None else Recent(**recent)})


def _row(version_id: int, state: DayState) -> DayStateRow:
    document = {
        "verdicts": [packed(verdict) for verdict in state.verdicts],
        "memories": {key: memory.document() for key, memory in state.memories.items()},
    }
    families: dict[str, Any] = {name: _family_document(family) for name, family in state.families.items()}
    return DayStateRow(
        version_id=version_id,
        day=state.day,
        state=state.state.value,
        why=state.why,
        families=families,
        headline=asdict(state.headline),
        verdicts=zlib.compress(json.dumps(document, ensure_ascii=False, allow_nan=False).encode()),
        basis=state.basis,
        evaluated_at=state.evaluated_at,
    )


def _family_document(family: FamilyState) -> dict[str, Any]:
    return {**asdict(family), "judged_on": family.judged_on.isoformat() if family.judged_on else None}


def _state(row: DayStateRow, feature: str | None = None) -> DayState:
    document = json.loads(zlib.decompress(row.verdicts))
    verdicts, memories = document["verdicts"], document["memories"]
    if feature is not None:
        verdicts, memories = [one for one in verdicts if one["feature"] == feature], {}
    return DayState(
        day=row.day,
        state=State(row.state),
        why=row.why,
        families={name: _family(family) for name, family in row.families.items()},
        headline=_headline(row.headline),
        verdicts=tuple(unpacked(verdict) for verdict in verdicts),
        memories={key: VerdictMemory.from_document(memory) for key, memory in memories.items()},
        basis=row.basis,
        evaluated_at=row.evaluated_at,
    )


def _family(document: dict[str, Any]) -> FamilyState:
    judged_on, judged_as = document["judged_on"], document["judged_as"]
    return FamilyState(
        **{
            **document,
            "state": State(document["state"]),
            "checks": {code: State(state) for code, state in document["checks"].items()},
            "judged_on": date.fromisoformat(judged_on) if judged_on else None,
            "judged_as": State(judged_as) if judged_as else None,
        }
    )
