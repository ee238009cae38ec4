"""What is written about models, in words and colours."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from app import words
from core.findings.finding import Finding, Severity
from core.inventory.fields import BY_CODE
from core.inventory.tiers import TierStanding
from core.reviews.calendar import Due, Duty
from core.reviews.review import WORDS, Outcome, ReviewKind

Colour = Literal["green", "orange", "red", "gray"]
SEVERITIES: dict[Severity, tuple[Colour, str]] = {
    Severity.CRITICAL: ("red", "■ critical"),
    Severity.HIGH: ("red", "■ high"),
    Severity.MEDIUM: ("orange", "▲ medium"),
    Severity.LOW: ("gray", "● low"),
}
DUES: dict[Due, tuple[Colour, str]] = {
    Due.OVERDUE: ("red", "■ overdue"),
    Due.EXCEPTED: ("orange", "▲ excepted"),
    Due.SOON: ("orange", "▲ due soon"),
    Due.MET: ("green", "● in time"),
    Due.NOT_ASKED: ("gray", "◌ not asked"),
}
OUTCOMES: dict[Outcome, str] = {
    Outcome.PASSED: "● passed",
    Outcome.PASSED_WITH_CONDITIONS: "▲ passed with conditions",
    Outcome.FAILED: "■ failed",
}
CHIPS: dict[Colour, str] = {"green": "green", "orange": "orange", "red": "#B3261E", "gray": "gray"}
"""What a table calls these colours."""

SOURCES = {"override": "overridden", "computed": "computed", "declared": "declared"}


def value(code: str, held: Any) -> str:
    """Return what a field of a record holds, in words; empty where it says nothing.

    >>> value("staged", True), value("decisions_per_year", 1200000), value("users", ["a", "b"]), value("users", None)
    ('yes', '1,200,000', 'a; b', '')
    >>> value("automation", "autonomous")
    'autonomous: decides alone'
    """
    match held:
        case None:
            return ""
        case bool():
            return "yes" if held else "no"
        case int() | float():
            return f"{held:,}"
        case list() | tuple():
            return "; ".join(str(one) for one in held)
    meaning = BY_CODE[code].choices.get(held, "") if code in BY_CODE else ""
    return f"{held.replace('_', ' ')}: {meaning}" if meaning else str(held)


def label(code: str) -> str:
    """Return the name of a field; of one that is no field (any more) its code."""
    return BY_CODE[code].label if code in BY_CODE else code


def tier(standing: TierStanding) -> str:
    """Return the tier in force beside what it would be without an override."""
    told = f"{standing.in_force}, {SOURCES[standing.source]}"
    if standing.source != "override":
        return told
    return f"{told} (computed {standing.computed.tier if standing.computed else 'not yet'})"


def tier_cell(standing: TierStanding) -> str:
    """Return the tier in force for a narrow column: an override beside what it stands for."""
    if standing.source == "computed":
        return str(standing.in_force)
    computed = standing.computed.tier if standing.computed else "not yet"
    return (
        f"{standing.in_force} (declared)"
        if standing.source == "declared"
        else f"{standing.in_force} (computed {computed})"
    )


def kind(which: ReviewKind) -> str:
    """Return what is reviewed, with its capital.

    >>> kind(ReviewKind.DRILL)
    'Rollback drill'
    """
    said = WORDS[which]
    return f"{said[0].upper()}{said[1:]}"


def due(finding: Finding, today: date) -> str:
    """Return by when a finding is to be mended, and how far off that is."""
    return f"{words.day(finding.due)}{_distance(finding.due, today)}" if finding.is_open else words.NONE


def duty_due(duty: Duty, today: date) -> str:
    """Return by when something is to be done."""
    return words.NONE if duty.due is None else f"{words.day(duty.due)}{_distance(duty.due, today)}"


def _distance(when: date, today: date) -> str:
    days = (when - today).days
    if days < 0:
        return f", {-days} d ago"
    return ", today" if days == 0 else f", in {days} d"


def severities(found: Sequence[Finding]) -> str:
    """Return open findings by severity, worst first; "none" where there is none."""
    counts = [(one, sum(finding.is_open and finding.severity is one for finding in found)) for one in Severity]
    return ", ".join(f"{n} {one.value}" for one, n in counts if n) or "none"
