"""What the entries of `model.yaml` say together: each contradiction as one clause with its path."""

import sys
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.log.names import same_name, shown
from core.windows import Grain

if TYPE_CHECKING:
    from core.log.document import ColumnsDocument, ModelDocument, ValueDocument

LARGEST = sys.float_info.max
MAX_CUTS = 19
"""Cut points of a protected column: twenty groups, as many as a column of words has."""
RESERVED = ("score", "actual", "decision")
SCORE_ENTRY = {"binary": "score", "multiclass": "scores", "regression": "prediction"}
"""By task: the entry of `columns` that names what the model says."""
_FORMS = {"score": "COLUMN", "scores": "{CLASS: COLUMN}", "prediction": "COLUMN"}


def faults_of(document: "ModelDocument") -> list[str]:
    """Return what contradicts itself in a document whose entries are each in order."""
    return [
        *_time_faults(document),
        *_task_faults(document),
        *_column_faults(document.columns),
        *_limit_faults(document.limits),
        *_value_faults(document),
    ]


def _time_faults(document: "ModelDocument") -> list[str]:
    if document.grain is Grain.DAY:
        faults = [] if document.columns.timestamp else ["columns.timestamp: is required for the grain day"]
        return faults + (["time: belongs to the grains month, year and batch only"] if document.time else [])
    if document.grain is Grain.BATCH and document.time is None:
        return ["time: the grain batch needs the column of the batch number, time: {column: NAME}"]
    if document.time is None and document.columns.timestamp is None:
        return [f"time: the grain {document.grain} needs time: {{column: NAME}} or columns.timestamp"]
    return []


def _task_faults(document: "ModelDocument") -> list[str]:
    task, columns = document.task, document.columns
    own = SCORE_ENTRY[task]
    faults = [
        f"columns.{entry}: belongs to {other} models; a {task} model has columns.{own}: {_FORMS[own]}"
        for other, entry in SCORE_ENTRY.items()
        if entry != own and getattr(columns, entry) is not None
    ]
    return faults if task == "binary" else faults + _beyond_binary(task, columns)


def _beyond_binary(task: str, columns: "ColumnsDocument") -> list[str]:
    """Return the entries that only a binary model can have, and those of classes that do not add up."""
    found = []
    if columns.threshold not in (None, 0.5):
        found.append(f"columns.threshold: belongs to binary models; a {task} model has none")
    if columns.positive != 1:
        found.append(f"columns.positive: belongs to binary models; a {task} model has none")
    if columns.score_kind != "probability":
        found.append(f"columns.score_kind: belongs to binary models; a {task} model has none")
    if columns.weight is not None:
        found.append(f"columns.weight: weights are supported for binary models only; a {task} model must leave it out")
    if task == "regression" and columns.decision is not None:
        found.append("columns.decision: a regression model decides nothing; leave it out")
    if columns.scores is not None:
        classes = [one.name for one in columns.scores]
        found += ["columns.scores: needs at least two classes"] if len(classes) < 2 else []
        found += [f"columns.scores: the class {shown(name)} is there twice" for name in _repeated(classes)]
    return found


def _parts(columns: "ColumnsDocument") -> list[tuple[str, str]]:
    """Return (what it is, column) of the columns that can play no second part."""
    fixed = ("prediction_id", "timestamp", "score", "prediction", "decision", "actual")
    named = [(part, getattr(columns, part)) for part in fixed]
    named += [(f"score of {shown(one.name)}", one.column) for one in columns.scores or []]
    return [(part, name) for part, name in named if name is not None]


def _column_faults(columns: "ColumnsDocument") -> list[str]:
    features = [feature.name for feature in columns.features]
    faults = [f"columns.features: {shown(n)} is a reserved name; rename the column" for n in features if n in RESERVED]
    faults += [f"columns.features: {shown(n)} is declared twice" for n in _repeated(features)]
    special = _parts(columns)
    faults += [f"columns.features: {shown(n)} is also the {part}" for part, n in special if n in features]
    faults += [
        f"columns: {shown(n)} cannot play two of id, timestamp, score, decision, actual"
        for n in _repeated([name for _, name in special])
    ]
    faults += [f"columns.segments: {shown(n)} is the {part}" for part, n in special if n in columns.segments]
    faults += [f"columns.segments: {shown(n)} is protected" for n in columns.segments if n in columns.protected]
    for field in ("segments", "protected"):
        faults += [f"columns.{field}: {shown(n)} is named twice" for n in _repeated(getattr(columns, field))]
    wanted = columns.segment_features or []
    faults += [f"columns.segment_features: {shown(n)} is not a feature" for n in wanted if n not in features]
    if columns.score_kind == "probability" and columns.threshold is not None and not 0 <= columns.threshold <= 1:
        faults.append("columns.threshold: must lie in [0, 1] when the score is a probability")
    return faults + _group_faults(columns) + _storage_faults(columns)


def _group_faults(columns: "ColumnsDocument") -> list[str]:
    """Return what is wrong with the groups of protected columns and with the features that stand in for them."""
    kinds = {feature.name: feature.kind for feature in columns.features}
    words = [columns.error, columns.source, columns.feature_set, columns.arm, columns.consent]
    faults = []
    for name, cuts in columns.group_bands.items():
        where = f"columns.group_bands.{name}"
        if name not in columns.protected:
            faults.append(f"{where}: is not a protected column; name it under columns.protected")
        elif kinds.get(name) == "categorical" or name in words:
            faults.append(f"{where}: bands belong to numeric columns, and {shown(name)} holds words")
        if not cuts or any(low >= high for low, high in pairwise(cuts)):
            faults.append(f"{where}: needs cut points that increase, such as [25, 40, 60]")
        if len(cuts) > MAX_CUTS:
            faults.append(f"{where}: has {len(cuts)} cut points; at most {MAX_CUTS} are counted")
    for feature in columns.features:
        where = f"columns.features.{shown(feature.name)}.proxy_of"
        faults += [
            f"{where}: {shown(n)} is not a protected column" for n in feature.proxy_of if n not in columns.protected
        ]
        faults += [f"{where}: names the feature itself"] if feature.name in feature.proxy_of else []
    return faults


def _storage_faults(columns: "ColumnsDocument") -> list[str]:
    """A column is stored once, as a number or as text: the parts it plays must agree."""
    kinds = {feature.name: feature.kind for feature in columns.features}
    words = [*columns.segments]
    words += [n for n in (columns.error, columns.source, columns.feature_set, columns.arm, columns.consent) if n]
    text = [*words, *columns.protected]
    numbers = [n for n in (columns.weight, columns.amount, columns.latency_ms) if n]
    scores = [one.column for one in columns.scores or []]
    faults = [
        f"columns: {shown(n)} is a numeric feature and cannot also be a segment or text column; declare it categorical"
        for n in dict.fromkeys(words)
        if kinds.get(n) == "numeric"
    ]
    faults += [
        f"columns: {shown(n)} must be a number to be weight, amount or latency"
        for n in numbers
        if kinds.get(n) == "categorical" or n in text
    ]
    faults += [f"columns: {shown(n)} is the score of a class and nothing else" for n in scores if n in text]
    second = columns.actual if columns.actual in (*text, *numbers) else None
    return faults if second is None else [*faults, f"columns: {shown(second)} is the actual and nothing else"]


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


def _value_faults(document: "ModelDocument") -> list[str]:
    value, task = document.value, document.task
    if value is None:
        return []
    if task == "multiclass":
        return ["value: is supported for binary and regression models only; a multiclass model must leave it out"]
    if task == "regression" and value.kind != "error":
        return [f"value.kind: {value.kind} belongs to binary models; a regression model is valued by kind: error"]
    if task == "binary" and value.kind == "error":
        return ["value.kind: error belongs to regression models; use confusion or per_amount"]
    if value.kind == "per_amount" and document.columns.amount is None:
        return ["value.kind: per_amount needs columns.amount"]
    return _outcome_faults(value)


def _outcome_faults(value: "ValueDocument") -> list[str]:
    outcomes, costs = (value.tp, value.fp, value.fn, value.tn), (value.cost_over, value.cost_under)
    known = ("reference_median",) if value.kind == "error" else ("all_negative", "all_positive")
    faults = []
    if value.baseline not in known:
        faults.append(f"value.baseline: must be {' or '.join(known)} for the kind {value.kind}, not {value.baseline}")
    if value.kind == "error" and any(outcomes):
        faults.append("value: tp, fp, fn and tn belong to the kinds confusion and per_amount")
    if value.kind == "error" and not any(costs):
        faults.append("value: the kind error needs cost_over or cost_under above 0")
    if value.kind != "error" and any(costs):
        faults.append("value: cost_over and cost_under belong to the kind error")
    return faults


def _repeated(names: list[str]) -> list[str]:
    counts = Counter(same_name(name) for name in names)
    return [name for name, count in counts.items() if count > 1]
