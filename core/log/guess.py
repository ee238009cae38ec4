"""A first `model.yaml` for a log file: what its beginning suggests, with a comment on all that a person must check."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from core.errors import BadInputError
from core.log.coercion.labels import as_label
from core.log.coercion.texts import as_id, as_text
from core.log.document import MAX_FEATURES, RESERVED
from core.log.files import Source, open_source
from core.log.names import name_fault, shown
from core.log.observed import Observed, observe
from core.log.rows import ACTUAL_AT
from core.log.schema import Label, load_schema

MAX_LEVELS = 200
"""A text column with more levels is left out: a profile counts the 200 most frequent."""
MAX_SEGMENTS, MAX_SEGMENT_LEVELS = 3, 50
READABLE = 0.95
"""Least share of values that must read as a time or a number; the rows of the rest will be quarantined."""
_NAMED = 20
_ID = ("id", "uuid", "guid", "key")
_TIME = ("timestamp", "ts", "scored", "predicted", "event", "time", "datetime", "date", "at", "created", "day")
_SCORE = ("score", "proba", "probability", "prob", "prediction", "pred", "likelihood", "risk", "p")
_DECISION = ("decision", "decided", "prediction", "predicted", "pred")
_ACTUAL = ("actual", "label", "target", "truth", "true", "outcome", "y")
_POSITIVE = ("1", "true", "t", "yes", "y", "positive", "pos", "bad", "default", "fraud", "churn", "late")
_SENSITIVE = frozenset(("age", "disability", "ethnicity", "gender", "nationality", "race", "religion", "sex"))
_BY_HAND = "write model.yaml by hand, with {lines} under columns (NAME: a column of the file)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roles:
    """The columns that were chosen."""

    prediction_id: Observed
    timestamp: Observed
    score: Observed
    actual: Observed | None
    positive: Label
    decision: Observed | None

    @property
    def names(self) -> frozenset[str]:
        """Their names."""
        chosen = (self.prediction_id, self.timestamp, self.score, self.actual, self.decision)
        return frozenset(column.name for column in chosen if column is not None)


def guess_schema(file: Path) -> str:
    """Return the text of a `model.yaml` guessed from the beginning of a log file.

    Columns are chosen by what they hold, then by their name: the id is unique, the time reads as
    a time, the score lies in [0, 1] with values in between, the actual has two values. All else
    becomes a feature, except what a comment names as left out. The text loads with
    `core.log.schema.load_schema`; the owner and what the outcomes are worth are left to the person.

    Raises
    ------
    BadInputError
        When the file cannot be read, or shows no prediction id, no time or no score.
    """
    source = open_source(file)
    columns, left_out = observe(source)
    text = "\n".join(_lines(source, columns, _roles(source, columns), left_out)) + "\n"
    load_schema(text)
    return text


def _roles(source: Source, columns: Sequence[Observed]) -> _Roles:
    """Choose the columns that play a part, the needed ones or none."""
    wanted = (("prediction_id", _ID, _id_fault), ("timestamp", _TIME, _time_fault), ("score", _SCORE, _score_fault))
    found: dict[str, Observed] = {}
    lacking: dict[str, str] = {}
    for role, like, fault in wanted:
        free = [column for column in columns if column not in found.values()]
        best = next(_ranked([c for c in free if fault(c) is None], like, named=role != "timestamp"), None)
        best = best or (_only_unique_text(free) if role == "prediction_id" else None)
        if best is None:
            lacking[role] = _why_not(role, free, like, fault)
        else:
            found[role] = best
    if lacking:
        reasons = ", nor ".join(f"the {role} ({why})" for role, why in lacking.items())
        by_hand = _BY_HAND.format(lines=" and ".join(f"'{role}: NAME'" for role in lacking))
        raise BadInputError(f"{source.name} does not show {reasons}; {by_hand}.")
    free = [column for column in columns if column not in found.values() and column.name != ACTUAL_AT]
    actual, positive = _actual([column for column in free if not set(column.words) & set(_DECISION)])
    rest = [column for column in free if column is not actual and _decides(column, actual, positive)]
    return _Roles(**found, actual=actual, positive=positive, decision=next(_ranked(rest, _DECISION), None))


def _ranked(columns: Iterable[Observed], like: Sequence[str], *, named: bool = True) -> Iterator[Observed]:
    """Yield columns, those named most like a word of `like` first; others only when not `named`."""

    def place(column: Observed) -> tuple[int, int]:
        return min((like.index(word) for word in column.words if word in like), default=len(like)), len(column.words)

    return (column for column in sorted(columns, key=place) if not named or place(column)[0] < len(like))


def _id_fault(column: Observed) -> str | None:
    if column.time_share >= READABLE:
        return "holds times"
    if column.counts.sum() < column.rows:
        return "has rows without a value"
    if pa.types.is_boolean(column.values.type) or as_id(column.values).faults:
        return "is neither text nor whole numbers"
    return "repeats values" if column.distinct < column.rows else None


def _only_unique_text(columns: Sequence[Observed]) -> Observed | None:
    unique = [column for column in columns if column.is_text and column.rows > 1 and _id_fault(column) is None]
    return unique[0] if len(unique) == 1 else None


def _time_fault(column: Observed) -> str | None:
    if column.name == ACTUAL_AT:
        return "says when an actual became known"
    if column.number_share == 1:
        return "holds plain numbers; write ISO 8601 text or a Parquet timestamp"
    return None if column.time_share >= READABLE else "does not read as times"


def _score_fault(column: Observed) -> str | None:
    if column.number_share < READABLE or pa.types.is_boolean(column.values.type):
        return "does not read as numbers"
    if not np.all((column.numbers >= 0) & (column.numbers <= 1)):
        return "leaves [0, 1]; such a score needs 'score_kind: ranking'"
    return None if np.any(column.numbers % 1 != 0) else "holds only 0 and 1, as a decision does"


def _why_not(
    role: str, columns: Sequence[Observed], like: Sequence[str], fault: Callable[[Observed], str | None]
) -> str:
    nearest = next(_ranked(columns, like), None)
    if nearest is not None:
        return f"the column {shown(nearest.name)} {fault(nearest)}"
    return "no column reads as times" if role == "timestamp" else f"no column is named like {', '.join(like[:4])}"


def _actual(columns: Sequence[Observed]) -> tuple[Observed | None, Label]:
    for column in _ranked(columns, _ACTUAL):
        positive = _positive(column)
        if positive is not None:
            return column, positive
    return None, 1


def _positive(column: Observed) -> Label | None:
    """Return which of a column's two values is the positive one, or None when it cannot be an actual."""
    if column.distinct != 2 or column.time_share:
        return None
    levels = [str(level) for level in as_text(column.values).values.to_pylist()]
    positive: Label
    if {level.lower() for level in levels} == {"true", "false"}:
        positive = True
    elif column.number_share == 1:
        high = float(column.numbers.max(initial=-np.inf))
        positive = int(high) if high.is_integer() else high
    else:
        rarest = sorted(zip(column.counts.tolist(), levels, strict=True))
        positive = next((level for level in levels if level.strip().lower() in _POSITIVE), rarest[0][1])
    labels = as_label(column.values, positive)
    return positive if not labels.faults and sorted(labels.values.drop_null().to_pylist()) == [0, 1] else None


def _decides(column: Observed, actual: Observed | None, positive: Label) -> bool:
    """Say whether a column holds the same two values as the actual (0 and 1 without one)."""
    if not 1 <= column.distinct <= 2 or column.time_share or as_label(column.values, positive).faults:
        return False
    if actual is None or positive in (0, 1):
        return True
    if isinstance(positive, str):
        return set(as_text(column.values).values.to_pylist()) <= set(as_text(actual.values).values.to_pylist())
    return set(column.numbers.tolist()) <= set(actual.numbers.tolist())


def _kind(column: Observed) -> str | None:
    """Return ``numeric`` or ``categorical``, or None when the column is no feature."""
    if not column.distinct or column.time_share >= READABLE:
        return None
    spelled = as_text(column.values)
    if spelled.faults:
        return None
    levels = pa.array(spelled.values.dictionary)
    coded = pa.types.is_boolean(column.values.type) or pc.any(pc.match_substring_regex(levels, r"^0\d")).as_py()
    digits = pc.all(pc.match_substring_regex(levels, r"^-?\d+$")).as_py()
    flag = column.distinct == 2 and column.rows >= 20 and digits
    if column.number_share == 1 and not (coded or flag or set(column.words) & set(_ID)):
        return "numeric"
    return "categorical" if column.distinct <= MAX_LEVELS else None


def _why_no_feature(column: Observed) -> str:
    if not column.distinct:
        return "holds no value in the rows that were read"
    if column.time_share >= READABLE:
        return "holds times"
    return f"holds ids or text of more than {MAX_LEVELS} levels, or very long text"


def _features(columns: Sequence[Observed], roles: _Roles) -> tuple[dict[str, list[Observed]], dict[str, str]]:
    """Return the features by kind, and why other columns are none."""
    kinds: dict[str, list[Observed]] = {"numeric": [], "categorical": []}
    left_out: dict[str, str] = {}
    for column in (c for c in columns if c.name not in roles.names):
        kind = _kind(column)
        if column.name in (*RESERVED, ACTUAL_AT):
            left_out[column.name] = "has a reserved name; rename it to make it a feature"
        elif column.name.startswith("shap_"):
            left_out[column.name] = "holds explanations, which are recognised without declaration"
        elif kind is None:
            left_out[column.name] = _why_no_feature(column)
        elif sum(map(len, kinds.values())) >= MAX_FEATURES:
            left_out[column.name] = f"comes after the first {MAX_FEATURES:,} features"
        else:
            kinds[kind].append(column)
    return kinds, left_out


def _lines(source: Source, columns: Sequence[Observed], roles: _Roles, unusable: dict[str, str]) -> Iterator[str]:
    kinds, left_out = _features(columns, roles)
    model = source.path.stem
    model = model if name_fault(model) is None and not re.search(r"[/\\]|^\.+$", model) else "my-model"
    yield f"# Guessed from the first {columns[0].rows:,} rows of {source.name}."
    yield "# CHECK marks a guess, WRITE what only you know."
    yield "# When it is right, save it as model.yaml and run: watchroom model add model.yaml"
    yield f"model: {_quoted(model)}  # CHECK: the name under which the model is watched"
    yield "task: binary"
    yield "owner: nobody-yet  # WRITE: who answers for the model"
    yield "risk_tier: 3  # CHECK: 1 to 4"
    yield "timezone: UTC  # CHECK: the zone of the model's days and of times without an offset"
    yield "columns:"
    yield from (f"  {line}" for line in _role_lines(columns, roles))
    yield "  features:  # CHECK: none may be known only after the prediction was made"
    for kind, features in kinds.items():
        yield f"    {kind}:{'' if features else ' []'}"
        yield from (f"      - {_quoted(feature.name)}  # {_told(feature, kind)}" for feature in features)
    yield from (f"    # {line}" for line in _left_out_lines(unusable | left_out))
    yield from (f"  {line}" for line in _segment_lines(kinds["categorical"], _could_be_actual(columns, roles)))
    yield "actual_delay: 1d  # CHECK: how long an actual usually takes"
    yield "value: null  # WRITE: what the outcomes are worth, for example"
    yield "# value: {kind: confusion, tp: 120, fp: -40, fn: -150, tn: 0, currency: USD, source: assumed}"


def _role_lines(columns: Sequence[Observed], roles: _Roles) -> Iterator[str]:
    yield f"prediction_id: {_quoted(roles.prediction_id.name)}  # CHECK: never the same for two predictions"
    others = [c.name for c in columns if _time_fault(c) is None and c is not roles.timestamp]
    yield f"timestamp: {_quoted(roles.timestamp.name)}  # CHECK: when the prediction was made{_instead(others)}"
    others = [c.name for c in _ranked(columns, _SCORE) if _score_fault(c) is None and c is not roles.score]
    yield f"score: {_quoted(roles.score.name)}  # CHECK: the probability of the positive class{_instead(others)}"
    yield "threshold: 0.5  # CHECK: from this score on the decision is positive"
    if roles.decision is not None:
        yield f"decision: {_quoted(roles.decision.name)}  # CHECK: what the model decided; wins over the threshold"
    if roles.actual is not None:
        yield f"actual: {_quoted(roles.actual.name)}  # CHECK: what really happened"
        yield f"positive: {_quoted(roles.positive)}  # CHECK: the value of the actual that counts as positive"
        return
    others = _could_be_actual(columns, roles)
    yield f"actual: null  # WRITE: the column of what really happened, here or in the file of actuals{_instead(others)}"
    yield "positive: 1  # CHECK: the value of the actual that counts as positive"


def _could_be_actual(columns: Sequence[Observed], roles: _Roles) -> list[str]:
    """Return the columns of two values when none was chosen as the actual."""
    if roles.actual is not None:
        return []
    return [c.name for c in columns if c.name not in roles.names and _positive(c) is not None]


def _instead(names: Sequence[str]) -> str:
    return f" (it could be {_named(names)})" if names else ""


def _told(column: Observed, kind: str) -> str:
    empty = f", {column.missing_share:.1%} missing" if column.missing_share else ""
    if kind == "numeric":
        if not column.numbers.size:
            return "no finite value"
        return f"{column.numbers.min():g} to {column.numbers.max():g}{empty}"
    levels = as_text(column.values).values.take(pa.array(np.argsort(-column.counts, kind="stable")[:3]))
    more = ", …" if column.distinct > 3 else ""
    return f"{column.distinct} values: {', '.join(shown(level, 20) for level in levels.to_pylist())}{more}{empty}"


def _left_out_lines(left_out: dict[str, str]) -> Iterator[str]:
    for why in dict.fromkeys(left_out.values()):
        yield f"left out, because each {why}: {_named([name for name, one in left_out.items() if one == why])}"


def _segment_lines(categorical: Sequence[Observed], outcomes: Sequence[str]) -> Iterator[str]:
    protected = [c.name for c in categorical if set(c.words) & _SENSITIVE]
    fit = [c.name for c in categorical if 2 <= c.distinct <= MAX_SEGMENT_LEVELS]
    fit = [name for name in fit if name not in protected and name not in outcomes]
    chosen, further = fit[:MAX_SEGMENTS], fit[MAX_SEGMENTS:]
    yield f"segments: [{', '.join(map(_quoted, chosen))}]  # CHECK: the parts to watch one by one{_instead(further)}"
    if protected:
        yield f"# CHECK: {_named(protected)} may be protected: name such columns as protected, never as segments"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(shown(name) for name in names[:_NAMED]) + more


def _quoted(value: Label) -> str:
    r"""Return a value as YAML reads it back, on one line, in a list as well as alone.

    >>> [_quoted("temp"), _quoted("yes"), _quoted("a: 'b', #c"), _quoted("a\u2028b")]
    ['temp', '"yes"', '"a: \'b\', #c"', '"a\\u2028b"']
    """
    if not isinstance(value, str):
        return str(yaml.safe_dump(value)).split("\n")[0]
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", value) and yaml.safe_load(value) == value:
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}" if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"
