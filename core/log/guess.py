"""A first `model.yaml` from a log file: what each column seems to be, to be checked by a person."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import BadInputError
from core.log.coercion.moments import as_instant, instant_fault
from core.log.coercion.numbers import as_number
from core.log.coercion.texts import as_text
from core.log.document import RESERVED
from core.log.files import Format, Source, open_source, read_chunks
from core.log.names import name_fault, shown

SAMPLE_ROWS = 50_000
MAX_LEVELS = 200
IDS = ("prediction_id", "id", "request_id", "event_id", "uuid", "key")
TIMES = ("timestamp", "event_time", "predicted_at", "scored_at", "created_at", "time", "datetime", "at", "date")
SCORES = ("score", "probability", "proba", "prob", "y_score", "y_pred_proba", "predicted_probability", "prediction")
ACTUALS = ("actual", "label", "target", "y_true", "y", "outcome", "ground_truth", "truth")
DECISIONS = ("decision", "y_pred", "predicted_label", "predicted", "prediction_label")
_LEFT_OUT = re.compile(r"^(shap_|Unnamed|__)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a sample shows of one column."""

    name: str
    unique: bool
    time: bool
    binary: bool
    share: bool
    numeric: bool
    levels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column seems to play which part; None: none does."""

    prediction_id: str | None
    timestamp: str | None
    score: str | None
    actual: str | None
    decision: str | None
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    segments: tuple[str, ...]
    left_out: tuple[str, ...]


def guess_schema(file: Path) -> str:
    """Return the text of a `model.yaml` for a log file, with a comment wherever it is a guess.

    Looks at the first 50,000 rows: names that are usual for a part come first, then what the
    values allow. What is left is a feature: numeric when every value is a number, categorical
    with at most 200 levels, else left out by name.

    Raises
    ------
    BadInputError
        When the file cannot be read.
    """
    source = open_source(file)
    seen = [_seen(name, column) for name, column in _sample(source).items()]
    return _text(file.stem, _parts(seen))


def _sample(source: Source) -> dict[str, pa.Array]:
    names = [name for name in source.columns if name_fault(name) is None]
    if source.format is Format.PARQUET:
        schema = pq.read_schema(source.path)
        names = [name for name in names if not pa.types.is_nested(schema.field(name).type)]
    if not names:
        raise BadInputError(f"{source.name} has no column that could be used; is it a prediction log?")
    parts: list[dict[str, pa.Array]] = []
    rows = 0
    for chunk in read_chunks(source, names):
        parts.append(chunk.columns)
        rows += len(chunk.numbers)
        if rows >= SAMPLE_ROWS:
            break
    return {name: pa.chunked_array([part[name] for part in parts]).combine_chunks() for name in names}


def _seen(name: str, column: pa.Array) -> Seen:
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    column = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    timely = instant_fault(column.type) is None and not pa.types.is_null(column.type)
    instants = as_instant(column, ZoneInfo("UTC")) if timely else None
    time = instants is not None and len(column) > 0 and instants.values.null_count <= 0.01 * len(column)
    typed_time = pa.types.is_timestamp(column.type)
    numbers = None if typed_time or pa.types.is_date(column.type) else as_number(column)
    numeric = numbers is not None and not numbers.faults and numbers.values.null_count < len(column)
    values = np.asarray(numbers.values.drop_null()) if numbers is not None and numeric else np.zeros(0)
    values = values[np.isfinite(values)]
    levels = pc.count_distinct(column, mode="only_valid").as_py()
    words: set[str] = (
        set() if levels > 2 or typed_time else set(map(str, as_text(column).values.dictionary.to_pylist()))
    )
    return Seen(
        name=name,
        unique=levels == len(column) and column.null_count == 0,
        time=time,
        binary=levels == 2 and (numeric or words <= {"true", "false", "True", "False", "yes", "no"}),
        share=bool(len(values)) and values.min() >= 0 and values.max() <= 1,
        numeric=numeric,
        levels=levels,
    )


def _parts(seen: Sequence[Seen]) -> Guess:
    left = {one.name: one for one in seen}
    timestamp = _take(left, TIMES, lambda one: one.time, by_kind=True)
    prediction_id = _take(left, IDS, lambda one: one.unique, by_kind=True)
    score = _take(left, SCORES, lambda one: one.share and not one.binary, by_kind=False)
    actual = _take(left, ACTUALS, lambda one: one.levels <= 2, by_kind=False)
    decision = _take(left, DECISIONS, lambda one: one.binary, by_kind=False)
    out = [n for n, one in left.items() if n in RESERVED or _LEFT_OUT.match(n) or one.time or one.levels == 0]
    out += [n for n, one in left.items() if n not in out and not one.numeric and one.levels > MAX_LEVELS]
    rest = [one for name, one in left.items() if name not in out]
    categorical = [one for one in rest if not one.numeric]
    return Guess(
        prediction_id=prediction_id,
        timestamp=timestamp,
        score=score,
        actual=actual,
        decision=decision,
        numeric=tuple(one.name for one in rest if one.numeric),
        categorical=tuple(one.name for one in categorical),
        segments=tuple(one.name for one in categorical if 2 <= one.levels <= 20)[:2],
        left_out=tuple(out),
    )


def _take(left: dict[str, Seen], names: Sequence[str], fits: Callable[[Seen], bool], *, by_kind: bool) -> str | None:
    """Take the column with the first usual name that fits; then one whose name ends so; then the first that fits."""
    fitting = [one.name for one in left.values() if fits(one)]
    exact = [name for usual in names for name in fitting if name.lower() == usual]
    similar = [name for usual in names for name in fitting if name.lower().endswith(f"_{usual}")]
    found = next(iter([*exact, *similar, *(fitting if by_kind else [])]), None)
    if found is not None:
        del left[found]
    return found


def _text(stem: str, guess: Guess) -> str:
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.")[:100] or "model"
    lines = [
        "# Guessed from a log file: read every line, mend it, then run watchroom model add on this file.",
        f"model: {model}",
        "task: binary",
        "owner: unknown                # check: who answers for this model",
        "timezone: UTC                 # check: the calendar in which its days begin",
        "columns:",
        _line("prediction_id", guess.prediction_id, "id", "every value is unique"),
        _line("timestamp", guess.timestamp, "timestamp", "the time of the prediction, not of the actual"),
        _line("score", guess.score, "score", "values in [0, 1]; otherwise declare score_kind: ranking"),
        _line("decision", guess.decision, None, "the logged decision; null: score >= threshold"),
        "  threshold: 0.5              # check",
        _line("actual", guess.actual, None, "the label, if this file has it; may come later in files of its own"),
        "  positive: 1                 # check: the value of the actual that counts as positive",
        "  features:                   # check: nothing that is known only after the prediction",
        f"    numeric: {_names(guess.numeric)}",
        f"    categorical: {_names(guess.categorical)}",
        f"  segments: {_names(guess.segments)}          # check: columns to compare groups by",
        "  protected: []               # check: protected attributes, kept apart from segments",
        "actual_delay: 1d              # check: how long an actual usually takes",
    ]
    if guess.left_out:
        lines.append(
            f"# left out (another time, no values, free text, reserved): {', '.join(map(shown, guess.left_out))}"
        )
    return "\n".join(lines) + "\n"


def _line(part: str, name: str | None, fallback: str | None, note: str) -> str:
    if name is None and fallback is None:
        return f"  {part}: null                # none found; {note}"
    if name is None:
        return f"  {part}: {fallback}          # NOT FOUND: name the column; {note}"
    return f"  {part}: {_quoted(name)}          # check: {note}"


def _names(names: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, names)) + "]"


def _quoted(name: str) -> str:
    """Return a name as YAML reads it back as the same text."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in {
        "null",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "n",
    }
    return name if plain else json.dumps(name, ensure_ascii=False)
