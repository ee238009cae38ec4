"""What Watchroom knows of a version and fills into its model card; put together by whoever calls the services."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFact:
    """A feature as the schema declares it."""

    name: str
    kind: str
    unit: str
    meaning: str
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFact:
    """A metric in the reference and in the last window; `why` says why there is no value."""

    metric: str
    reference: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFact:
    """A check with the limits in force."""

    check: str
    title: str
    warning: float | None
    critical: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFact:
    """The distance between the groups of a protected column, as it was released: no group's size is in it."""

    column: str
    metric: str
    value: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card is filled with.

    Attributes
    ----------
    window : str
        The window of `results`, as text; empty without one.
    fairness : tuple of GapFact
        Empty where nothing is released; `fairness_why` then says why.
    protected : tuple of str
        Names of the protected columns.
    explanation : str
        How the influence of features is told; empty where it is not.
    """

    model: str
    version: str
    task: str
    owner: str
    tier: int
    staged: bool
    added: date
    added_by: str
    artifact_sha256: str | None
    schema_revision: int
    target: str
    label_delay: str
    features: tuple[FeatureFact, ...]
    reference_rows: int | None
    reference_sha256: str | None
    window: str
    results: tuple[ResultFact, ...]
    limits: tuple[LimitFact, ...]
    protected: tuple[str, ...]
    fairness: tuple[GapFact, ...]
    fairness_why: str
    explanation: str


def filled(facts: CardFacts) -> frozenset[str]:
    """Return which parts of `core.cards.card.KNOWN` are filled in, or do not apply: no protected column, no gaps."""
    there = {
        "features": bool(facts.features),
        "reference": facts.reference_rows is not None,
        "results": any(one.value is not None or one.reference is not None for one in facts.results),
        "limits": bool(facts.limits),
        "explanation": bool(facts.explanation),
        "fairness": bool(facts.fairness) or not facts.protected,
    }
    return frozenset(code for code, is_there in there.items() if is_there)
