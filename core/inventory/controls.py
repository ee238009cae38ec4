"""The control matrix: what each risk tier asks of a model and its releases, as data, and what follows from it.

Every function decides from values alone; `core/inventory/controls.yaml` holds the numbers and says what each means.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from core.errors import BadInputError
from core.inventory.months import months_later
from core.log.names import shown

STANDARD, DEMO = "standard", "demo"
BLOCK, CONDITION = "block", "condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumRule:
    """One approval that is needed, by a person with one of `roles`; who counts is `core.releases.quorum`'s."""

    rule: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What must be validated before going live, by whom, and again after so many months (None: after a change)."""

    scope: str
    independent: bool
    months: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The least days in shadow, and the largest shares of traffic, one after the other."""

    shadow_days: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """How often the log is judged, and how often the owner reviews the model."""

    cadence: str
    owner_review_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """What an overdue validation does to a live model, and which exception lifts a block."""

    effect: str
    exception_days: int | None
    exceptions: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """One column of the matrix: the controls of `tier` under a policy."""

    tier: int
    quorum: tuple[QuorumRule, ...]
    validation: Validation
    rollout: Rollout
    monitoring: Monitoring
    gates: frozenset[str]
    ttl: timedelta
    freshness: timedelta
    wait: timedelta
    overdue: Overdue
    findings: Mapping[str, str]
    drill_months: int | None
    retention_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A named control matrix and its version."""

    name: str
    version: int
    told: str
    tiers: Mapping[int, Controls]

    def __getitem__(self, tier: int) -> Controls:
        return self.tiers[tier]

    def as_json(self) -> dict[str, Any]:
        """Return the name and version, as a release and its evidence keep them."""
        return {"name": self.name, "version": self.version}


def policy(name: str = STANDARD) -> Policy:
    """Return a policy by its name.

    Raises
    ------
    BadInputError
        When there is none of this name.

    >>> policy("demo")[1].wait, policy("standard")[1].wait
    (datetime.timedelta(0), datetime.timedelta(days=1))
    """
    found = _policies()
    if name not in found:
        raise BadInputError(f"There is no policy {shown(name)}: choose from {', '.join(found)}.")
    return found[name]


def policy_names() -> tuple[str, ...]:
    """Return the names of all policies."""
    return tuple(_policies())


@cache
def _policies() -> Mapping[str, Policy]:
    document = yaml.safe_load(resources.files("core.inventory").joinpath("controls.yaml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Policy(
                name=name,
                version=int(document["version"]),
                told=entry["told"],
                tiers=MappingProxyType(
                    {
                        tier: _controls(tier, {**cells, **entry["changes"].get(tier, {})})
                        for tier, cells in document["tiers"].items()
                    }
                ),
            )
            for name, entry in document["policies"].items()
        }
    )


def _controls(tier: int, cells: Mapping[str, Any]) -> Controls:
    return Controls(
        tier=tier,
        quorum=tuple(QuorumRule(rule=rule["rule"], roles=frozenset(rule["roles"])) for rule in cells["quorum"]),
        validation=Validation(**cells["validation"]),
        rollout=Rollout(shadow_days=cells["rollout"]["shadow_days"], shares=tuple(cells["rollout"]["shares"])),
        monitoring=Monitoring(**cells["monitoring"]),
        gates=frozenset(cells["gates"]),
        ttl=timedelta(days=cells["ttl_days"]),
        freshness=timedelta(hours=cells["freshness_hours"]),
        wait=timedelta(hours=cells["wait_hours"]),
        overdue=Overdue(**cells["overdue"]),
        findings=MappingProxyType(dict(cells["findings"])),
        drill_months=cells["drill_months"],
        retention_years=cells["retention_years"],
    )


def drill_due(controls: Controls, last: date | None, since: date) -> date | None:
    """Return by when the next drill is due: so many months after the last, or after going live; None: never."""
    return None if controls.drill_months is None else months_later(last or since, controls.drill_months)


def needs_gate(controls: Controls, gate: str) -> bool:
    """Whether a tier requires the evidence of a gate that is not required of all."""
    return gate in controls.gates


def finding_effect(controls: Controls, severity: str) -> str:
    """Return what an open finding does to a release: ``block``, ``condition`` (one must be agreed) or ``note``."""
    return controls.findings[severity]


def validation_is_enough(controls: Controls, scope: str | None, *, independent: bool) -> bool:
    """Whether a validation of this scope (None: there was none) is what the tier asks for before going live.

    >>> validation_is_enough(policy()[2], "targeted", independent=True)
    False
    """
    order = (None, "self_attest", "targeted", "full")
    enough = order.index(scope) >= order.index(controls.validation.scope)
    return enough and (independent or not controls.validation.independent)


def exception_fault(controls: Controls, days: int, *, earlier: int) -> str | None:
    """Return why an overdue validation cannot be excepted for so many days, or None when it can.

    Parameters
    ----------
    earlier : exceptions that were given since the last validation
    """
    rule = controls.overdue
    if rule.effect != BLOCK:
        return None
    if rule.exception_days is not None and days > rule.exception_days:
        return f"an exception of tier {controls.tier} lasts at most {rule.exception_days} days, not {days}"
    if rule.exceptions is not None and earlier >= rule.exceptions:
        return f"tier {controls.tier} allows {rule.exceptions} exception between two validations"
    return None


def as_json(controls: Controls) -> dict[str, Any]:
    """Return the controls as plain values, for a dossier."""
    plain = {name: getattr(controls, name) for name in ("tier", "drill_months", "retention_years")}
    return {
        **plain,
        "quorum": [{"rule": rule.rule, "roles": sorted(rule.roles)} for rule in controls.quorum],
        "validation": asdict(controls.validation),
        "rollout": {"shadow_days": controls.rollout.shadow_days, "shares": [*controls.rollout.shares]},
        "monitoring": asdict(controls.monitoring),
        "gates": sorted(controls.gates),
        "ttl_days": controls.ttl.days,
        "freshness_hours": controls.freshness // timedelta(hours=1),
        "wait_hours": controls.wait // timedelta(hours=1),
        "overdue": asdict(controls.overdue),
        "findings": dict(controls.findings),
    }
