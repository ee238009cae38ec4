"""What a log file seems to be the log of: the task, and the part of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.log import guess_columns as found
from core.log.guess_columns import Label, Left, Part
from core.log.names import name_fault, shown
from core.log.observed import Observed

MAX_SEGMENTS = 3
MAX_CODES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The columns that are left for features, and what else they may be.

    Attributes
    ----------
    codes : tuple of str
        Numeric ones with so few whole numbers that they may be codes.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    codes: tuple[str, ...]
    segments: tuple[str, ...]
    protected: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a file seems to be the log of.

    Attributes
    ----------
    task, task_why : str
    parts : mapping of entry to Part
        An entry of `columns`, or ``time``: the column of the batch number where there are no times.
    classes : mapping of class to column
        Multiclass only; the column is empty where none was found.
    class_off : float
        How far the scores of a row are from adding up to 1, at most.
    positive : bool, int, float or str
        The value of the actual that counts as positive (binary).
    ranking : bool
        The scores of a binary model leave [0, 1].
    shap : tuple of str
        Columns that need no declaration.
    left_out : mapping of column to why
    """

    task: str
    task_why: str
    parts: Mapping[str, Part]
    classes: Mapping[str, str]
    class_off: float
    positive: Label
    ranking: bool
    features: Features
    shap: tuple[str, ...]
    left_out: Mapping[str, str]


def guess_of(columns: Sequence[Observed], unusable: Mapping[str, str]) -> Guess:
    """Return which column seems to play which part.

    The task follows from the actual: two values make it binary, several words (or columns that add
    up to 1) multiclass, a quantity a regression; without an actual from the score.
    """
    whole = {one.name: one for one in columns}
    left = dict(whole)
    shap = found.take_shap(left)
    parts = _who_and_when(left)
    parts["actual"] = _actual(left)
    actual = _of(whole, parts["actual"])
    classes, off = found.take_class_scores(left, actual)
    pair = classes if len(classes) == 2 else {}
    if len(classes) > 2:
        parts["decision"], parts["actual"] = _of_classes(
            left, parts["actual"], {k: whole[n] for k, n in classes.items()}
        )
    parts["score"] = _of_pair(pair, actual) if pair else None if classes else _score(left)
    parts["actual"] = parts["actual"] or found.take_namesake(left, parts["score"])
    actual, score = _of(whole, parts["actual"]), _of(whole, parts["score"])
    task, why = _task(actual, score, {} if pair else classes)
    if task == "multiclass":
        classes = classes if len(classes) > 2 else dict.fromkeys(_words(actual), "")
    positive = found.positive_of(actual) if task == "binary" else 1
    parts = _further(left, task, positive, {} if "decision" in parts else classes) | parts
    parts["prediction_id"] = parts["prediction_id"] or found.take(left, (), _may_be_id, kind="no value is there twice")
    features, out = found.features_of(left)
    return Guess(
        task=task,
        task_why=why,
        parts={entry: part for entry, part in parts.items() if part is not None},
        classes=classes if task == "multiclass" else {},
        class_off=off,
        positive=positive,
        ranking=task == "binary" and score is not None and not found.is_share(score),
        features=_features(features),
        shap=tuple(shap),
        left_out={**{name: _why_out(whole[name]) for name in out}, **_other_of(pair, parts["score"]), **unusable},
    )


def _features(columns: Sequence[Observed]) -> Features:
    named = {one.name: one for one in columns}
    protected = found.protected_of(named)
    categorical = [name for name, one in named.items() if not found.is_numeric(one)]
    numeric = [name for name in named if name not in categorical]
    spread = [name for name in categorical if 2 <= named[name].distinct <= found.MAX_SEGMENT_LEVELS]
    return Features(
        numeric=tuple(numeric),
        categorical=tuple(categorical),
        codes=tuple(n for n in numeric if found.is_whole(named[n]) and 3 <= named[n].distinct <= MAX_CODES),
        segments=tuple(name for name in spread if name not in protected)[:MAX_SEGMENTS],
        protected=tuple(protected),
    )


def _of(whole: Mapping[str, Observed], part: Part | None) -> Observed | None:
    return None if part is None else whole[part.column]


def _who_and_when(left: Left) -> dict[str, Part | None]:
    times = found.take(left, found.TIMES, found.is_time, kind="the first column that reads as times")
    parts = {"timestamp": times, "prediction_id": found.take(left, found.IDS, found.is_unique)}
    if times is None:
        parts["time"] = found.take(left, found.SLICES, _is_counter, only_whole_names=True)
    return parts


def _is_counter(one: Observed) -> bool:
    return found.is_whole(one) and one.missing_share == 0


def _of_classes(left: Left, actual: Part | None, scores: Mapping[str, Observed]) -> tuple[Part | None, Part | None]:
    """Return (decision, actual) of a model of several classes: columns whose values are the classes."""

    def names_classes(one: Observed) -> bool:
        return 2 <= one.distinct <= len(scores) and found.labels_of(one).keys() <= scores.keys()

    def decides(one: Observed) -> bool:
        return names_classes(one) and found.follows_top(one, scores)

    decision = found.take(left, found.DECISIONS, names_classes)
    decision = decision or found.take(left, (), decides, kind="it names the class with the highest score")
    return decision, actual or found.take(left, (), names_classes, kind="its values are the classes")


def _actual(left: Left) -> Part | None:
    def fits(one: Observed) -> bool:
        return one.distinct <= found.MAX_CLASSES or found.is_numeric(one)

    return found.take(left, found.ACTUALS, fits) or found.take(left, ("class",), fits, only_whole_names=True)


def _score(left: Left) -> Part | None:
    """Take what the model says: a share first, then any number of several values."""

    def share(one: Observed) -> bool:
        return found.is_share(one) and one.distinct != 2

    def number(one: Observed) -> bool:
        return found.is_numeric(one) and one.distinct > 2

    names = (*found.SCORES, *found.PREDICTIONS)
    return (
        found.take(left, found.SCORES, share)
        or found.take(left, names, number)
        or found.take(left, (), lambda one: share(one) and found.is_measured(one), beginnings=found.AFFIXES)
        or found.take(left, (), found.is_measured, beginnings=("predicted", "pred", "forecast"))
    )


def _of_pair(pair: Mapping[str, str], actual: Observed | None) -> Part:
    """Return the one of two scores that add up to 1 which belongs to the positive value."""
    wanted = (str(found.positive_of(actual)).lower(), *found.POSITIVE_WORDS)
    named = {word.lower(): column for word, column in pair.items()}
    column = next((named[word] for word in wanted if word in named), list(pair.values())[-1])
    other = next(name for name in pair.values() if name != column)
    return Part(column=column, why=f"it and {shown(other)} add up to 1", doubtful=True)


def _other_of(pair: Mapping[str, str], score: Part | None) -> dict[str, str]:
    return {name: "1 minus the score" for name in pair.values() if score is not None and name != score.column}


def _task(actual: Observed | None, score: Observed | None, classes: Mapping[str, str]) -> tuple[str, str]:
    """Return the task and the reason for it."""
    if classes:
        return "multiclass", f"{len(classes)} columns add up to 1, one score for each class"
    if actual is None or not actual.distinct:
        return _task_of_score(score)
    name = shown(actual.name)
    if actual.distinct <= 2:
        return "binary", f"{name} has {'two values' if actual.distinct == 2 else 'one value'}"
    continuous = score is not None and found.is_measured(score) and not found.is_share(score)
    if found.is_measured(actual) or (found.is_numeric(actual) and continuous):
        return "regression", f"{name} is a quantity: {actual.distinct:,} different numbers"
    return "multiclass", f"{name} has {actual.distinct} different values"


def _task_of_score(score: Observed | None) -> tuple[str, str]:
    if score is None:
        return "binary", "confirm: neither a label nor a score was found"
    name = shown(score.name)
    if found.is_share(score):
        return "binary", f"confirm: {name} lies in [0, 1]; no labels were seen"
    if any(word in score.name.lower() for word in ("score", "prob")):
        return "binary", f"confirm: {name} is called a score; no labels were seen"
    return "regression", f"confirm: {name} is any number; no labels were seen"


def _words(actual: Observed | None) -> list[str]:
    """Return the labels of an actual that can be classes."""
    labels = sorted(found.labels_of(actual)) if actual is not None and actual.distinct <= found.MAX_CLASSES else []
    return [label for label in labels if name_fault(label) is None]


def _further(left: Left, task: str, positive: Label, classes: Mapping[str, str]) -> dict[str, Part | None]:
    """Take the columns beside the features, and show an amount while leaving it a feature."""

    def is_decision(one: Observed) -> bool:
        if task == "multiclass":
            return 2 <= one.distinct <= found.MAX_CLASSES and found.labels_of(one).keys() <= classes.keys()
        return task == "binary" and found.decides(one, positive)

    def is_positive(one: Observed) -> bool:
        return found.is_numeric(one) and bool((one.numbers >= 0).all())

    def is_few(one: Observed) -> bool:
        return 0 < one.distinct <= found.MAX_LEVELS and not found.is_measured(one)

    weights = found.WEIGHTS if task == "binary" else ()
    return {
        "decision": found.take(left, found.DECISIONS, is_decision),
        "weight": found.take(left, weights, is_positive, only_whole_names=True),
        "amount": found.take(dict(left), found.AMOUNTS, found.is_measured),
        "latency_ms": found.take(left, found.LATENCIES, is_positive),
        "error": found.take(left, found.ERRORS, is_few, only_whole_names=True),
        "source": found.take(left, found.SOURCES, is_few, only_whole_names=True),
        "feature_set": found.take(left, found.FEATURE_SETS, is_few, only_whole_names=True),
    }


def _may_be_id(one: Observed) -> bool:
    return found.is_unique(one) and (one.is_text or found.is_whole(one))


def _why_out(one: Observed) -> str:
    if not one.distinct:
        return "no values"
    if found.is_time(one):
        return "another time"
    if found.has_decimal_commas(one):
        return "numbers with a decimal comma: write a point"
    return "free text" if one.distinct > found.MAX_LEVELS else "a reserved or unnamed column"
