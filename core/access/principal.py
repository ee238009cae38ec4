"""Who acts: a name and the roles it holds."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in a store; one person may hold several roles."""

    VIEWER = "viewer"
    BUSINESS = "business"
    ENGINEER = "engineer"
    OWNER = "owner"
    VALIDATOR = "validator"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or program on whose behalf a service acts."""

    name: str
    roles: frozenset[Role]


LOCAL = Principal("local", frozenset({Role.ADMINISTRATOR}))
"""Whoever runs the program on this machine without ``--as``."""

WORKER = Principal("worker", frozenset({Role.ENGINEER}))
"""The worker that runs jobs: it may do what an engineer may, nothing more."""
