"""Why whoever acts cannot do something, in the words of the core; the core decides it again."""

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.errors import RefusedError
from core.findings.finding import Finding, must_be_of_line


def why_not(person: Principal, action: Action) -> str:
    """Return why a person may not do this; empty when they may.

    >>> from core.access.principal import Role
    >>> why_not(Principal("Vera", frozenset({Role.VALIDATOR})), Action.FINDING_CLOSE)
    ''
    """
    try:
        authorize(person, action)
    except RefusedError as error:
        return str(error)
    return ""


def why_not_about(person: Principal, action: Action, finding: Finding, *, to: str) -> str:
    """Return why a person may not do this with a finding: their role, or the other line raised it."""
    why = why_not(person, action)
    if why:
        return why
    try:
        must_be_of_line(finding, person.roles, to=to)
    except RefusedError as error:
        return str(error)
    return ""
