"""Reading and writing of people and their roles."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.known import known_person
from core.access.principal import Principal, Role
from core.store.tables import PersonRow


def find_person(session: Session, name: str) -> Principal | None:
    """Return the person of this name, or None."""
    row = session.get(PersonRow, name)
    return None if row is None else _person(row)


def people(session: Session) -> tuple[Principal, ...]:
    """Return everybody, by name."""
    return tuple(_person(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.name)))


def known_owner(session: Session, name: str) -> str:
    """Return the owner of a finding or condition as the store spells them.

    Raises
    ------
    BadInputError
        When the store knows people, and nobody of this name.
    """
    return known_person(name, [person.name for person in people(session)], "The owner")


def put_person(session: Session, person: Principal, *, at: datetime) -> None:
    """Insert `person`, or replace the roles of the one with this name."""
    row = session.get(PersonRow, person.name)
    roles = sorted(role.value for role in person.roles)
    if row is None:
        session.add(PersonRow(name=person.name, roles=roles, added_at=at))
    else:
        row.roles = roles
    session.flush()


def _person(row: PersonRow) -> Principal:
    return Principal(row.name, frozenset(Role(role) for role in row.roles))
