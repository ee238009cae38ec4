"""The risk tier of a model: a score from 0 to 100 out of its record, floors, and an override that lapses.

Score = exposure (35) + purpose and harm to persons (30) + automation (15) + complexity (10) + doubt in data and
vendors (10). Tier 1 from 70, tier 2 from 45, tier 3 from 20, tier 4 below. Within a part the worst counts, so that
raising any input never lowers the tier. Floors: a high-risk use under the EU AI Act or a regulatory capital figure is
at least tier 2; a decision against a person that no person confirms or watches is tier 1. Tier 1 is the strictest,
so that a *lower number* is a *higher* tier; "raise" and "lower" speak of the tier, not of its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from core.inventory.field_types import is_empty
from core.inventory.fields import BY_CODE, Field

TIER_FROM = ((70, 1), (45, 2), (20, 3), (0, 4))
"""The lowest score of each tier, strictest first."""

AMOUNT_POINTS = ((100e6, 35), (10e6, 28), (1e6, 21), (100e3, 14), (10e3, 7), (0, 0))
"""Points from an exposure a year upwards, in the currency of the model."""
VOLUME_POINTS = ((10e6, 25), (1e6, 20), (100e3, 15), (10e3, 10), (1e3, 5), (0, 0))
"""Points from a number of decisions a year upwards."""

POINTS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "purpose": {"insight": 0, "operations": 8, "customer": 14, "financial": 20, "regulatory": 26},
        "harm": {"none": 0, "inconvenience": 8, "financial": 18, "rights": 26, "safety": 30},
        "automation": {"advice": 0, "human_in_loop": 5, "human_on_loop": 10, "autonomous": 15},
        "complexity": {"rules": 0, "linear": 3, "ensemble": 6, "deep": 8, "generative": 10},
        "data_doubt": {"own_documented": 0, "own_gaps": 4, "third_party": 7, "unknown": 10},
    }
)
"""Points of each word of a choice; the largest of a part is its weight."""

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"exposure": 35, "purpose and harm": 30, "automation": 15, "complexity": 10, "data and vendors": 10}
)

INPUTS = (
    "exposure_amount",
    "decisions_per_year",
    *POINTS,
    "ai_act_class",
    "regulatory_capital",
    "affects_persons",
    "adverse_to_persons",
)
"""The fields that the tier is computed from; it needs them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierScore:
    """How a tier was computed.

    Attributes
    ----------
    parts : mapping of part to points, in the order of `WEIGHTS`
    score : int in [0, 100]
    floors : tuple of str
        The floors that hold, in words, whether or not the score alone would reach them.
    tier : int in 1..4
    """

    parts: Mapping[str, int]
    score: int
    floors: tuple[str, ...]
    tier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierOverride:
    """A tier that a person put in the place of the computed one, until `expires_at` or until it was ended."""

    id: int
    model_id: int
    tier: int
    reason: str
    set_by: str
    set_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it counts at `at`: set, not ended, not lapsed."""
        return self.set_at <= at < self.expires_at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStanding:
    """The declared, the computed and the overridden tier side by side, and which of them is in force.

    Attributes
    ----------
    override : the last one that was set, also when it no longer counts
    source : ``override``, ``computed`` or ``declared``
    """

    declared: int
    computed: TierScore | None
    override: TierOverride | None
    in_force: int
    source: str


def missing_inputs(document: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields that the tier is computed from and that say nothing yet."""
    return tuple(BY_CODE[code] for code in INPUTS if is_empty(document.get(code)))


def tier_score(document: Mapping[str, Any]) -> TierScore | None:
    """Return the tier that a record computes to; None while one of `INPUTS` is missing.

    Parameters
    ----------
    document : a record in the normal form of `core.inventory.fields.checked`

    >>> calm = dict.fromkeys(("regulatory_capital", "affects_persons", "adverse_to_persons"), False)
    >>> calm |= {"exposure_amount": 2e6, "decisions_per_year": 0, "purpose": "operations", "harm": "none"}
    >>> calm |= {"automation": "human_on_loop", "complexity": "ensemble", "data_doubt": "own_documented"}
    >>> found = tier_score(calm | {"ai_act_class": "minimal"})
    >>> found.score, found.tier
    (45, 2)
    """
    if missing_inputs(document):
        return None
    points = {code: words[document[code]] for code, words in POINTS.items()}
    amount = _from(AMOUNT_POINTS, document["exposure_amount"])
    parts = {
        "exposure": max(amount, _from(VOLUME_POINTS, document["decisions_per_year"])),
        "purpose and harm": max(points["purpose"], points["harm"]),
        "automation": points["automation"],
        "complexity": points["complexity"],
        "data and vendors": points["data_doubt"],
    }
    score, floors = sum(parts.values()), _floors(document)
    tier = min(_from_score(score), *floors.values(), 4)
    return TierScore(parts=MappingProxyType(parts), score=score, floors=tuple(floors), tier=tier)


def tier_in_force(declared: int, computed: int | None, override: TierOverride | None, at: datetime) -> int:
    """Return the tier that counts at `at`: the override while it stands, else the computed, else the declared one."""
    if override is not None and override.stands(at):
        return override.tier
    return declared if computed is None else computed


def tier_standing(
    declared: int, document: Mapping[str, Any], override: TierOverride | None, at: datetime
) -> TierStanding:
    """Return every tier of a model and which one is in force at `at`.

    Parameters
    ----------
    declared : the `risk_tier` of model.yaml
    """
    computed = tier_score(document)
    by_hand = override is not None and override.stands(at)
    return TierStanding(
        declared=declared,
        computed=computed,
        override=override,
        in_force=tier_in_force(declared, computed.tier if computed else None, override, at),
        source="override" if by_hand else "declared" if computed is None else "computed",
    )


def lowers(tier: int, *, below: int) -> bool:
    """Whether `tier` is lower (less strict) than `below`; that needs a validator, raising needs nobody else.

    >>> lowers(3, below=2), lowers(1, below=2)
    (True, False)
    """
    return tier > below


def _from(points: tuple[tuple[float, int], ...], value: float) -> int:
    return next(given for lowest, given in points if value >= lowest)


def _from_score(score: int) -> int:
    return next(tier for lowest, tier in TIER_FROM if score >= lowest)


def _floors(document: Mapping[str, Any]) -> dict[str, int]:
    against_persons = document["affects_persons"] and document["adverse_to_persons"]
    held = {
        "high-risk use under the EU AI Act": (2, document["ai_act_class"] == "high"),
        "feeds a regulatory capital figure": (2, document["regulatory_capital"]),
        "decides alone against persons": (1, against_persons and document["automation"] == "autonomous"),
    }
    return {words: tier for words, (tier, holds) in held.items() if holds}
