"""The port to whatever carries a release out: it is asked, and it answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.executors.delivery import Delivery


class Outcome(StrEnum):
    """What an executor made of being asked.

    ``acknowledged``: it is done; ``accepted``: it will be done and acknowledged later; ``refused``: it will not be
    done; ``failed``: nobody knows, so it is asked again.
    """

    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one attempt; `detail` is Watchroom's own sentence, never what the other side wrote."""

    outcome: Outcome
    detail: str


class Executor(Protocol):
    """Something that carries releases out."""

    def deliver(self, delivery: Delivery) -> Answer:
        """Ask once and return the answer; trouble on the way is an answer too, never an exception."""
        ...
