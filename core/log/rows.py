"""Structural rules: which rows of a chunk the log takes, as it stores them, and why the others stay out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.log.by_task import as_actual, as_class_score, as_decision, as_score, label_types, top_score
from core.log.chunks import Chunk
from core.log.coercion.faults import Coerced, Fault, Mask, fault
from core.log.coercion.moments import INSTANT, as_instant, as_unit, instant_fault, units_of
from core.log.coercion.numbers import as_number
from core.log.coercion.texts import CODED, as_id, as_text
from core.log.columns import NUMBER, ColumnIds, storages
from core.log.names import shown
from core.log.schema import ModelSchema

ACTUAL_AT = "actual_at"
REPEATED = "id_repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlan:
    """How the rows of a file become rows of the log.

    Attributes
    ----------
    present : frozenset of str
        Columns of the file that are read.
    inline : bool
        The file has a column of actuals.
    shap : tuple of str
        Its columns of SHAP values, which nobody has to declare.
    """

    schema: ModelSchema
    ids: ColumnIds
    present: frozenset[str]
    inline: bool
    intake_at: datetime
    shap: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Rows of one chunk that broke one rule, at positions of the chunk.

    `found` is what broke it at each position, where that is not the value of one column; `column` is
    empty then.
    """

    positions: NDArray[np.int64]
    column: str
    rule: str
    fix: str
    found: NDArray[Any] | None = None

    def value(self, chunk: Chunk, index: int) -> object:
        """Return what broke the rule at the position with this index."""
        if self.found is not None:
            return self.found[index]
        return chunk.columns[self.column][int(self.positions[index])].as_py()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A chunk after the structural rules.

    Attributes
    ----------
    rows : pa.Table
        The accepted rows with the log's own columns and ``day``.
    kept : (n_rows,) bool
        Which rows of the chunk these are.
    broken : tuple of Broken
        Each rejected row once, under the first rule that it broke.
    """

    rows: pa.Table
    kept: Mask
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A column of the user's file and what it became."""

    column: str
    coerced: Coerced


def wanted_columns(schema: ModelSchema) -> tuple[str, ...]:
    """Return the columns that a prediction file must have, in the order in which they are judged."""
    columns = schema.columns
    fixed = [schema.prediction_id, schema.time_column, schema.timestamp, *schema.score_columns, columns.decision]
    stored = list(storages(schema))
    return tuple(dict.fromkeys(name for name in [*fixed, *stored] if name is not None))


def optional_columns(schema: ModelSchema) -> tuple[str, ...]:
    """Return the columns that a prediction file may have: the actual and when it became known."""
    if schema.actual is None:
        return ()
    taken = wanted_columns(schema)
    return (schema.actual,) if ACTUAL_AT in taken else (schema.actual, ACTUAL_AT)


def judge(chunk: Chunk, plan: RowPlan, repeated: NDArray[np.int64]) -> Judged:
    """Apply the structural rules to a chunk.

    Parameters
    ----------
    repeated : (k,) int64
        Positions in the chunk whose id is in the file or the log already.
    """
    parts = dict(_parts(chunk, plan))
    first = np.full(len(chunk.numbers), -1, dtype=np.int32)
    found = [(part.column, one) for part in parts.values() for one in part.coerced.faults]
    mask = np.zeros(len(first), dtype=np.bool_)
    mask[repeated] = True
    found += [(plan.schema.prediction_id, one) for one in fault(mask, REPEATED, "")]
    for index, (_, one) in enumerate(found):
        first[one.mask & (first < 0)] = index
    broken = tuple(
        _broken(np.flatnonzero(first == index), column, one)
        for index, (column, one) in enumerate(found)
        if (first == index).any()
    )
    rows = _stored_rows({key: part.coerced.values for key, part in parts.items()}, plan, len(first))
    kept = first < 0
    return Judged(rows=rows if kept.all() else rows.filter(pa.array(kept)), kept=kept, broken=broken)


def _broken(positions: NDArray[np.int64], column: str, one: Fault) -> Broken:
    found = None if one.found is None else one.found[positions]
    return Broken(positions=positions, column=column, rule=one.rule, fix=one.fix, found=found)


def _parts(chunk: Chunk, plan: RowPlan) -> Iterator[tuple[str, _Part]]:
    """Yield (name in the log, user's column and coerced values) in the order in which faults count."""
    schema, columns = plan.schema, chunk.columns
    special: list[tuple[str, str | None, Callable[[pa.Array], Coerced]]] = [
        ("id", schema.prediction_id, as_id),
        ("day", schema.time_column, lambda raw: as_unit(raw, schema.grain, schema.zone)),
        ("at", schema.timestamp, lambda raw: as_instant(raw, schema.zone)),
        ("score", None if schema.classes else schema.score, lambda raw: as_score(raw, schema.score_kind)),
        ("decision", schema.decision, lambda raw: as_decision(raw, schema)),
    ]
    if plan.inline:
        special.append(("actual", schema.actual, lambda raw: as_actual(raw, schema)))
        special.append((ACTUAL_AT, ACTUAL_AT, lambda raw: known_instant(raw, schema, plan.intake_at)))
    for key, name, coerce in special:
        if name is not None and name in plan.present:
            yield key, _Part(name, coerce(columns[name]))
    yield from _class_scores(chunk, plan)
    for name, storage in _stored_kinds(plan).items():
        if name in plan.present and name not in schema.class_columns:
            values = as_number(columns[name]) if storage == NUMBER else as_text(columns[name])
            yield plan.ids[name], _Part(name, _as_weight(values) if name == schema.weight else values)


def _class_scores(chunk: Chunk, plan: RowPlan) -> Iterator[tuple[str, _Part]]:
    """Yield the scores of each class and, as ``score``, the largest of a row."""
    scores = {name: as_class_score(chunk.columns[name]) for name in plan.schema.class_columns}
    for name, coerced in scores.items():
        yield plan.ids[name], _Part(name, coerced)
    if scores:
        yield "score", _Part("", top_score(scores))


def _stored_kinds(plan: RowPlan) -> dict[str, str]:
    return {**storages(plan.schema), **dict.fromkeys(plan.shap, NUMBER)}


def _as_weight(numbers: Coerced) -> Coerced:
    values = np.asarray(numbers.values.fill_null(np.nan))
    with np.errstate(invalid="ignore"):
        bad = ~np.isfinite(values) | (values < 0)
    return Coerced(
        values=numbers.values, faults=(*numbers.faults, *fault(bad, "weight", "give a finite weight of at least 0"))
    )


def known_instant(column: pa.Array, schema: ModelSchema, intake_at: datetime) -> Coerced:
    """Return when actuals became known; empty is no fault, more than a day after the intake is one.

    The latest value wins: one from the future would win over every correction to come.
    """
    instants = as_instant(column, schema.zone)
    latest = pa.scalar(intake_at + timedelta(days=1), INSTANT)
    future = np.asarray(pc.greater(instants.values, latest).fill_null(False).to_numpy(zero_copy_only=False))
    fix = "an actual cannot have become known after its intake; give the time when it did, or leave it empty"
    kept = tuple(one for one in instants.faults if one.rule != "timestamp_missing")
    return Coerced(values=instants.values, faults=(*kept, *fault(future, "actual_at_future", fix)))


def type_faults(kinds: Mapping[str, pa.DataType], schema: ModelSchema) -> list[str]:
    """Return why columns of these types cannot hold what the schema says, one clause each."""
    named = (name for name in (schema.timestamp, ACTUAL_AT) if name is not None and name in kinds)
    times = [(name, instant_fault(kinds[name])) for name in named]
    clauses = [f"the column {shown(name)} {why}" for name, why in times if why is not None]
    clauses += [
        f"the column {shown(name)} is of type {kinds[name]} where {storage} is needed; convert it"
        for name, storage in [*((name, NUMBER) for name in schema.score_columns), *storages(schema).items()]
        if name in kinds and _unfit(kinds[name], storage)
    ]
    return clauses


def _unfit(kind: pa.DataType, storage: str) -> bool:
    return bool(pa.types.is_timestamp(kind) or (storage == NUMBER and pa.types.is_date(kind)))


def _stored_rows(values: Mapping[str, pa.Array], plan: RowPlan, n: int) -> pa.Table:
    """Return the log's columns; a part that the file does not hold is null (only a reference may lack one)."""
    schema = plan.schema
    at = values.get("at", pa.nulls(n, INSTANT))
    days = values["day"] if "day" in values else units_of(at, schema.zone, schema.grain)
    kinds = label_types(schema.task)
    actual = values.get("actual", pa.nulls(n, kinds["actual"]))
    columns = {
        "day": days,
        "id": values.get("id", pa.nulls(n, pa.string())),
        "actual": actual,
        "actual_at": _known_at(actual, values.get(ACTUAL_AT), plan.intake_at),
        "at": at,
        "score": values["score"],
        "decision": values.get("decision", pa.nulls(n, kinds["decision"])),
    }
    for name, storage in _stored_kinds(plan).items():
        kind = pa.float64() if storage == NUMBER else CODED
        columns[plan.ids[name]] = values.get(plan.ids[name], pa.nulls(n, kind))
    return pa.table(columns)


def _known_at(actual: pa.Array, given: pa.Array | None, intake_at: datetime) -> pa.Array:
    """Return when each actual became known: as given, else at intake; null where there is none."""
    default = pa.scalar(intake_at, INSTANT)
    moments = default if given is None else pc.fill_null(given, default)
    return pc.if_else(actual.is_null(), pa.scalar(None, INSTANT), moments)
