"""Somebody who is to do something is somebody whom the store knows."""

import unicodedata
from collections.abc import Sequence

from core.errors import BadInputError
from core.log.names import shown

MOST_NAMED = 12


def known_person(name: str, people: Sequence[str], what: str) -> str:
    """Return `name` as the store spells it: case and spaces make no difference.

    While the store knows nobody every name is taken: then there is no list to choose from.

    Raises
    ------
    BadInputError
        When nobody has this name, with the names that there are.

    >>> known_person("omar  haddad", ["Ana Prior", "Omar Haddad"], "The owner")
    'Omar Haddad'
    """
    if not people or name in people:
        return name
    same = next((one for one in people if looks_like(one, name)), None)
    if same is not None:
        return same
    more = f" and {len(people) - MOST_NAMED} more" if len(people) > MOST_NAMED else ""
    raise BadInputError(
        f"{what} {shown(name)} is nobody whom the store knows: choose from {', '.join(people[:MOST_NAMED])}{more}, or "
        "add them with watchroom person add NAME --role ROLE."
    )


def looks_like(one: str, other: str) -> bool:
    """Whether two names differ in nothing but case, spaces and the way their characters are written."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
