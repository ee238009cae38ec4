"""The schema of a model: what `model.yaml` says, validated, immutable, with an identity."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from core.log.document import (
    ColumnsDocument,
    ModelDocument,
    ValueDocument,
    WordsDocument,
    canonical,
    normal_form,
    parse_delay,
    validate,
)
from core.log.plain_yaml import read_text, read_yaml
from core.windows import Grain

Label = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature as its owner declared it.

    Attributes
    ----------
    kind : ``numeric`` or ``categorical``
    monotone : ``increasing``, ``decreasing`` or None
    seasonal : bool
        Compared with the 28 days before a window instead of with training.
    importance : float >= 0 or None
    proxy_of : tuple of str
        Protected columns that this feature is known to stand in for.
    """

    name: str
    kind: str
    unit: str | None = None
    meaning: str | None = None
    owner: str | None = None
    sensitive: bool = False
    immutable: bool = False
    monotone: str | None = None
    seasonal: bool = False
    importance: float | None = None
    proxy_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSchema:
    """One revision of a model's schema.

    Attributes
    ----------
    task : ``binary``, ``multiclass`` or ``regression``
    zone : ZoneInfo
        The model's own calendar.
    time_column : str or None
        Column that holds the unit itself, for the grains month, year and batch.
    features : mapping of name to Feature, in order of declaration
    segments : tuple of str
        Columns; they may be categorical features too.
    segment_features : tuple of str or None
        Features profiled per segment; None: the most important ones.
    staged : bool
        The model is a sample whose incidents were put in by us.
    threshold : float or None
        Binary: decision = score >= threshold where no decision was logged.
    positive : bool, int, float or str
        The value of `actual` that counts as positive.
    actual_delay : timedelta
        How long an actual usually takes.
    actual_window : timedelta or None
        How far back an actual without a timestamp may apply.
    limits : mapping of check code to override
    """

    model: str
    task: str
    owner: str
    risk_tier: int
    zone: ZoneInfo
    grain: Grain
    time_column: str | None
    words: WordsDocument
    columns: ColumnsDocument
    features: Mapping[str, Feature]
    actual_delay: timedelta
    actual_window: timedelta | None
    dedup_days: int
    value: ValueDocument | None
    limits: Mapping[str, Any]
    staged: bool
    digest: str
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in order of declaration."""
        return tuple(self.features)

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segment columns."""
        return tuple(self.columns.segments)

    @property
    def segment_features(self) -> tuple[str, ...] | None:
        """Features profiled per segment as declared, or None."""
        declared = self.columns.segment_features
        return None if declared is None else tuple(declared)

    @property
    def protected(self) -> tuple[str, ...]:
        """Names of the protected columns."""
        return tuple(self.columns.protected)

    @property
    def group_bands(self) -> Mapping[str, tuple[float, ...]]:
        """Cut points of the groups of numeric protected columns, as declared: right-open bands."""
        return {name: tuple(float(cut) for cut in cuts) for name, cuts in self.columns.group_bands.items()}

    def proxies_of(self, protected: str) -> tuple[str, ...]:
        """Return the features that are declared to stand in for a protected column, in order of declaration."""
        return tuple(name for name, feature in self.features.items() if protected in feature.proxy_of)

    @property
    def prediction_id(self) -> str:
        """Column of the prediction's id."""
        return self.columns.prediction_id

    @property
    def timestamp(self) -> str | None:
        """Column of the event time."""
        return self.columns.timestamp

    @property
    def score(self) -> str:
        """Column of the score or of the prediction; the reserved word ``score`` where each class has its own."""
        return self.columns.score or self.columns.prediction or "score"

    @property
    def classes(self) -> tuple[str, ...]:
        """Multiclass: the classes in order of declaration, which gives their codes; else empty."""
        return tuple(one.name for one in self.columns.scores or ())

    @property
    def class_columns(self) -> tuple[str, ...]:
        """Multiclass: the score columns in the order of `classes`; else empty."""
        return tuple(one.column for one in self.columns.scores or ())

    @property
    def score_columns(self) -> tuple[str, ...]:
        """The columns of a file that hold what the model says: one, or one a class."""
        return self.class_columns or (self.score,)

    @property
    def score_kind(self) -> str:
        """``probability`` or ``ranking``; ``prediction`` for a regression."""
        return "prediction" if self.task == "regression" else self.columns.score_kind

    @property
    def decision(self) -> str | None:
        """Column of the logged decision."""
        return self.columns.decision

    @property
    def threshold(self) -> float | None:
        """Binary: smallest score that is decided as positive; else None."""
        declared = self.columns.threshold if self.task == "binary" else None
        return None if declared is None else float(declared)

    @property
    def actual(self) -> str | None:
        """Column of the actual."""
        return self.columns.actual

    @property
    def positive(self) -> Label:
        """The value of the actual that counts as positive."""
        return self.columns.positive

    @property
    def weight(self) -> str | None:
        """Column of the importance weight."""
        return self.columns.weight

    @property
    def amount(self) -> str | None:
        """Column of the money."""
        return self.columns.amount

    @property
    def latency_ms(self) -> str | None:
        """Column of the latency in milliseconds."""
        return self.columns.latency_ms

    @property
    def error(self) -> str | None:
        """Column of the request's error."""
        return self.columns.error

    @property
    def source(self) -> str | None:
        """Column of the request's source."""
        return self.columns.source

    @property
    def feature_set(self) -> str | None:
        """Column of the version of the feature definitions."""
        return self.columns.feature_set

    def document(self) -> dict[str, Any]:
        """Return the normal form as plain values, for storing."""
        return dict(self.raw)


def load_schema(source: Path | str) -> ModelSchema:
    """Return the schema in a `model.yaml` file (a Path) or in its text (a str).

    Raises
    ------
    BadInputError
        One sentence that names every mistake with its path.

    >>> load_schema("{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s,"
    ...             " features: {numeric: [a]}}}").feature_names
    ('a',)
    """
    where, text = (source.name, read_text(source)) if isinstance(source, Path) else ("model.yaml", source)
    return _schema(validate(read_yaml(text, where), where))


def from_document(document: Mapping[str, Any]) -> ModelSchema:
    """Return the schema of a stored document."""
    return _schema(validate(document, "the stored schema"))


def _schema(document: ModelDocument) -> ModelSchema:
    raw = normal_form(document)
    features = {item.name: Feature(**item.model_dump()) for item in document.columns.features}
    return ModelSchema(
        model=document.model,
        task=document.task,
        owner=document.owner,
        risk_tier=document.risk_tier,
        zone=ZoneInfo(document.timezone),
        grain=document.grain,
        time_column=document.time.column if document.time else None,
        words=document.words,
        columns=document.columns,
        features=MappingProxyType(features),
        actual_delay=parse_delay(document.actual_delay),
        actual_window=parse_delay(document.actual_window) if document.actual_window else None,
        dedup_days=document.dedup_days,
        value=document.value,
        limits=MappingProxyType(dict(document.limits)),
        staged=document.staged,
        digest=hashlib.sha256(canonical(raw).encode()).hexdigest(),
        raw=MappingProxyType(raw),
    )
