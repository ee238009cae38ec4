"""The limits of the gates as values: one versioned file, the same for every model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """By how much a metric may be worse; `relative` to the size of the champion's value."""

    margin: float
    relative: bool = False

    def of(self, champion: float) -> float:
        """Return the margin in the unit of the metric.

        >>> Margin(margin=0.02, relative=True).of(-50.0)
        1.0
        """
        return self.margin * abs(champion) if self.relative else self.margin


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLimits:
    """How many pairs, and how many of them positive, are judged at least; how many are compared at most."""

    fewest: int
    fewest_positives: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessLimits:
    """Shares of decisions that may flip, by what is done to a row; and how many rows are tried."""

    perturbation: float
    missing: float
    boundary: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLimits:
    """How much slower the 95th percentile may be, as a ratio; below `floor_ms` more nobody minds."""

    ratio: float
    floor_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLimits:
    """Every limit of `gates.yaml`; `performance` is by task and metric."""

    version: int
    pairs: PairLimits
    performance: Mapping[str, Mapping[str, Margin]]
    calibration: float
    worst_segment: float
    fairness: float
    robustness: RobustnessLimits
    training_drift: float
    latency: LatencyLimits


@cache
def gate_limits() -> GateLimits:
    """Return the limits of this program."""
    document = yaml.safe_load(resources.files("core.releases.gates").joinpath("gates.yaml").read_text(encoding="utf-8"))
    by_task = {
        task: MappingProxyType({metric: Margin(**one) for metric, one in metrics.items()})
        for task, metrics in document["performance"].items()
    }
    return GateLimits(
        version=int(document["version"]),
        pairs=PairLimits(**document["pairs"]),
        performance=MappingProxyType(by_task),
        calibration=float(document["calibration"]),
        worst_segment=float(document["worst_segment"]),
        fairness=float(document["fairness"]),
        robustness=RobustnessLimits(**document["robustness"]),
        training_drift=float(document["training_drift"]),
        latency=LatencyLimits(**document["latency"]),
    )
