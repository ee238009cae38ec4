"""The plan of a rollout: shadow, canary steps, full, and how it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from core.errors import BadInputError
from core.log.names import shown

MOST_STEPS = 10
LONGEST_DAYS = 365.0
LARGEST = 1e6


class StepKind(StrEnum):
    """What a step does with the traffic: a copy of it, a share of it, all of it."""

    SHADOW = "shadow"
    CANARY = "canary"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step: `share` of the decisions in (0, 1], 0 in shadow; it stands for at least `days` before the next."""

    kind: StepKind
    share: float
    days: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the step as a release and its evidence hold it."""
        return {"kind": self.kind.value, "share": self.share, "days": self.days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of a rollout in their order; the last one, and only it, is full."""

    steps: tuple[PlanStep, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the plan as a release and its evidence hold it."""
        return {"steps": [step.as_json() for step in self.steps]}

    @property
    def shadow_days(self) -> float:
        """Days that the plan stands in shadow."""
        return sum(step.days for step in self.steps if step.kind is StepKind.SHADOW)

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the traffic of the steps after the shadow, in their order."""
        return tuple(step.share for step in self.steps if step.kind is not StepKind.SHADOW)

    def is_full(self, step: int) -> bool:
        """Whether the whole plan is live once `step` steps are."""
        return step >= len(self.steps)


AT_ONCE = Plan(steps=(PlanStep(kind=StepKind.FULL, share=1.0),))
"""The plan without a plan: an executor that moves an alias has nothing to split."""


def plan_of(document: Any, where: str = "the plan") -> Plan:
    """Return the plan that a document (``{steps: [{kind, share, days}…]}``) states.

    Raises
    ------
    BadInputError
        Naming the first step that cannot be: an unknown kind or key, a share outside (0, 1), shares that do not
        rise, shadow after a canary, or a last step that is not full.

    >>> [step.share for step in plan_of({"steps": [{"kind": "canary", "share": 0.05}, {"kind": "full"}]}).steps]
    [0.05, 1.0]
    """
    steps = document.get("steps") if isinstance(document, Mapping) and set(document) == {"steps"} else None
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
        raise BadInputError(f"{where} needs the one key 'steps' with 1 to {MOST_STEPS} steps.")
    plan = Plan(steps=tuple(_step(step, f"{where}, step {number}") for number, step in enumerate(steps, start=1)))
    _must_rise(plan, where)
    return plan


def _step(document: Any, where: str) -> PlanStep:
    if not isinstance(document, Mapping) or not set(document) <= {"kind", "share", "days"}:
        raise BadInputError(f"{where} is not of the form {{kind: shadow|canary|full, share: 0.05, days: 7}}.")
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in set(StepKind):
        raise BadInputError(f"{where}: the kind is shadow, canary or full, got {shown(kind)}.")
    days = _number(document.get("days", 0), f"{where}: days")
    if not 0 <= days <= LONGEST_DAYS:
        raise BadInputError(f"{where}: days lie between 0 and {LONGEST_DAYS:g}, got {days:g}.")
    return PlanStep(kind=StepKind(kind), share=_share(StepKind(kind), document.get("share"), where), days=days)


def _share(kind: StepKind, given: Any, where: str) -> float:
    fixed = {StepKind.SHADOW: 0.0, StepKind.FULL: 1.0}.get(kind)
    if fixed is not None:
        if given is not None and given != fixed:
            raise BadInputError(f"{where}: the share of a {kind} step is {fixed:g}; leave it out.")
        return fixed
    share = _number(given, f"{where}: the share of a canary step")
    if not 0 < share < 1:
        raise BadInputError(f"{where}: the share of a canary step lies between 0 and 1, got {share:g}.")
    return share


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise BadInputError(f"{where} is a number of ordinary size, got {shown(value)}.")
    return float(value)


def _must_rise(plan: Plan, where: str) -> None:
    kinds = [step.kind for step in plan.steps]
    if kinds[-1] is not StepKind.FULL or kinds.count(StepKind.FULL) != 1:
        raise BadInputError(f"{where} ends with its one full step.")
    shares = [step.share for step in plan.steps]
    if any(after < before or after == before != 0 for before, after in pairwise(shares)):
        raise BadInputError(f"{where} goes from shadow over rising shares to full.")


def shortfalls(plan: Plan, shadow_days: float, shares: Sequence[float], *, splits: bool) -> tuple[str, ...]:
    """Return in words what `plan` lacks of the rollout that a tier asks for; empty when it is enough.

    Parameters
    ----------
    shadow_days : least days in shadow
    shares : largest shares of traffic after the shadow, step by step, the last one 1
    splits : bool
        Whether the executor can send a part of the traffic elsewhere; one that cannot goes from shadow to all.

    >>> shortfalls(AT_ONCE, 7, (0.05, 1.0), splits=True)
    ('7 days in shadow are needed, the plan has 0', 'step 1 after the shadow takes 100%, at most 5% are allowed')
    """
    found = []
    if plan.shadow_days < shadow_days:
        found.append(f"{shadow_days:g} days in shadow are needed, the plan has {plan.shadow_days:g}")
    if splits or plan.shares != AT_ONCE.shares:
        found += [
            f"step {number} after the shadow takes {share:.0%}, at most {allowed:.0%} are allowed"
            for number, (share, allowed) in enumerate(zip(plan.shares, shares, strict=False), start=1)
            if share > allowed
        ]
    return tuple(found)
