"""Which executor a store has, what it may reach, and how long an acknowledgement may take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.errors import BadInputError
from core.executors.delivery import EMBEDDED
from core.executors.target import parse_hosts, parse_target

WITHIN_MINUTES = 15
LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSettings:
    """The executor (``embedded``, or the address of a webhook), the hosts it may reach, minutes to acknowledge."""

    executor: str = EMBEDDED
    hosts: tuple[str, ...] = ()
    within_minutes: int = WITHIN_MINUTES

    @property
    def is_webhook(self) -> bool:
        """Whether releases are carried out somewhere else."""
        return self.executor != EMBEDDED

    @property
    def within(self) -> timedelta:
        """Return how long an executor may take to acknowledge before a release is UNKNOWN."""
        return timedelta(minutes=self.within_minutes)

    def as_json(self) -> dict[str, Any]:
        """Return what stands in the audit chain."""
        return {"executor": self.executor, "hosts": list(self.hosts), "within_minutes": self.within_minutes}


def checked(executor: str, hosts: Sequence[str], within_minutes: int) -> ExecutorSettings:
    """Return settings that can be used.

    Raises
    ------
    BadInputError
        When the address is no plain https address, its host is not among the allowed ones, or the time is not
        1 minute to 1 day.
    """
    if not 1 <= within_minutes <= LONGEST_MINUTES:
        raise BadInputError(f"An acknowledgement may take 1 to {LONGEST_MINUTES:,} minutes, got {within_minutes:,}.")
    if executor == EMBEDDED:
        if hosts:
            raise BadInputError("The embedded executor reaches no host: allowed hosts are for a webhook.")
        return ExecutorSettings(within_minutes=within_minutes)
    target, allowed = parse_target(executor), parse_hosts(hosts)
    if target.host not in allowed:
        named = ", ".join(allowed) or "none"
        raise BadInputError(f"The host {target.host} is not among the allowed ones ({named}): name it too.")
    return ExecutorSettings(executor=executor, hosts=allowed, within_minutes=within_minutes)


def fault(settings: ExecutorSettings) -> str | None:
    """Return why the stored settings cannot be used, or None: rows may have been changed by hand.

    >>> fault(ExecutorSettings(executor="http://x.example"))
    "'http://x.example' cannot be the address of a webhook: it must begin with https://."
    """
    try:
        checked(settings.executor, settings.hosts, settings.within_minutes)
    except BadInputError as error:
        return str(error)
    return None
