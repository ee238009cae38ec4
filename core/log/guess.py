"""A first `model.yaml` from a log file: what each column seems to be, to be confirmed by a person."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.log.files import open_source
from core.log.guess_columns import Part
from core.log.guessed import Features, Guess, guess_of
from core.log.names import shown
from core.log.observed import observe
from core.log.plain_yaml import quoted

WIDTH = 36
"""Column at which the comments begin."""
NOTES = {
    "timestamp": "the time of the prediction, not of the actual",
    "decision": "the logged decision",
    "actual": "what turned out to be true",
    "weight": "importance weight of the row",
    "amount": "the money of the row; it stays a feature too",
    "latency_ms": "milliseconds that the answer took",
    "error": "a request that failed has a value here",
    "source": "where the request came from",
    "feature_set": "version of the feature definitions",
}
_SCORE = {
    "binary": "no column looks like the score of the model; add it, in [0, 1] or any ranking",
    "multiclass": "no columns hold one score for each class; write the probability of each, adding up to 1",
    "regression": "no column looks like the prediction of the model; add it",
}
_VALUE = {
    "binary": "{kind: confusion, tp: 0, fp: 0, fn: 0, tn: 0, currency: EUR, source: assumed, baseline: all_negative}",
    "regression": "{kind: error, cost_over: 1, cost_under: 1, currency: EUR, source: assumed}",
}


def guess_schema(file: Path) -> str:
    """Return the text of a `model.yaml` for a log file, each line with the reason for it.

    Looks at the beginning of the file: names that are usual for a part come first, then what the
    values allow. What is left is a feature: numeric when every value is a number, categorical with
    at most 200 levels, else left out by name. What a person must look at is marked ``confirm``;
    what the file lacks stands first as ``MISSING``, with a name to be given to it in its place, so
    that the text loads either way.

    Raises
    ------
    BadInputError
        When the file cannot be read.
    """
    columns, unusable = observe(open_source(file))
    guess = guess_of(columns, unusable)
    taken = {one.name for one in columns} | {*unusable}
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-.")[:100] or "model"
    lines = [
        f"# Guessed from the first {columns[0].rows:,} rows of {shown(file.name)}. Each line says why; decide where it",
        '# says "confirm". Then: watchroom model add model.yaml',
        *(f"# MISSING: {one}." for one in _missing(guess)),
        _line(f"model: {quoted(model)}", "confirm: the name under which it is shown"),
        _line(f"task: {guess.task}", guess.task_why),
        _line("owner: unknown", "confirm: who answers for this model"),
        *_time(guess, taken),
        "columns:",
        *(f"  {line}" for line in _columns(guess, taken)),
    ]
    if "timestamp" in guess.parts:
        lines.append(_line("actual_delay: 1d", "confirm: how long an actual usually takes"))
    if guess.task in _VALUE:
        lines += [
            "# What it is worth, once somebody has said so (source: measured or assumed):",
            f"# value: {_VALUE[guess.task]}",
        ]
    return "\n".join([*lines, *_notes(guess)]) + "\n"


def _missing(guess: Guess) -> Iterator[str]:
    if "prediction_id" not in guess.parts:
        yield "no column is different in every row; add one (the row number will do) and name it under prediction_id"
    if not guess.parts.keys() & {"timestamp", "time"}:
        yield (
            "no column reads as times; where the rows stand in the order of their making, add a column of whole "
            "numbers (row number divided by 1,000, say) and name it under time"
        )
    there = all(guess.classes.values()) if guess.task == "multiclass" else "score" in guess.parts
    if not there:
        yield _SCORE[guess.task]


def _time(guess: Guess, taken: set[str]) -> list[str]:
    if "timestamp" in guess.parts:
        return [_line("timezone: UTC", "confirm: the calendar in which its days begin, such as Europe/Berlin")]
    column = guess.parts["time"].column if "time" in guess.parts else _free("slice", taken)
    return [
        _line("grain: batch", "confirm: no times were found; one window per number of the column below"),
        _line(f"time: {{column: {quoted(column)}}}", "whole numbers, in the order of time"),
    ]


def _columns(guess: Guess, taken: set[str]) -> list[str]:
    parts = guess.parts
    lines = [_part("prediction_id", parts.get("prediction_id"), "different in every row", _free("id", taken))]
    if "timestamp" in parts:
        lines.append(_part("timestamp", parts["timestamp"], NOTES["timestamp"]))
    lines += _scores(guess, taken)
    if guess.task != "regression":
        rule = "score >= threshold decides" if guess.task == "binary" else "the class with the highest score"
        lines.append(_part("decision", parts.get("decision"), NOTES["decision"] if "decision" in parts else rule))
    if guess.task == "binary":
        threshold = "null" if guess.ranking else "0.5"
        lines.append(_line(f"threshold: {threshold}", "confirm: the score from which it decides"))
    missing = "no label in this file; it may come later in files of its own: name its column here then"
    lines.append(_part("actual", parts.get("actual"), NOTES["actual"] if "actual" in parts else f"confirm: {missing}"))
    if guess.task == "binary":
        positive = quoted(guess.positive) if isinstance(guess.positive, str) else str(guess.positive)
        lines.append(_line(f"positive: {positive}", "confirm: the value of the actual that counts as positive"))
    further = ("weight", "amount", "latency_ms", "error", "source", "feature_set")
    lines += [_part(entry, parts[entry], NOTES[entry]) for entry in further if entry in parts]
    return lines + _features(guess.features)


def _scores(guess: Guess, taken: set[str]) -> list[str]:
    score = guess.parts.get("score")
    if guess.task == "multiclass":
        return _class_scores(guess, taken)
    if guess.task == "regression":
        return [_part("prediction", score, "what the model predicts", _free("prediction", taken))]
    ranking = [_line("score_kind: ranking", "confirm: values outside [0, 1] were seen")] if guess.ranking else []
    return [_part("score", score, "a ranking" if guess.ranking else "a probability", "score"), *ranking]


def _class_scores(guess: Guess, taken: set[str]) -> list[str]:
    named = guess.classes or {"a": "", "b": ""}
    why = "confirm: class: its column"
    if all(named.values()):
        exact = guess.class_off <= 1e-6
        why = "they add up to 1" if exact else f"confirm: they add up to 1 only within {guess.class_off:.1g}"
    columns = {name: column or _free(f"p_{name}"[:190], taken) for name, column in named.items()}
    return [_line("scores:", why), *(f"  {quoted(name)}: {quoted(column)}" for name, column in columns.items())]


def _features(features: Features) -> list[str]:
    codes = f"  # confirm: few whole numbers; codes belong under categorical: {_names(features.codes)}"
    protected = "protected attributes, kept apart from segments" if features.protected else "none seen by name"
    return [
        _line("features:", "confirm: nothing that is known only after the prediction"),
        f"  numeric: {_names(features.numeric)}",
        *([codes] if features.codes else []),
        f"  categorical: {_names(features.categorical)}",
        _line(f"segments: {_names(features.segments)}", "confirm: columns of few values to compare groups by"),
        _line(f"protected: {_names(features.protected)}", f"confirm: {protected}"),
    ]


def _notes(guess: Guess) -> list[str]:
    shap = [f"# Recognised without a declaration: {', '.join(map(shown, guess.shap))}"] if guess.shap else []
    out = ", ".join(f"{shown(name)} ({why})" for name, why in guess.left_out.items())
    return shap + ([f"# left out: {out}"] if out else [])


def _part(entry: str, part: Part | None, note: str, fallback: str | None = None) -> str:
    if part is not None:
        doubt = "confirm: " if part.doubtful else ""
        return _line(f"{entry}: {quoted(part.column)}", f"{doubt}{note} ({part.why})")
    if fallback is None:
        return _line(f"{entry}: null", note)
    return _line(f"{entry}: {quoted(fallback)}", f"NOT FOUND: name the column; {note}")


def _line(text: str, comment: str) -> str:
    return f"{text:<{WIDTH}}  # {comment}"


def _free(name: str, taken: set[str]) -> str:
    """Return a name for a column that is still to be made."""
    while name in taken:
        name = f"my_{name}"
    return name


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(map(quoted, names)) + "]"
