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
    """A metric (`name`: in words) in the reference and in the last window; `why` says why there is no value."""

    metric: str
    name: str
    reference: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFact:
    """A check with the limits in force."""

    title: str
    warning: float | None
    critical: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFact:
    """The distance (`name`: in words) between the groups of a protected column, as released: no size is in it."""

    column: str
    name: str
    value: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything that a card is filled with.

    Attributes
    ----------
    window : str
        The window of `results` in words, its last unit included; empty without one.
    fairness : tuple of GapFact
        Empty where nothing is released; `fairness_why` then says why.
    protected : tuple of str
        Names of the protected columns.
    explanation : str
        How the influence of features is told; empty where it is not.
    known : frozenset of str
        Which parts of `core.cards.card.KNOWN` are known or do not apply, whether or not the reader may see them.
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
    known: frozenset[str]
