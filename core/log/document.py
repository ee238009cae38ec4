"""`model.yaml` as it comes from outside: read safely, validated by pydantic, mistakes named with their path."""

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from core.errors import BadInputError
from core.log.names import name_fault, same_name, shown
from core.windows import Grain

MAX_FEATURES = 2_000
LARGEST = sys.float_info.max
RESERVED = ("score", "actual", "decision")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones: reading them off the disk takes 10 ms."""
    return frozenset(available_timezones())


def parse_delay(text: str) -> timedelta:
    """Read a length of time such as ``36h``, ``1d`` or ``2w``.

    >>> parse_delay("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", str(text).strip())
    if match is None:
        raise ValueError("must be a length of time such as 12h, 1d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _name(value: object) -> object:
    if isinstance(value, str) and (fault := name_fault(value)) is not None:
        raise ValueError(f"the name {shown(value)} {fault}")
    return value


def _delay(value: object) -> object:
    if isinstance(value, str):
        parse_delay(value)
    return value


def _finite(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) <= LARGEST:
        raise ValueError(f"must be a finite number, not {shown(value) if isinstance(value, float) else 'one so large'}")
    return value


Name = Annotated[StrictStr, BeforeValidator(_name)]
Delay = Annotated[StrictStr, BeforeValidator(_delay)]
Number = Annotated[StrictInt | StrictFloat, BeforeValidator(_finite)]
Label = Annotated[StrictBool | StrictInt | StrictFloat | StrictStr, BeforeValidator(_finite)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeatureDocument(_Strict):
    """One feature as declared."""

    name: Name
    kind: Literal["numeric", "categorical"]
    unit: StrictStr | None = None
    meaning: StrictStr | None = None
    owner: StrictStr | None = None
    sensitive: StrictBool = False
    immutable: StrictBool = False
    monotone: Literal["increasing", "decreasing"] | None = None
    seasonal: StrictBool = False
    importance: Annotated[Number, Field(ge=0)] | None = None


class ColumnsDocument(_Strict):
    """Which column of a log plays which part."""

    prediction_id: Name
    timestamp: Name | None = None
    score: Name
    score_kind: Literal["probability", "ranking"] = "probability"
    decision: Name | None = None
    threshold: Number | None = 0.5
    actual: Name | None = None
    positive: Label = 1
    weight: Name | None = None
    amount: Name | None = None
    latency_ms: Name | None = None
    error: Name | None = None
    source: Name | None = None
    feature_set: Name | None = None
    arm: Name | None = None
    consent: Name | None = None
    features: list[FeatureDocument] = Field(max_length=MAX_FEATURES)
    segments: list[Name] = []
    segment_features: list[Name] | None = None
    protected: list[Name] = []

    @field_validator("features", mode="before")
    @classmethod
    def _either_form(cls, given: object) -> object:
        return _feature_list(given)


class WordsDocument(_Strict):
    """What a row and the two positive outcomes are called on screen."""

    row: StrictStr = "prediction"
    rows: StrictStr = "predictions"
    positive_decision: StrictStr = "positive"
    positive_actual: StrictStr = "positive"


class TimeDocument(_Strict):
    """The column that holds the unit of a grain coarser than a day."""

    column: Name


class ValueDocument(_Strict):
    """What each outcome is worth."""

    kind: Literal["confusion", "per_amount"]
    tp: Number = 0
    fp: Number = 0
    fn: Number = 0
    tn: Number = 0
    currency: StrictStr
    source: Literal["assumed", "measured", "staged"]
    baseline: StrictStr = "all_negative"
    target_month: Number | None = None


class ModelDocument(_Strict):
    """The whole of `model.yaml`."""

    model: Name
    task: Literal["binary"]
    owner: StrictStr
    risk_tier: Annotated[StrictInt, Field(ge=1, le=4)] = 3
    timezone: StrictStr = "UTC"
    grain: Grain = Grain.DAY
    time: TimeDocument | None = None
    words: WordsDocument = WordsDocument()
    columns: ColumnsDocument
    actual_delay: Delay = "1d"
    actual_window: Delay | None = None
    dedup_days: Annotated[StrictInt, Field(ge=0, le=366)] = 7
    value: ValueDocument | None = None
    limits: dict[StrictStr, Any] = {}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in _zones():
            raise ValueError(f"{shown(zone)} is not an IANA zone such as Europe/Berlin or UTC")
        ZoneInfo(zone)
        return zone

    @field_validator("model")
    @classmethod
    def _no_path(cls, name: str) -> str:
        if any(c in name for c in "/\\") or name in {".", ".."}:
            raise ValueError(f"the name {shown(name)} must not look like a path (no / and no \\)")
        return name

    @model_validator(mode="after")
    def _consistent(self) -> "ModelDocument":
        faults = [*_time_faults(self), *_column_faults(self.columns), *_limit_faults(self.limits)]
        if self.value is not None and self.value.kind == "per_amount" and self.columns.amount is None:
            faults.append("value.kind: per_amount needs columns.amount")
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _feature_list(given: object) -> object:
    """Return the normal form (a list of descriptions) of the short, the long or the normal form."""
    if not isinstance(given, Mapping):
        return given
    if given and all(isinstance(names, list) for names in given.values()):
        unknown = [kind for kind in given if kind not in ("numeric", "categorical")]
        if unknown:
            raise ValueError(f"the short form knows numeric and categorical, not {shown(unknown[0])}")
        return [{"name": name, "kind": kind} for kind, names in given.items() for name in names]
    described = []
    for name, description in given.items():
        if not isinstance(description, Mapping):
            raise ValueError(f"{shown(name)} needs a description such as {{kind: numeric}}")
        described.append({**description, "name": name})
    return described


def _time_faults(document: ModelDocument) -> list[str]:
    if document.grain is Grain.DAY:
        faults = [] if document.columns.timestamp else ["columns.timestamp: is required for the grain day"]
        return faults + (["time: belongs to the grains month, year and batch only"] if document.time else [])
    if document.grain is Grain.BATCH and document.time is None:
        return ["time: the grain batch needs the column of the batch number, time: {column: NAME}"]
    if document.time is None and document.columns.timestamp is None:
        return [f"time: the grain {document.grain} needs time: {{column: NAME}} or columns.timestamp"]
    return []


def _column_faults(columns: ColumnsDocument) -> list[str]:
    features = [feature.name for feature in columns.features]
    faults = [f"columns.features: {shown(n)} is a reserved name; rename the column" for n in features if n in RESERVED]
    faults += [f"columns.features: {shown(n)} is declared twice" for n in _repeated(features)]
    special = {role: getattr(columns, role) for role in ("prediction_id", "timestamp", "score", "decision", "actual")}
    faults += [f"columns.features: {shown(n)} is also the {r}" for r, n in special.items() if n in features]
    named = [name for name in special.values() if name is not None]
    faults += [
        f"columns: {shown(n)} cannot play two of id, timestamp, score, decision, actual" for n in _repeated(named)
    ]
    faults += [f"columns.segments: {shown(n)} is the {r}" for r, n in special.items() if n in columns.segments]
    faults += [f"columns.segments: {shown(n)} is protected" for n in columns.segments if n in columns.protected]
    for field in ("segments", "protected"):
        faults += [f"columns.{field}: {shown(n)} is named twice" for n in _repeated(getattr(columns, field))]
    wanted = columns.segment_features or []
    faults += [f"columns.segment_features: {shown(n)} is not a feature" for n in wanted if n not in features]
    if columns.score_kind == "probability" and columns.threshold is not None and not 0 <= columns.threshold <= 1:
        faults.append("columns.threshold: must lie in [0, 1] when the score is a probability")
    return faults + _storage_faults(columns)


def _storage_faults(columns: ColumnsDocument) -> list[str]:
    """A column is stored once, as a number or as text: the parts it plays must agree."""
    kinds = {feature.name: feature.kind for feature in columns.features}
    text = [*columns.segments, *columns.protected]
    text += [n for n in (columns.error, columns.source, columns.feature_set, columns.arm, columns.consent) if n]
    numbers = [n for n in (columns.weight, columns.amount, columns.latency_ms) if n]
    faults = [
        f"columns: {shown(n)} is a numeric feature and cannot also be a segment, protected or text column; "
        "declare it categorical"
        for n in dict.fromkeys(text)
        if kinds.get(n) == "numeric"
    ]
    faults += [
        f"columns: {shown(n)} must be a number to be weight, amount or latency"
        for n in numbers
        if kinds.get(n) == "categorical" or n in text
    ]
    return faults


def _limit_faults(limits: Mapping[str, Any]) -> list[str]:
    scalar = (int, float, str, bool, type(None))
    return [
        f"limits.{k}: must be a finite number, a word or one level of them"
        for k, v in limits.items()
        if not _flat(v, scalar)
    ]


def _flat(value: object, scalar: tuple[type, ...]) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else [value]
    return all(
        isinstance(item, scalar) and (not isinstance(item, int | float) or abs(item) <= LARGEST) for item in inner
    )


def _repeated(names: list[str]) -> list[str]:
    counts = Counter(same_name(name) for name in names)
    return [name for name, count in counts.items() if count > 1]


def validate(raw: Any, where: str) -> ModelDocument:
    """Return the validated document.

    Raises
    ------
    BadInputError
        One sentence that names every mistake with its path.
    """
    if not isinstance(raw, Mapping):
        raise BadInputError(f"{where} must be a mapping that begins with 'model: NAME', not {type(raw).__name__}.")
    task = raw.get("task")
    if task in ("multiclass", "regression"):
        raise BadInputError(f"{where}: the task '{task}' is not supported by this version; it watches binary models.")
    try:
        return ModelDocument.model_validate(raw)
    except ValidationError as error:
        names = _feature_names(raw)
        mistakes = list(dict.fromkeys(_mistake(item, names) for item in error.errors()))
        shown_mistakes = "; ".join(mistakes[:12]) + (f"; and {len(mistakes) - 12} more" if len(mistakes) > 12 else "")
        raise BadInputError(f"{where}: {shown_mistakes}.") from None


def _feature_names(raw: Mapping[str, Any]) -> list[str]:
    columns = raw.get("columns")
    try:
        listed = _feature_list(columns.get("features")) if isinstance(columns, Mapping) else []
    except ValueError:
        return []
    return (
        [str(item.get("name")) if isinstance(item, Mapping) else "?" for item in listed]
        if isinstance(listed, list)
        else []
    )


def _mistake(item: Mapping[str, Any], names: list[str]) -> str:
    parts = [
        part
        for part in item["loc"]
        if not str(part).startswith(("function-", "constrained-", "float", "int", "str", "bool"))
    ]
    if parts[:2] == ["columns", "features"] and len(parts) > 2 and isinstance(parts[2], int) and parts[2] < len(names):
        parts[2] = shown(names[parts[2]])
    path = ".".join(str(part) for part in parts)
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "missing":
        return f"{path} is missing"
    if item["type"] == "extra_forbidden":
        return f"{path} is not a known entry"
    given = item.get("input")
    value = f", not {shown(given)}" if isinstance(given, str | int | float) and item["type"] != "value_error" else ""
    return f"{path}: {message[0].lower()}{message[1:]}{value}" if path else message


def canonical(document: Mapping[str, Any]) -> str:
    """Return the one text of a document from which its digest is taken."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
