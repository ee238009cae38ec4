"""Who acts, and adding the people who may."""

from collections.abc import Iterable

from core.access.known import looks_like
from core.access.matrix import COLUMNS, Action, authorize
from core.access.principal import LOCAL, Principal, Role
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, NotFoundError
from core.store import people as stored
from core.store.database import Store

RESERVED = frozenset({"local", "worker"})
NAME_LENGTH = 200


def resolve_principal(store: Store, name: str | None) -> Principal:
    """Return who acts: the local administrator without a name, else the person with this name.

    Raises
    ------
    NotFoundError
        When the store knows nobody of this name.
    """
    if name is None or name == LOCAL.name:
        return LOCAL
    with store.read() as session:
        person = stored.find_person(session, name)
    if person is None:
        raise NotFoundError(
            f"There is no person '{name[:NAME_LENGTH]}': add them with watchroom person add NAME --role ROLE."
        )
    return person


def people(store: Store) -> tuple[Principal, ...]:
    """Return everybody in the store, by name."""
    with store.read() as session:
        return stored.people(session)


@refusals_recorded
def add_person(store: Store, principal: Principal, name: str, roles: Iterable[str]) -> Principal:
    """Add a person with `roles`, or give a known one these roles instead; the same again changes nothing.

    Raises
    ------
    RefusedError
        When the principal is no administrator.
    BadInputError
        When the name cannot be used, or a role does not exist, or there is none.
    """
    authorize(principal, Action.PERSON_ADD)
    person = Principal(_usable(name), _known(roles))
    with store.write() as session:
        before = stored.find_person(session, person.name)
        if before == person:
            return person
        if before is None:
            _must_look_like_nobody_else(person.name, stored.people(session))
        stored.put_person(session, person, at=store.clock.now())
        record(
            session,
            principal,
            AuditAction.PERSON_ADDED,
            object_type="person",
            object_id=person.name,
            before=None if before is None else {"roles": before.roles},
            after={"roles": person.roles},
        )
    return person


def _must_look_like_nobody_else(name: str, people: Iterable[Principal]) -> None:
    """Let a new name pass that nobody could take for another: two approvals are two people."""
    other = next((one.name for one in people if looks_like(one.name, name)), None)
    if other is not None:
        raise BadInputError(f"The name '{name}' cannot be told from '{other}', who is there already: write it apart.")


def _usable(name: str) -> str:
    if not name.strip() or name != name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadInputError(
            f"The name {name[:80]!a} cannot be used: write 1 to {NAME_LENGTH} visible characters without spaces around."
        )
    if name in RESERVED:
        raise BadInputError(f"The name '{name}' belongs to the program itself: choose another.")
    return name


def _known(roles: Iterable[str]) -> frozenset[Role]:
    given = list(roles)
    choices = ", ".join(COLUMNS)
    for role in given:
        if role not in set(Role):
            raise BadInputError(f"There is no role '{role[:80]}': choose from {choices}.")
    if not given:
        raise BadInputError(f"A person needs at least one role: choose from {choices}.")
    return frozenset(Role(role) for role in given)
