"""What a gate says: pass, fail or inconclusive, with the number it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from core.releases.gates.plain import plain_values


class GateOutcome(StrEnum):
    """A gate without data is inconclusive, never passed."""

    PASSED = "pass"
    FAILED = "fail"
    INCONCLUSIVE = "inconclusive"


GATES = (
    "performance",
    "calibration",
    "worst_segment",
    "fairness",
    "robustness",
    "training_drift",
    "schema",
    "latency",
    "documentation",
    "findings",
    "validation",
    "rollout",
)
"""Every gate, in the order in which a dossier shows those of the same outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate: `value` of `measure` held against `limit`, with its 95 % interval and the number of rows."""

    gate: str
    outcome: GateOutcome
    measure: str
    reason: str
    value: float | None = None
    limit: float | None = None
    limit_kind: Literal["at least", "at most", "none"] = "none"
    ci_low: float | None = None
    ci_high: float | None = None
    n: int | None = None
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """Return the gate as `release gates --json` and the evidence pack hold it."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        plain: dict[str, Any] = plain_values({**named, "outcome": self.outcome.value})
        return plain
