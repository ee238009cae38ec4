"""Reviews of a model: validations, the owner's own, drills, and those owed after a rollback or a broken glass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from core.errors import BadInputError
from core.log.names import shown
from core.plain_text import text_fault

LONGEST_NOTES = 4_000
_Word = TypeVar("_Word", bound=StrEnum)
REVIEW_WITHIN = 2
"""Working days in which what was done in a hurry is looked at afterwards."""


class ReviewKind(StrEnum):
    """What is reviewed. An exception lets a model be live for a while with its validation overdue."""

    VALIDATION = "validation"
    OWNER_REVIEW = "owner_review"
    DRILL = "drill"
    AFTER_ROLLBACK = "after_rollback"
    AFTER_BREAK_GLASS = "after_break_glass"
    EXCEPTION = "exception"


class Outcome(StrEnum):
    """What a review came to."""

    PASSED = "passed"
    PASSED_WITH_CONDITIONS = "passed_with_conditions"
    FAILED = "failed"


class Scope(StrEnum):
    """How much a validation looked at, least first."""

    SELF_ATTEST = "self_attest"
    TARGETED = "targeted"
    FULL = "full"


OWED = frozenset({ReviewKind.AFTER_ROLLBACK, ReviewKind.AFTER_BREAK_GLASS})
"""Kinds that are owed from the moment something was done, to be done by somebody else."""

WORDS: Mapping[ReviewKind, str] = MappingProxyType(
    {
        ReviewKind.VALIDATION: "validation",
        ReviewKind.OWNER_REVIEW: "owner's review",
        ReviewKind.DRILL: "rollback drill",
        ReviewKind.AFTER_ROLLBACK: "review after the rollback",
        ReviewKind.AFTER_BREAK_GLASS: "review after the broken glass",
        ReviewKind.EXCEPTION: "exception",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review, owed (`done_at` is None) or done.

    Attributes
    ----------
    due : date
        By when it is owed; of one that was done unasked the day it was done, of an exception the day it ends.
    scope : str
        Of a validation one of `Scope`, else free words.
    created_by : str
        Who made it owed: for what was done in a hurry, whoever did it.
    """

    id: int
    model_id: int
    model: str
    version_id: int | None
    version: str | None
    release_id: int | None
    kind: ReviewKind
    due: date
    scope: str
    outcome: Outcome | None
    notes: str
    done_by: str | None
    done_at: datetime | None
    created_by: str
    created_at: datetime
    row_version: int

    @property
    def is_done(self) -> bool:
        """Whether somebody did it."""
        return self.done_at is not None

    @property
    def passed(self) -> bool:
        """Whether it was done and did not fail."""
        return self.is_done and self.outcome is not Outcome.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneReview:
    """What somebody reviewed, in its normal form."""

    kind: ReviewKind
    scope: str
    outcome: Outcome
    notes: str


def done_review(*, kind: str, scope: str, outcome: str, notes: str) -> DoneReview:
    """Return a review as it may be recorded.

    Raises
    ------
    BadInputError
        When a word is unknown, a text cannot be kept, or what failed or passed with conditions says nothing more.
    """
    what, came_to = one_of(ReviewKind, kind, "kind of review"), one_of(Outcome, outcome, "outcome")
    looked_at = one_of(Scope, scope, "scope of a validation").value if what is ReviewKind.VALIDATION else told(scope)
    words = told(notes)
    if came_to is not Outcome.PASSED and not words:
        raise BadInputError("Say in the notes what failed, or which conditions there are.")
    return DoneReview(kind=what, scope=looked_at, outcome=came_to, notes=words)


def told(text: str) -> str:
    """Return words as they are kept.

    Raises
    ------
    BadInputError
        When they cannot be kept.
    """
    kept = text.replace("\r\n", "\n").strip()
    fault = text_fault(kept, longest=LONGEST_NOTES)
    if fault:
        raise BadInputError(f"The text of the review {fault}.")
    return kept


def one_of(words: type[_Word], word: str, what: str) -> _Word:
    """Return the word of an enumeration.

    Raises
    ------
    BadInputError
        When it has none of this name.
    """
    try:
        return words(word)
    except ValueError:
        raise BadInputError(f"There is no {what} {shown(word)}: choose from {', '.join(words)}.") from None
