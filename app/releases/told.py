"""States, moves and evidence of releases in words."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from app import words
from core.releases.awaited import awaited
from core.releases.gates.gate import GATES, GateOutcome
from core.releases.plan import PlanStep, StepKind, plan_of
from core.releases.release import DRILL, Release
from core.releases.service import ReleaseSummary
from core.releases.states import ReleaseState as State

FIXED = {
    State.DRAFT: ("gray", "draft"),
    State.PENDING_EVIDENCE: ("blue", "evidence is gathered"),
    State.BLOCKED: ("red", "■ blocked"),
    State.NEEDS_HUMAN: ("orange", "▲ a validator must judge"),
    State.STALE: ("orange", "▲ stale"),
    State.APPROVED: ("green", "● approved"),
    State.EXECUTING: ("violet", "requested, not confirmed"),
    State.UNKNOWN: ("red", "■ unknown: nobody confirmed"),
    State.FAILED: ("red", "■ failed"),
    State.ROLLBACK_REQUESTED: ("violet", "rollback requested, not confirmed"),
    State.ROLLING_BACK: ("violet", "rolling back, not confirmed"),
    State.REJECTED: ("gray", "rejected"),
    State.EXPIRED: ("gray", "expired"),
    State.CANCELLED: ("gray", "withdrawn"),
    State.ROLLED_BACK: ("gray", "taken back"),
    State.SUPERSEDED: ("gray", "replaced"),
}
SAID = {
    **{state: said.lstrip("▲■● ") for state, (_, said) in FIXED.items()},
    State.PENDING_APPROVAL: "waits for approval",
    State.LIVE: "live",
}
"""Where a release stands in words alone."""

OUTCOMES = {
    GateOutcome.FAILED.value: ("red", "■ fails"),
    GateOutcome.INCONCLUSIVE.value: ("orange", "◌ inconclusive"),
    GateOutcome.PASSED.value: ("green", "● pass"),
}
DECIDED = {
    "submit": "submitted it",
    "approve": "approved it",
    "changes": "asked for changes",
    "reject": "rejected it",
    "accept": "accepted what the gates could not judge",
    "decline": "did not accept what the gates could not judge",
    "break_glass": "broke the glass",
    "cancel": "withdrew it",
    "execute": "had it executed",
    "rollback": "requested the rollback",
}
NUMBERS = ("first", "second", "third", "fourth", "fifth")
COUNTED = frozenset({"schema", "documentation", "findings", "rollout"})
"""Gates whose number is a count."""

OWN_UNIT_FROM = 10.0
"""Numbers from here on are in the unit of what is predicted."""

SMALL = 0.01
"""Below, three decimals do not tell a change from its limit."""


def state(summary: ReleaseSummary) -> tuple[str, str]:
    """Return colour and words of where a release stands."""
    release = summary.release
    if release.state is State.PENDING_APPROVAL:
        needed = len(summary.rules)
        many = f"{len(summary.waits_for)} of {needed} approvals" if needed > 1 else "its approval"
        return "blue", f"waits for {many}"
    if release.state is State.LIVE:
        whole = plan_of(release.plan).is_full(release.step)
        stands = "● in shadow" if in_shadow(release) else "● live" if whole else f"● live at {share(release)}"
        return ("green", stands) if awaited(release) is None else ("violet", f"{stands}, next step not confirmed")
    return FIXED[release.state]


def badge(summary: ReleaseSummary) -> str:
    """Return the markdown badge of where a release stands."""
    colour, said = state(summary)
    return f":{colour}-badge[{said}]"


def share(release: Release) -> str:
    """Return how much of the traffic a live release takes."""
    return words.percent(_stands(release).share)


def in_shadow(release: Release) -> bool:
    """Whether the step that a live release stands at sends it copies only."""
    return _stands(release).kind is StepKind.SHADOW


def _stands(release: Release) -> PlanStep:
    return plan_of(release.plan).steps[max(release.step, 1) - 1]


def plan(document: Mapping[str, Any]) -> str:
    """Return a rollout plan in words.

    >>> plan({"steps": [{"kind": "shadow", "share": 0.0, "days": 7.0}, {"kind": "full", "share": 1.0, "days": 0.0}]})
    'shadow 7 d → all of the traffic'
    >>> plan({"steps": [{"kind": "full", "share": 1.0, "days": 0.0}]})
    'all of the traffic at once'
    """
    steps = plan_of(document).steps
    if len(steps) == 1:
        return "all of the traffic at once"
    return " → ".join(f"{step(one.as_json())}{f' {one.days:g} d' if one.days else ''}" for one in steps)


def step(one: Mapping[str, Any]) -> str:
    """Return a step of a plan in words."""
    match one["kind"]:
        case StepKind.SHADOW:
            return "shadow"
        case StepKind.FULL:
            return "all of the traffic"
    return f"{100 * one['share']:g} % of the traffic"


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units.

    >>> span(timedelta(days=5, hours=3)), span(timedelta(hours=1, minutes=7)), span(timedelta(seconds=12))
    ('5 d 3 h', '1 h 7 min', '< 1 min')
    """
    minutes = int(length.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min" if rest else "< 1 min"


def gate(name: str) -> str:
    """Return the name of a gate as people write it.

    >>> gate("worst_segment")
    'worst segment'
    """
    return name.replace("_", " ")


def ranked(gates: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return gates with those that fail first, then those without an answer; inside both in the order of `GATES`."""
    outcome, place = list(OUTCOMES), {name: at for at, name in enumerate(GATES)}
    return sorted(gates, key=lambda one: (outcome.index(one["outcome"]), place.get(one["gate"], len(place))))


def outcome_badge(outcome: str) -> str:
    """Return the markdown badge of a gate's outcome."""
    colour, said = OUTCOMES[outcome]
    return f":{colour}-badge[{said}]"


def number(name: str, value: float | None) -> str:
    """Return the number of a gate: counts whole, shares of decisions in percent, everything else with three decimals.

    >>> number("rollout", 184.0), number("robustness", 0.0799), number("performance", -0.0097), number("schema", None)
    ('184', '8.0 %', '−0.0097', '–')
    """
    if value is None:
        return words.NONE
    if name in COUNTED:
        return words.signed(f"{value:,.0f}")
    return words.percent(value) if name == "robustness" else amount(value)


def amount(value: float | None) -> str:
    """Return a change in the unit of its figure: three decimals, four of a small one, fewer where the unit is large.

    >>> amount(0.0546), amount(-0.005047), amount(1234.5), amount(None)
    ('0.055', '−0.0050', '1,234', '–')
    """
    if value is None:
        return words.NONE
    if 0 < abs(value) < SMALL:
        return words.signed(f"{value:.4f}")
    return words.significant(value) if abs(value) >= OWN_UNIT_FROM else words.three(value)


def limit(one: Mapping[str, Any]) -> str:
    """Return the limit of a gate with its side."""
    if one["limit"] is None or one["limit_kind"] == "none":
        return words.NONE
    return f"{'≥' if one['limit_kind'] == 'at least' else '≤'} {number(one['gate'], one['limit'])}"


def interval(one: Mapping[str, Any]) -> str:
    """Return the 95 % interval of a gate."""
    if one["ci_low"] is None or one["ci_high"] is None:
        return words.NONE
    return f"{number(one['gate'], one['ci_low'])} to {number(one['gate'], one['ci_high'])}"


def whole(text: str) -> str:
    """Return text that a narrow column does not break."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def short(digest: str | None) -> str:
    """Return a digest short enough for a sentence.

    >>> short("9f3ab0" * 10 + "ffc1"), short(None)
    ('9f3a…ffc1', 'none')
    """
    return f"{digest[:4]}…{digest[-4:]}" if digest else "none"


def rules(summary: ReleaseSummary) -> str:
    """Return which rules of the quorum nobody fills yet."""
    return " and ".join(f"“{rule}”" for rule in summary.waits_for) or "nobody"


def is_drill(release: Release) -> bool:
    """Whether only the way back is practised."""
    return release.environment == DRILL
