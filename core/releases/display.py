"""What the figures of a dossier draw, read from the frozen document of its evidence; nothing is computed anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_FEATURES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDot:
    """How much worse the challenger is by one metric, as a share of what its gate allows.

    Attributes
    ----------
    share, low, high : float
        1 is the limit, 0 no change, below 0 is better.
    outcome : ``pass``, ``fail`` or ``inconclusive``
    """

    metric: str
    share: float
    low: float
    high: float
    outcome: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePair:
    """One curve of both versions: points (x, y) from left to right; empty where a version has none."""

    kind: str
    champion: tuple[tuple[float, float], ...]
    challenger: tuple[tuple[float, float], ...]

    @property
    def is_empty(self) -> bool:
        """Whether neither version has this curve."""
        return not (self.champion or self.challenger)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePair:
    """How much of a version's scores one feature moves, in both versions; None where a version does not know it."""

    feature: str
    champion: float | None
    challenger: float | None


def change_dots(document: Mapping[str, Any]) -> tuple[ChangeDot, ...]:
    """Return the metrics that the performance gate judged, worst first; empty without a comparison.

    >>> one = {"metric": "f1", "worse_by": 0.01, "limit": 0.02, "ci_low": 0, "ci_high": 0.02, "outcome": "pass", "n": 9}
    >>> change_dots({"gates": [{"gate": "performance", "details": {"metrics": [one]}}]})[0].share
    0.5
    """
    judged = next((gate for gate in document.get("gates", ()) if gate["gate"] == "performance"), None)
    metrics = [] if judged is None else judged["details"].get("metrics", ())
    dots = [
        ChangeDot(
            metric=one["metric"],
            share=one["worse_by"] / one["limit"],
            low=one["ci_low"] / one["limit"],
            high=one["ci_high"] / one["limit"],
            outcome=one["outcome"],
            n=one["n"],
        )
        for one in metrics
        if one["limit"] and None not in (one["worse_by"], one["ci_low"], one["ci_high"])
    ]
    return tuple(sorted(dots, key=lambda dot: -dot.share))


def curve_pair(document: Mapping[str, Any], kind: str) -> CurvePair:
    """Return ``roc``, ``pr`` or ``reliability`` of both versions."""
    curves = document.get("curves") or {}
    sides = {side: (curves.get(side) or {}).get(kind) or () for side in ("champion", "challenger")}
    if kind == "reliability":
        points = {side: tuple((one["mean_score"], one["observed"]) for one in found) for side, found in sides.items()}
    else:
        points = {side: tuple((one[0], one[1]) for one in found) for side, found in sides.items()}
    return CurvePair(kind=kind, **points)


def importance_pairs(document: Mapping[str, Any]) -> tuple[SharePair, ...]:
    """Return the features whose share of the scores changed most, at most 12; of a version alone its largest."""
    found = document.get("importance") or {}
    pairs = [
        SharePair(feature=one["feature"], champion=one["champion"], challenger=one["challenger"])
        for one in found.get("changes", ())
    ]
    if not pairs:
        points = (found.get("challenger") or {}).get("points", ())
        pairs = [SharePair(feature=one["feature"], champion=None, challenger=one["share"]) for one in points]
    return tuple(pairs[:MOST_FEATURES])
