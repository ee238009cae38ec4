"""A finding about a model: what was found, how bad, whose it is, by when, and who may close it.

Two lines: those who build and own a model (first) and those who judge it (second). Who raised a finding decides who
may say that it is mended: only somebody of the same line closes or extends it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from core.errors import BadInputError, RefusedError
from core.log.names import name_fault, shown
from core.plain_text import text_fault

LONGEST_TITLE, LONGEST_TEXT = 200, 4_000
_Word = TypeVar("_Word", bound=StrEnum)


class Severity(StrEnum):
    """How bad it is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Category(StrEnum):
    """What it is about."""

    DATA = "data"
    SOUNDNESS = "conceptual_soundness"
    IMPLEMENTATION = "implementation"
    PERFORMANCE = "performance"
    USE = "use"
    GOVERNANCE = "governance"


class Line(StrEnum):
    """The side that raised it: first builds and owns, second judges."""

    FIRST = "first"
    SECOND = "second"


class FindingState(StrEnum):
    """Whether it still stands."""

    OPEN = "open"
    CLOSED = "closed"


DUE_DAYS: Mapping[Severity, int] = MappingProxyType(
    {Severity.CRITICAL: 30, Severity.HIGH: 60, Severity.MEDIUM: 90, Severity.LOW: 180}
)
"""Days in which it is mended; an extension adds at most as many again."""

LINES: Mapping[Line, frozenset[str]] = MappingProxyType(
    {Line.FIRST: frozenset({"engineer", "owner"}), Line.SECOND: frozenset({"validator", "approver"})}
)
"""The roles of each line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Why a finding was given longer, by whom, from which day until which."""

    by: str
    at: datetime
    earlier: date
    until: date
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding of validation, or a condition of an approval (`release_id`); `reopened` counts how often."""

    id: int
    model_id: int
    model: str
    version_id: int | None
    version: str | None
    release_id: int | None
    severity: Severity
    category: Category
    title: str
    text: str
    line: Line
    raised_by: str
    raised_at: datetime
    owner: str
    due: date
    state: FindingState
    extensions: tuple[Extension, ...]
    closed_by: str | None
    closed_at: datetime | None
    closure: str | None
    reopened: int
    row_version: int

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.state is FindingState.OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether it still stands after the day it was due."""
        return self.is_open and today > self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """What somebody found, in its normal form."""

    severity: Severity
    category: Category
    title: str
    text: str
    owner: str
    due: date


def new_finding(
    *, severity: str, category: str, title: str, text: str, owner: str, due: date | None, today: date
) -> NewFinding:
    """Return a finding as it may be raised; without a day it is due as its severity says.

    Raises
    ------
    BadInputError
        When a word is unknown, a text cannot be kept, or the day is past or later than the severity allows.

    >>> new_finding(severity="high", category="data", title="t", text="", owner="Ana", due=None,
    ...             today=date(2026, 1, 1)).due
    datetime.date(2026, 3, 2)
    """
    worst = _one_of(Severity, severity, "severity")
    fault = name_fault(owner.strip())
    if fault:
        raise BadInputError(f"The owner {shown(owner)} {fault}.")
    return NewFinding(
        severity=worst,
        category=_one_of(Category, category, "category"),
        title=told(title, "title", longest=LONGEST_TITLE, lines=False),
        text=told(text, "text", needed=False),
        owner=owner.strip(),
        due=due_within(worst, due, today),
    )


def due_within(severity: Severity, due: date | None, today: date) -> date:
    """Return the day a finding is due: the one given, else the last that its severity allows.

    Raises
    ------
    BadInputError
        When the day is past, or later than that.
    """
    latest = today + timedelta(days=DUE_DAYS[severity])
    if due is not None and not today <= due <= latest:
        raise BadInputError(f"A {severity} finding is due between {today} and {latest}, not on {due}.")
    return due or latest


def told(text: str, what: str, *, longest: int = LONGEST_TEXT, lines: bool = True, needed: bool = True) -> str:
    """Return a text as it is kept.

    Raises
    ------
    BadInputError
        When it is empty and needed, or cannot be kept.
    """
    kept = text.replace("\r\n", "\n").strip()
    fault = text_fault(kept, longest=longest, lines=lines) or ("is empty" if needed and not kept else None)
    if fault:
        raise BadInputError(f"The {what} of the finding {fault}.")
    return kept


def line_of(roles: Collection[str], line: str | None = None) -> Line:
    """Return the line for which somebody speaks: the one they name, else the second where they belong to both.

    Raises
    ------
    RefusedError
        ``not_allowed``: they do not belong to it.
    """
    own = [one for one in (Line.SECOND, Line.FIRST) if LINES[one] & set(roles)]
    wanted = own[:1] if line is None else [one for one in own if one.value == line]
    if not wanted:
        asked = "no line" if line is None else f"the {line} line"
        raise RefusedError("not_allowed", f"You speak for {asked}: {_lines()}.")
    return wanted[0]


def must_be_of_line(finding: Finding, roles: Collection[str], *, to: str) -> None:
    """Let somebody of the line that raised a finding pass.

    Raises
    ------
    RefusedError
        ``not_allowed``: they are of the other line.
    """
    if not LINES[finding.line] & set(roles):
        needed = ", ".join(sorted(LINES[finding.line]))
        raise RefusedError(
            "not_allowed",
            f"Only the line that raised finding {finding.id} may {to} it: the {finding.line} line ({needed}).",
        )


def extended(finding: Finding, until: date, *, by: str, why: str, at: datetime) -> tuple[Extension, ...]:
    """Return the extensions of a finding with one more.

    Raises
    ------
    BadInputError
        When the finding is closed, or the day is no later, or later than its severity allows.
    """
    if not finding.is_open:
        raise BadInputError(f"Finding {finding.id} is closed: there is nothing to extend.")
    latest = finding.due + timedelta(days=DUE_DAYS[finding.severity])
    if not finding.due < until <= latest or until < at.date():
        raise BadInputError(
            f"A {finding.severity} finding due on {finding.due} can be extended to {latest} at most, not to {until}."
        )
    reason = told(why, "reason")
    return (*finding.extensions, Extension(by=by, at=at, earlier=finding.due, until=until, why=reason))


def by_urgency(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order of work: open ones first, by day due, the worst first; closed ones last."""
    order = list(Severity)
    return tuple(sorted(findings, key=lambda one: (not one.is_open, one.due, order.index(one.severity), one.id)))


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain values, for evidence and exports."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "category": finding.category.value,
        "title": finding.title,
        "text": finding.text,
        "line": finding.line.value,
        "raised_by": finding.raised_by,
        "raised_at": finding.raised_at.isoformat(),
        "owner": finding.owner,
        "due": finding.due.isoformat(),
        "state": finding.state.value,
        "extensions": len(finding.extensions),
        "reopened": finding.reopened,
        "version": finding.version,
        "release": finding.release_id,
    }


def as_raised(finding: Finding) -> dict[str, Any]:
    """Return what the audit trail keeps of a finding when it is raised."""
    return {
        "severity": finding.severity.value,
        "category": finding.category.value,
        "title": finding.title,
        "text": finding.text,
        "version": finding.version,
        "line": finding.line.value,
        "owner": finding.owner,
        "due": finding.due,
    }


def _one_of(words: type[_Word], word: str, what: str) -> _Word:
    try:
        return words(word)
    except ValueError:
        raise BadInputError(f"There is no {what} {shown(word)}: choose from {', '.join(words)}.") from None


def _lines() -> str:
    return "; ".join(f"the {line} line is {', '.join(sorted(roles))}" for line, roles in LINES.items())
