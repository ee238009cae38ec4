"""One metric of champion and challenger on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One metric of both versions on the same rows.

    Attributes
    ----------
    harm, low, high : float
        By how much the challenger is worse, in the unit of the metric, with its 95 % interval; below 0 it is better.
    n : int, pairs that have what the metric needs
    widened : float
        Factor of the interval of independent rows (`core.releases.gates.units`); 1 too where it is unknown.
    sums : mapping
        What the change and its interval can be worked out from without a row; empty for a bootstrap of rows.
    """

    metric: str
    champion: float
    challenger: float
    harm: float
    low: float
    high: float
    n: int
    method: str
    p_value: float | None = None
    widened: float = 1.0
    sums: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        """Return the change as the evidence holds it."""
        return {
            "metric": self.metric,
            "champion": self.champion,
            "challenger": self.challenger,
            "worse_by": self.harm,
            "ci_low": self.low,
            "ci_high": self.high,
            "n": self.n,
            "method": self.method,
            "p_value": self.p_value,
            "widened": self.widened,
            "sums": dict(self.sums),
        }
