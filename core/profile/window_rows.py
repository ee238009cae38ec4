"""Rows of a window or of a reference by the user's column names: for the few questions that counts cannot answer."""

import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.log.columns import NUMBER, ColumnIds, storages
from core.log.delta import LogSnapshot, open_log
from core.log.reference import load_reference
from core.log.schema import ModelSchema
from core.log.table import CODED, read_day
from core.profile.class_scores import class_scores, predicted_classes
from core.profile.columns import numeric_column, small_ints

OUTCOMES = ("score", "decision", "actual")
_NEVER = -1


def window_rows(
    log_dir: Path,
    days: Sequence[date],
    *,
    version_id: int,
    roles: Sequence[str],
    schema: ModelSchema,
    ids: ColumnIds,
    names: Sequence[str],
    at_most: int | None = None,
    seed: int = 0,
    snapshot: LogSnapshot | None = None,
) -> pa.Table:
    """Return the rows of some units of a version, ordered by day and id.

    Parameters
    ----------
    names : sequence of str
        Stored columns by the user's names, wanted beside the outcomes; columns of ``shap_<feature>`` too.
    at_most : int or None
        A sample of so many rows: those with the smallest hash of (seed, id), so that it is the same for any order
        of intake and any cut into files. None: all rows.
    seed : int
        Of the sample, 0 to 2³² - 1.

    Returns
    -------
    pa.Table
        ``id`` (string), ``day`` (date32), ``score`` (float64: the score, the largest score of the classes, or the
        prediction), ``decision`` (int16, null unknown: as logged, else ``score >= threshold``, else the class with
        the largest score), ``actual`` (null unknown; int16, in a regression float64), then `names`: float64 or
        dictionary-coded text.
    """
    log = snapshot or open_log(log_dir)
    wanted = tuple(dict.fromkeys(names))
    parts = []
    for day in sorted(set(days)):
        for role in roles:
            columns = ("id", *(ids[name] for name in wanted), *(ids[name] for name in schema.class_columns))
            rows = read_day(log_dir, day, version_id=version_id, role=role, columns=columns, snapshot=log)
            dated = pa.chunked_array([pa.array(np.full(rows.num_rows, np.datetime64(day)), pa.date32())])
            parts.append(_named(rows, dated, schema, ids, wanted))
        if at_most is not None:
            parts = [_sampled(_together(parts, wanted, schema), at_most, seed)]
    return _ordered(_together(parts, wanted, schema))


def reference_rows(
    log_dir: Path,
    sha256: str,
    *,
    schema: ModelSchema,
    ids: ColumnIds,
    names: Sequence[str],
    at_most: int | None = None,
    seed: int = 0,
) -> pa.Table:
    """Return the rows of a stored reference as `window_rows` does; its rows are numbered, undated ones have no day.

    Raises
    ------
    BadInputError
        When the stored reference is gone or was changed.
    """
    rows = load_reference(log_dir, sha256)
    numbers = [f"reference-{number:06d}" for number in range(1, rows.num_rows + 1)]
    rows = rows.append_column("id", pa.chunked_array([pa.array(numbers, pa.string())]))
    dated = rows["day"] if "day" in rows.column_names else pa.chunked_array([pa.nulls(rows.num_rows, pa.date32())])
    found = _named(rows, dated, schema, ids, tuple(dict.fromkeys(names)))
    return _ordered(found if at_most is None else _sampled(found, at_most, seed))


def _named(
    rows: pa.Table, dated: pa.ChunkedArray, schema: ModelSchema, ids: ColumnIds, names: Sequence[str]
) -> pa.Table:
    columns = {"id": rows["id"], "day": dated, "score": rows["score"], "decision": _decisions(rows, schema, ids)}
    columns["actual"] = rows["actual"] if schema.task == "regression" else rows["actual"].cast(pa.int16())
    kinds = storages(schema)
    for name in names:
        kind = CODED if kinds.get(name, NUMBER) != NUMBER else pa.float64()
        held = rows[ids[name]] if ids[name] in rows.column_names else pa.chunked_array([pa.nulls(rows.num_rows, kind)])
        columns[name] = held if held.type == kind else held.cast(kind)
    return pa.table(columns)


def _decisions(rows: pa.Table, schema: ModelSchema, ids: ColumnIds) -> pa.Array:
    """Return what the model decided in each row, as the kernel counts it."""
    if schema.task == "multiclass":
        scores = class_scores(rows, [ids[name] for name in schema.class_columns])
        known = predicted_classes(rows, scores)
        unknown = known == len(schema.classes)
    else:
        known = small_ints(rows, "decision", _NEVER) if schema.task == "binary" else np.full(rows.num_rows, _NEVER)
        if schema.threshold is not None:
            scores, _ = numeric_column(rows, "score")
            derived = np.where(np.isnan(scores), _NEVER, scores >= schema.threshold)
            known = np.where(known == _NEVER, derived, known)
        unknown = known == _NEVER
    return pa.array(known.astype(np.int16), pa.int16(), mask=unknown)


def _together(parts: Sequence[pa.Table], names: Sequence[str], schema: ModelSchema) -> pa.Table:
    if not parts:
        kinds = storages(schema)
        actual = pa.float64() if schema.task == "regression" else pa.int16()
        outcomes = {"id": pa.string(), "day": pa.date32(), "score": pa.float64(), "decision": pa.int16()}
        typed = {name: CODED if kinds.get(name, NUMBER) != NUMBER else pa.float64() for name in names}
        return pa.schema(outcomes | {"actual": actual} | typed).empty_table()
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _sampled(rows: pa.Table, at_most: int, seed: int) -> pa.Table:
    if rows.num_rows <= at_most:
        return rows
    ranks = _ranks(rows["id"].to_pylist(), seed)
    return rows.take(pa.array(np.sort(np.argpartition(ranks, at_most)[:at_most])))


def _ranks(texts: Sequence[str | None], seed: int) -> NDArray[np.uint64]:
    """Return a pseudo-random rank of each id: its CRC-32 from `seed` on, mixed by SplitMix64's finaliser."""
    mixed = np.array([zlib.crc32((text or "").encode(), seed) for text in texts], np.uint64)
    mixed = (mixed << np.uint64(32)) | mixed
    with np.errstate(over="ignore"):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _ordered(rows: pa.Table) -> pa.Table:
    return rows.take(pc.sort_indices(rows, sort_keys=[("day", "ascending"), ("id", "ascending")])).combine_chunks()
