"""A first `model.yaml` from a log file: what each column seems to be, to be checked by a person."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.log.coercion.texts import as_level
from core.log.document import RESERVED
from core.log.files import open_source
from core.log.names import shown
from core.log.observed import Observed, observe
from core.log.plain_yaml import quoted

MAX_LEVELS = 200
IDS = ("prediction_id", "id", "request_id", "event_id", "uuid", "key")
TIMES = ("timestamp", "event_time", "predicted_at", "scored_at", "created_at", "time", "datetime", "at", "date")
SCORES = ("score", "probability", "proba", "prob", "y_score", "y_pred_proba", "predicted_probability", "prediction")
ACTUALS = ("actual", "label", "target", "y_true", "y", "outcome", "ground_truth", "truth")
DECISIONS = ("decision", "y_pred", "predicted_label", "predicted", "prediction_label")
_LEFT_OUT = re.compile(r"^(shap_|Unnamed|__)")
_TRUTH = {"true", "false"}
_ANSWERS = {"yes", "no", *_TRUTH}

Label = int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column seems to play which part; None: none does."""

    prediction_id: str | None
    timestamp: str | None
    score: str | None
    ranking: bool
    actual: str | None
    decision: str | None
    positive: Label
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    segments: tuple[str, ...]
    left_out: tuple[str, ...]


def guess_schema(file: Path) -> str:
    """Return the text of a `model.yaml` for a log file, with a comment wherever it is a guess.

    Looks at the beginning of the file: names that are usual for a part come first, then what the
    values allow. What is left is a feature: numeric when every value is a number, categorical
    with at most 200 levels, else left out by name.

    Raises
    ------
    BadInputError
        When the file cannot be read.
    """
    columns, unusable = observe(open_source(file))
    return _text(file.stem, _guess(columns, unusable))


def _is_time(one: Observed) -> bool:
    return one.time_share >= 0.99 and one.missing_share <= 0.01


def _is_numeric(one: Observed) -> bool:
    return one.distinct > 0 and one.number_share == 1


def _is_share(one: Observed) -> bool:
    finite = one.numbers[np.isfinite(one.numbers)]
    return bool(len(finite)) and bool(finite.min() >= 0) and bool(finite.max() <= 1)


def _labels(one: Observed) -> dict[str, int]:
    """Return the values of a column as a log spells them, with how often each was seen."""
    spelled = [str(as_level(value)) for value in one.values.to_pylist()]
    counts: dict[str, int] = {}
    for word, count in zip(spelled, one.counts.tolist(), strict=True):
        counts[word] = counts.get(word, 0) + count
    return counts


def _is_truth(one: Observed) -> bool:
    return one.distinct <= 2 and {word.lower() for word in _labels(one)} <= _TRUTH


def _positive(one: Observed | None) -> Label:
    """Return the value that seems to count as positive: 1 where labels are 0 and 1, else the less frequent one."""
    if one is None or not one.distinct or _is_truth(one) or set(one.numbers.tolist()) & {0.0, 1.0}:
        return 1
    counts = _labels(one)
    rarest = min(sorted(counts, reverse=True), key=counts.__getitem__)
    if not _is_numeric(one):
        return rarest
    number = float(rarest)
    return int(number) if number.is_integer() else number


def _speaks_of(one: Observed, positive: Label) -> bool:
    """Say whether decisions in this column can be told apart by the value that counts as positive."""
    return positive in _labels(one) if isinstance(positive, str) else _is_numeric(one) or _is_truth(one)


def _guess(columns: Sequence[Observed], unusable: Mapping[str, str]) -> Guess:
    left = {one.name: one for one in columns}
    timestamp = _take(left, TIMES, _is_time, by_kind=True)
    prediction_id = _take(left, IDS, lambda one: one.distinct == one.rows, by_kind=True)
    score = _take(left, SCORES, lambda one: _is_numeric(one) and _is_share(one) and one.distinct != 2, by_kind=False)
    ranking = score is None
    score = score or _take(left, SCORES, lambda one: _is_numeric(one) and one.distinct > 2, by_kind=False)
    actual = _take(left, ACTUALS, lambda one: one.distinct <= 2, by_kind=False)
    positive = _positive(actual)
    decision = _take(left, DECISIONS, lambda one: _is_binary(one) and _speaks_of(one, positive), by_kind=False)
    out = [n for n, one in left.items() if n in RESERVED or _LEFT_OUT.match(n) or _is_time(one) or not one.distinct]
    out += [n for n, one in left.items() if n not in out and not _is_numeric(one) and one.distinct > MAX_LEVELS]
    rest = [one for name, one in left.items() if name not in out]
    categorical = [one for one in rest if not _is_numeric(one)]
    return Guess(
        prediction_id=_name(prediction_id),
        timestamp=_name(timestamp),
        score=_name(score),
        ranking=ranking and score is not None,
        actual=_name(actual),
        decision=_name(decision),
        positive=positive,
        numeric=tuple(one.name for one in rest if _is_numeric(one)),
        categorical=tuple(one.name for one in categorical),
        segments=tuple(one.name for one in categorical if 2 <= one.distinct <= 20)[:2],
        left_out=(*out, *unusable),
    )


def _is_binary(one: Observed) -> bool:
    return one.distinct == 2 and (_is_numeric(one) or {word.lower() for word in _labels(one)} <= _ANSWERS)


def _name(one: Observed | None) -> str | None:
    return None if one is None else one.name


def _take(
    left: dict[str, Observed], names: Sequence[str], fits: Callable[[Observed], bool], *, by_kind: bool
) -> Observed | None:
    """Take the column with the first usual name that fits; then one whose name ends so; then the first that fits."""
    fitting = [one for one in left.values() if fits(one)]
    spelled = [(one, {one.name.lower(), "_".join(one.words)}) for one in fitting]
    exact = [one for usual in names for one, words in spelled if usual in words]
    similar = [one for usual in names for one, words in spelled if any(word.endswith(f"_{usual}") for word in words)]
    found = next(iter([*exact, *similar, *(fitting if by_kind else [])]), None)
    if found is not None:
        del left[found.name]
    return found


def _text(stem: str, guess: Guess) -> str:
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.")[:100] or "model"
    positive = quoted(guess.positive) if isinstance(guess.positive, str) else guess.positive
    lines = [
        "# Guessed from a log file: read every line, mend it, then run watchroom model add on this file.",
        f"model: {quoted(model)}",
        "task: binary",
        "owner: unknown                # check: who answers for this model",
        "timezone: UTC                 # check: the calendar in which its days begin",
        "columns:",
        _line("prediction_id", guess.prediction_id, "id", "every value is unique"),
        _line("timestamp", guess.timestamp, "timestamp", "the time of the prediction, not of the actual"),
        _line("score", guess.score, "score", "values in [0, 1]; otherwise declare score_kind: ranking"),
        *(["  score_kind: ranking         # check: values outside [0, 1] were seen"] if guess.ranking else []),
        _line("decision", guess.decision, None, "the logged decision; null: score >= threshold"),
        f"  threshold: {'null' if guess.ranking else 0.5}              # check: the score from which it decides",
        _line("actual", guess.actual, None, "the label, if this file has it; may come later in files of its own"),
        f"  positive: {positive}          # check: the value of the actual that counts as positive",
        "  features:                   # check: nothing that is known only after the prediction",
        f"    numeric: {_names(guess.numeric)}",
        f"    categorical: {_names(guess.categorical)}",
        f"  segments: {_names(guess.segments)}          # check: columns to compare groups by",
        "  protected: []               # check: protected attributes, kept apart from segments",
        "actual_delay: 1d              # check: how long an actual usually takes",
    ]
    if guess.left_out:
        names = ", ".join(map(shown, guess.left_out))
        lines.append(f"# left out (another time, no values, free text, reserved or unusable): {names}")
    return "\n".join(lines) + "\n"


def _line(part: str, name: str | None, fallback: str | None, note: str) -> str:
    if name is None and fallback is None:
        return f"  {part}: null                # none found; {note}"
    if name is None:
        return f"  {part}: {fallback}          # NOT FOUND: name the column; {note}"
    return f"  {part}: {quoted(name)}          # check: {note}"


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(map(quoted, names)) + "]"
