"""Which column of a log seems to play which part: by its name first, then by what its values allow."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInputError
from core.log.coercion.numbers import as_number
from core.log.coercion.texts import as_level
from core.log.consistency import RESERVED
from core.log.names import shown
from core.log.observed import Observed

IDS = ("prediction_id", "id", "request_id", "event_id", "uuid", "key", "instant", "row", "row_number", "index")
TIMES = ("timestamp", "event_time", "predicted_at", "scored_at", "created_at", "time", "datetime", "at", "date", "day")
SLICES = ("slice", "batch", "batch_number", "batch_id", "chunk", "fold", "period", "round", "week", "step")
SCORES = ("score", "probability", "proba", "prob", "y_score", "y_pred_proba", "predicted_probability", "prediction")
PREDICTIONS = (
    "prediction",
    "predicted",
    "y_pred",
    "yhat",
    "y_hat",
    "forecast",
    "predicted_value",
    "estimate",
    "pred",
    "expected",
)
ACTUALS = ("actual", "label", "target", "y_true", "y", "outcome", "ground_truth", "truth")
DECISIONS = ("decision", "y_pred", "predicted_label", "predicted", "prediction_label", "predicted_class", "prediction")
WEIGHTS = ("weight", "sample_weight", "importance_weight")
AMOUNTS = ("amount", "amt", "revenue", "turnover")
LATENCIES = ("latency_ms", "latency", "response_time_ms", "duration_ms", "elapsed_ms")
ERRORS = ("error", "error_code", "error_message", "exception")
SOURCES = ("source", "request_source", "client_app")
FEATURE_SETS = ("feature_set", "feature_version", "feature_set_version")
PROTECTED = frozenset({"sex", "gender", "race", "ethnicity", "religion", "nationality", "marital", "age_band"})
AFFIXES = ("probability", "proba", "prob", "score", "pred", "predicted", "forecast", "expected", "p")
MAX_LEVELS = 200
MAX_CLASSES = 50
MAX_SEGMENT_LEVELS = 20
_LEFT_OUT = re.compile(r"^(Unnamed|__)")
_DECIMAL_COMMA = re.compile(r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+\s*$|^\s*[+-]?\d+\s*$")
_TRUTH = {"true", "false"}
_ANSWERS = {"yes", "no", *_TRUTH}
POSITIVE_WORDS = ("1", "yes", "true", "pos", "positive")

Label = int | float | str
Left = dict[str, Observed]
"""The columns that play no part yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The column that seems to play a part, why, and whether somebody should look twice."""

    column: str
    why: str
    doubtful: bool = False


def is_time(one: Observed) -> bool:
    """Say whether a column reads as times, hardly any missing."""
    return one.time_share >= 0.99 and one.missing_share <= 0.01


def is_numeric(one: Observed) -> bool:
    """Say whether every value reads as a number."""
    return one.distinct > 0 and one.number_share == 1


def is_share(one: Observed) -> bool:
    """Say whether every value lies in [0, 1]."""
    finite = one.numbers[np.isfinite(one.numbers)]
    return is_numeric(one) and bool(len(finite)) and bool(finite.min() >= 0) and bool(finite.max() <= 1)


def is_whole(one: Observed) -> bool:
    """Say whether every value is a whole number."""
    return is_numeric(one) and bool((one.numbers % 1 == 0).all())


def is_measured(one: Observed) -> bool:
    """Say whether a column looks like a quantity rather than like a few codes."""
    return is_numeric(one) and (one.distinct > MAX_SEGMENT_LEVELS or not is_whole(one)) and one.distinct > 2


def has_decimal_commas(one: Observed) -> bool:
    """Say whether every value reads as a number once its comma is a point."""
    spelled = one.values.to_pylist() if one.is_text else []
    return bool(spelled) and all(_DECIMAL_COMMA.match(str(value)) for value in spelled)


def is_unique(one: Observed) -> bool:
    """Say whether no two rows have the same value."""
    return one.rows > 0 and one.distinct == one.rows


def labels_of(one: Observed) -> dict[str, int]:
    """Return the values of a column as a log spells them, with how often each was seen."""
    spelled = [str(as_level(value)) for value in one.values.to_pylist()]
    counts: dict[str, int] = {}
    for word, count in zip(spelled, one.counts.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + count
    return counts


def take(
    left: Left,
    names: Sequence[str],
    fits: Callable[[Observed], bool],
    *,
    kind: str = "",
    beginnings: Sequence[str] = (),
    only_whole_names: bool = False,
) -> Part | None:
    """Take the column with the first usual name that fits; else one of a similar name; else, by `kind`, the first.

    Parameters
    ----------
    kind : str
        What the values show, in words; empty: the name must be usual or similar.
    beginnings : sequence of str
        Names that begin so are similar, as those are that end in a usual name.
    """
    fitting = [one for one in left.values() if fits(one)]
    spelled = [(one, {one.name.lower(), "_".join(one.words)}) for one in fitting]
    found = [Part(column=one.name, why="the usual name") for usual in names for one, words in spelled if usual in words]
    if not only_whole_names:
        found += [
            Part(column=one.name, why=f"its name ends in {usual}", doubtful=True)
            for usual in names
            for one, words in spelled
            if len(usual) > 1 and any(word.endswith(f"_{usual}") for word in words)
        ]
    found += [
        Part(column=one.name, why=f"its name begins with {first}", doubtful=True)
        for first in beginnings
        for one, words in spelled
        if any(word.startswith(f"{first}_") for word in words)
    ]
    found += [Part(column=one.name, why=kind, doubtful=True) for one in fitting if kind]
    if found:
        del left[found[0].column]
    return found[0] if found else None


def take_class_scores(left: Left, actual: Observed | None) -> tuple[dict[str, str], float]:
    """Take the columns that hold one score for each class, as class → column, and how far their sum is from 1.

    They are named after the labels of `actual`, or share a beginning or an ending, lie in [0, 1] and
    add up to 1 within 0.02 in the first rows (they may be rounded). Nothing is taken when there are none.

    Raises
    ------
    BadInputError
        When they are more than a model may have classes.
    """
    shares = {name: one for name, one in left.items() if is_share(one) and one.missing_share == 0}
    for group in sorted(_groups(shares, actual), key=len, reverse=True):
        off = _off_one([shares[name] for name in group.values()]) if len(group) >= 2 else float("inf")
        if off > 0.02:
            continue
        if len(group) > MAX_CLASSES:
            raise BadInputError(
                f"{len(group)} columns add up to 1, one score for each class, but a model has at most {MAX_CLASSES} "
                "classes: join the rare ones, adding their scores."
            )
        for name in group.values():
            del left[name]
        return dict(sorted(group.items(), key=lambda named: list(shares).index(named[1]))), off
    return {}, 0.0


def _groups(shares: Left, actual: Observed | None) -> list[dict[str, str]]:
    labels = list(labels_of(actual)) if actual is not None and 2 <= actual.distinct <= MAX_CLASSES else []
    found = [_named_after(labels, shares)]
    for affix in AFFIXES:
        before = re.compile(rf"^(?:y_)?{affix}[_. -](?P<rest>.+)$", re.IGNORECASE)
        after = re.compile(rf"^(?P<rest>.+)[_. -]{affix}$", re.IGNORECASE)
        for pattern in (before, after):
            matched = [(pattern.match(name), name) for name in shares]
            found.append({match["rest"]: name for match, name in matched if match is not None})
    return found


def _named_after(labels: Sequence[str], shares: Left) -> dict[str, str]:
    """Return label → the first column whose name is the label or has it as a part; empty unless each has one."""
    found: dict[str, str] = {}
    for label in labels:
        pattern = re.compile(rf"(^|[_. -]){re.escape(label)}($|[_. -])", re.IGNORECASE)
        name = next((name for name in shares if pattern.search(name) and name not in found.values()), None)
        if name is None:
            return {}
        found[label] = name
    return found


def _off_one(columns: Sequence[Observed]) -> float:
    off = np.abs(np.sum([_numbers(one) for one in columns], axis=0) - 1)
    return float(off.max()) if len(off) and np.isfinite(off).all() else float("inf")


def _numbers(one: Observed) -> NDArray[np.float64]:
    return np.asarray(as_number(one.head).values.fill_null(np.nan), dtype=np.float64)


def follows_top(one: Observed, scores: Mapping[str, Observed]) -> bool:
    """Say whether a column names, in each of the first rows, the class with the highest score.

    Parameters
    ----------
    scores : mapping of class to the column of its score
    """
    classes = list(scores)
    highest = np.argmax([_numbers(score) for score in scores.values()], axis=0)
    return [as_level(value) for value in one.head.to_pylist()] == [classes[k] for k in highest]


def take_namesake(left: Left, score: Part | None) -> Part | None:
    """Take the column that a score is named after: ``sales`` beside ``predicted_sales`` or ``sales_forecast``."""
    if score is None:
        return None
    name = score.column.lower()
    for affix in AFFIXES:
        rests = {name.removeprefix(f"{affix}_"), name.removesuffix(f"_{affix}")} - {name}
        found = next((one for one in left if one.lower() in rests and left[one].distinct), None)
        if found is not None:
            del left[found]
            return Part(column=found, why=f"{shown(score.column)} is named after it", doubtful=True)
    return None


def positive_of(one: Observed | None) -> Label:
    """Return the value that seems to count as positive: 1 of 0 and 1, yes of yes and no, else the less frequent."""
    if one is None or not one.distinct or _is_truth(one) or set(one.numbers.tolist()) & {0.0, 1.0}:
        return 1
    counts = labels_of(one)
    affirmative = [word for word in counts if word.lower() in POSITIVE_WORDS]
    if len(affirmative) == 1 and not is_numeric(one):
        return affirmative[0]
    rarest = min(sorted(counts, reverse=True), key=counts.__getitem__)
    if not is_numeric(one):
        return rarest
    number = float(rarest)
    return int(number) if number.is_integer() else number


def _is_truth(one: Observed) -> bool:
    return one.distinct <= 2 and {word.lower() for word in labels_of(one)} <= _TRUTH


def decides(one: Observed, positive: Label) -> bool:
    """Say whether a column holds two decisions that can be told apart by the value that counts as positive."""
    words = labels_of(one) if one.distinct == 2 else {}
    usual = is_numeric(one) or {word.lower() for word in words} <= _ANSWERS
    apart = positive in words if isinstance(positive, str) else is_numeric(one) or _is_truth(one)
    return bool(words) and usual and apart


def features_of(left: Left) -> tuple[list[Observed], list[str]]:
    """Return (the columns that are left and can be features, the names of those that cannot)."""
    out = [n for n, one in left.items() if n in RESERVED or _LEFT_OUT.match(n) or is_time(one) or not one.distinct]
    out += [n for n, one in left.items() if n not in out and not is_numeric(one) and one.distinct > MAX_LEVELS]
    return [one for name, one in left.items() if name not in out], out


def take_shap(left: Left) -> list[str]:
    """Take the columns of SHAP values: they need no declaration."""
    found = [name for name in left if name.startswith("shap_") and name.removeprefix("shap_") in left]
    for name in found:
        del left[name]
    return found


def protected_of(features: Mapping[str, Observed]) -> list[str]:
    """Return the categorical columns whose name says that they describe a protected attribute."""
    return [
        name
        for name, one in features.items()
        if not is_numeric(one) and (name.lower() in PROTECTED or PROTECTED & set(one.words))
    ]
