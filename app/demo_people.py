"""The people of the sample fleet: invented, as what they answer for is."""

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.store.database import Store

DEVELOPER = Principal("Dana Reyes", frozenset({Role.ENGINEER}))
OWNER = Principal("Omar Haddad", frozenset({Role.OWNER}))
VALIDATOR = Principal("Vera Lind", frozenset({Role.VALIDATOR}))
SECOND_LINE = Principal("Ana Prior", frozenset({Role.APPROVER}))
BUSINESS = Principal("Bea Cole", frozenset({Role.BUSINESS}))
VIEWER = Principal("Vic Tran", frozenset({Role.VIEWER}))
ADMINISTRATOR = Principal("Adam Stone", frozenset({Role.ADMINISTRATOR}))
PEOPLE = (DEVELOPER, OWNER, VALIDATOR, SECOND_LINE, BUSINESS, VIEWER, ADMINISTRATOR)


def add_people(store: Store) -> None:
    """Put everybody into the store."""
    for person in PEOPLE:
        add_person(store, LOCAL, person.name, person.roles)
