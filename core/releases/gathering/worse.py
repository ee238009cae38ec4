"""What gets worse first: every figure of a comparison in one list, the most harmful at the top."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.releases.gates.change import Change
from core.releases.gates.fairness import GapChange
from core.releases.gates.limits import GateLimits
from core.releases.gates.performance import WORDS
from core.releases.gates.worst_segment import SegmentSearch

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """One figure that got worse.

    Attributes
    ----------
    worse_by, ci_low, ci_high : float
        In the unit of the figure; above 0 is worse.
    limit : what the gate of it allows
    conclusive : the whole interval is worse
    """

    what: str
    kind: str
    gate: str
    champion: float
    challenger: float
    worse_by: float
    ci_low: float
    ci_high: float
    limit: float
    conclusive: bool
    n: int


def worse_first(
    changes: Sequence[Change], segments: SegmentSearch | None, gaps: Sequence[GapChange], task: str, limits: GateLimits
) -> list[dict[str, Any]]:
    """Return what is worse in the challenger by its point estimate, as plain values.

    What is worse for sure comes before what may be chance; inside both the largest harm as a share of its limit.
    """
    found = [*_metrics(changes, task, limits), *_segments(segments), *_gaps(gaps, limits)]
    worse = [one for one in found if one.worse_by > 0]
    worse.sort(key=lambda one: (not one.conclusive, -one.worse_by / one.limit if one.limit > 0 else 0.0))
    return [asdict(one) for one in worse[:MOST]]


def _metrics(changes: Sequence[Change], task: str, limits: GateLimits) -> list[Worse]:
    margins = limits.performance.get(task, {})
    return [
        Worse(
            what=WORDS.get(one.metric, one.metric),
            kind="metric",
            gate="performance",
            champion=one.champion,
            challenger=one.challenger,
            worse_by=one.harm,
            ci_low=one.low,
            ci_high=one.high,
            limit=margins[one.metric].of(one.champion),
            conclusive=one.low > 0,
            n=one.n,
        )
        for one in changes
        if one.metric in margins
    ]


def _segments(found: SegmentSearch | None) -> list[Worse]:
    if found is None:
        return []
    return [
        Worse(
            what=f"{found.loss} where {one.where}",
            kind="segment",
            gate="worst_segment",
            champion=one.champion,
            challenger=one.champion + one.harm,
            worse_by=one.shown,
            ci_low=one.least,
            ci_high=one.high,
            limit=found.limit,
            conclusive=one.worse <= 0.02,
            n=one.n,
        )
        for one in found.segments
    ]


def _gaps(found: Sequence[GapChange], limits: GateLimits) -> list[Worse]:
    return [
        Worse(
            what=f"{one.gap.replace('_', ' ')} of {one.column}",
            kind="gap",
            gate="fairness",
            champion=one.champion,
            challenger=one.challenger,
            worse_by=one.harm,
            ci_low=one.low,
            ci_high=one.high,
            limit=limits.fairness,
            conclusive=one.low > 0,
            n=one.n,
        )
        for one in found
        if not one.reason
    ]


def changed_importance(champion: Mapping[str, float], challenger: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the share of each feature in both versions, the largest change first.

    >>> changed_importance({"a": 0.6, "b": 0.4}, {"a": 0.9, "c": 0.1})[0]["feature"]
    'b'
    """
    names = dict.fromkeys([*champion, *challenger])
    found = [{"feature": name, "champion": champion.get(name), "challenger": challenger.get(name)} for name in names]
    return sorted(found, key=lambda one: -abs((one["champion"] or 0.0) - (one["challenger"] or 0.0)))
