"""`model.yaml` as it comes from outside: read safely, validated by pydantic, mistakes named with their path."""

import json
import re
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
from core.log.coercion.texts import as_level
from core.log.consistency import LARGEST, SCORE_ENTRY, faults_of
from core.log.names import name_fault, shown
from core.windows import Grain

MAX_FEATURES = 2_000
MAX_CLASSES = 50
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
    proxy_of: tuple[Name, ...] = ()


class ClassDocument(_Strict):
    """One class of a multiclass model and the column of its score."""

    name: Name
    column: Name


class ColumnsDocument(_Strict):
    """Which column of a log plays which part.

    One of score (binary), scores (multiclass) and prediction (regression) is there, as the task says.
    """

    prediction_id: Name
    timestamp: Name | None = None
    score: Name | None = None
    scores: list[ClassDocument] | None = Field(default=None, max_length=MAX_CLASSES)
    prediction: Name | None = None
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
    group_bands: dict[Name, tuple[Number, ...]] = {}

    @field_validator("features", mode="before")
    @classmethod
    def _either_form(cls, given: object) -> object:
        return _feature_list(given)

    @field_validator("scores", mode="before")
    @classmethod
    def _by_class(cls, given: object) -> object:
        return _class_list(given)


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
    """What each outcome is worth, or what an error costs per unit."""

    kind: Literal["confusion", "per_amount", "error"]
    tp: Number = 0
    fp: Number = 0
    fn: Number = 0
    tn: Number = 0
    cost_over: Annotated[Number, Field(ge=0)] = 0
    cost_under: Annotated[Number, Field(ge=0)] = 0
    currency: StrictStr
    source: Literal["assumed", "measured", "staged"]
    baseline: Literal["all_negative", "all_positive", "reference_median"] = "all_negative"
    target_month: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _baseline_of_kind(cls, given: object) -> object:
        unnamed = isinstance(given, Mapping) and given.get("kind") == "error" and "baseline" not in given
        return {**given, "baseline": "reference_median"} if unnamed else given  # type: ignore[dict-item]


class ModelDocument(_Strict):
    """The whole of `model.yaml`."""

    model: Name
    task: Literal["binary", "multiclass", "regression"]
    owner: StrictStr
    staged: StrictBool = False
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
        faults = faults_of(self)
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


def _class_list(given: object) -> object:
    """Return the normal form, a list of class and column in the order of declaration, of ``{class: column}``."""
    if not isinstance(given, Mapping):
        return given
    wrong = [name for name in given if isinstance(name, bool) or as_level(name) is None]
    if wrong:
        raise ValueError(f"the class {shown(wrong[0])} is not a word to YAML; write it in quotes")
    return [{"name": as_level(name), "column": column} for name, column in given.items()]


def validate(raw: Any, where: str) -> ModelDocument:
    """Return the validated document.

    Raises
    ------
    BadInputError
        One sentence that names every mistake with its path.
    """
    if not isinstance(raw, Mapping):
        raise BadInputError(f"{where} must be a mapping that begins with 'model: NAME', not {type(raw).__name__}.")
    mistakes = _missing_score(raw)
    try:
        document = ModelDocument.model_validate(raw)
    except ValidationError as error:
        names = {"features": _names_in(raw, "features"), "scores": _names_in(raw, "scores")}
        mistakes = list(dict.fromkeys([*mistakes, *(_mistake(item, names) for item in error.errors())]))
    if not mistakes:
        return document
    shown_mistakes = "; ".join(mistakes[:12]) + (f"; and {len(mistakes) - 12} more" if len(mistakes) > 12 else "")
    raise BadInputError(f"{where}: {shown_mistakes}.")


def _missing_score(raw: Mapping[str, Any]) -> list[str]:
    """Return that the column of what the model says is missing: which one it is depends on the task."""
    columns, entry = raw.get("columns"), SCORE_ENTRY.get(str(raw.get("task")))
    if entry is None or not isinstance(columns, Mapping) or columns.get(entry) is not None:
        return []
    return [f"columns.{entry} is missing"]


def _names_in(raw: Mapping[str, Any], entry: str) -> list[str]:
    columns = raw.get("columns")
    given = columns.get(entry) if isinstance(columns, Mapping) else None
    try:
        listed = _feature_list(given) if entry == "features" else _class_list(given)
    except ValueError:
        return []
    named = listed if isinstance(listed, list) else []
    return [str(item.get("name")) if isinstance(item, Mapping) else "?" for item in named]


def _mistake(item: Mapping[str, Any], names: Mapping[str, list[str]]) -> str:
    parts = [
        part
        for part in item["loc"]
        if not str(part).startswith(("function-", "constrained-", "float", "int", "str", "bool"))
    ]
    listed = names.get(str(parts[1]), []) if len(parts) > 2 and parts[0] == "columns" else []
    if listed and isinstance(parts[2], int) and parts[2] < len(listed):
        parts[2] = shown(listed[parts[2]])
    path = ".".join(str(part) for part in parts)
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "missing":
        return f"{path} is missing"
    if item["type"] == "extra_forbidden":
        return f"{path} is not a known entry"
    given = item.get("input")
    value = f", not {shown(given)}" if isinstance(given, str | int | float) and item["type"] != "value_error" else ""
    return f"{path}: {message[0].lower()}{message[1:]}{value}" if path else message


def normal_form(document: ModelDocument) -> dict[str, Any]:
    """Return the whole document as plain values.

    Entries that came with later versions of Watchroom stand in it only where they say something,
    so that a `model.yaml` from before keeps its digest.
    """
    raw: dict[str, Any] = document.model_dump(mode="json")
    later: list[tuple[dict[str, Any], str, object]] = [(raw, "staged", False)]
    later += [(raw["columns"], name, None) for name in ("score", "scores", "prediction")]
    later += [(raw["columns"], "group_bands", {})]
    later += [(feature, "proxy_of", []) for feature in raw["columns"]["features"]]
    later += [(raw["value"], name, 0) for name in ("cost_over", "cost_under") if raw["value"] is not None]
    for entries, name, default in later:
        if entries[name] == default:
            del entries[name]
    return raw


def canonical(document: Mapping[str, Any]) -> str:
    """Return the one text of a document from which its digest is taken."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
