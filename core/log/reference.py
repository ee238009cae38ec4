"""Reference rows of a version: read whole, judged like predictions, with the contract that they fulfil."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInputError
from core.log.columns import ColumnIds, shap_columns, storages
from core.log.delta import flush
from core.log.files import Format, Source, open_source, read_chunks
from core.log.intake import refuse_missing, refuse_types
from core.log.names import shown
from core.log.quarantine import shown_value
from core.log.rows import RowPlan, judge, optional_columns, wanted_columns
from core.log.schema import ModelSchema

MAX_ROWS = 20_000_000
_NOTHING_REPEATED = np.zeros(0, dtype=np.int64)
_LEFT_OUT = ("id", "at", "actual_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference that was read, checked and stored, but belongs to no version yet.

    Attributes
    ----------
    path : Path
        Its Parquet file in the model's folder, named by content.
    sha256 : str
        Of that file.
    rows : pa.Table
        ``day`` (null without timestamps), score, decision, actual, then the stored columns by internal id.
    contract : mapping
        Open Data Contract Standard document of what the rows fulfil.
    columns : mapping of user name to internal id
    """

    path: Path
    sha256: str
    rows: pa.Table
    contract: Mapping[str, Any]
    columns: ColumnIds

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.rows.num_rows)


def read_reference(file: Path, schema: ModelSchema, columns: ColumnIds) -> pa.Table:
    """Return the rows of a reference file with internal column names.

    Features, segments and the score must be there; id, time, decision, actual and the other
    columns may be missing and are null then. A reference must be clean: what would quarantine a
    row of the log refuses the file.

    Returns
    -------
    pa.Table
        ``day`` (date32, null without timestamps), ``score``, ``decision``, ``actual`` (typed as
        `core.log.table.read_day` has them), then every stored column and the columns of SHAP values
        among `columns`; text dictionary-coded.

    Raises
    ------
    BadInputError
        Naming the first row that cannot be taken.
    """
    source = open_source(file)
    plan = _plan(source, schema, columns)
    names = [n for n in (*wanted_columns(schema), *optional_columns(schema), *plan.shap) if n in plan.present]
    parts = []
    rows = 0
    for chunk in read_chunks(source, names):
        refuse_types(source, chunk, schema)
        judged = judge(chunk, plan, _NOTHING_REPEATED)
        if chunk.broken:
            raise BadInputError(f"{source.name}: row {chunk.broken[0].number:,} {chunk.broken[0].why}; mend it.")
        for broken in judged.broken:
            number, value = int(chunk.numbers[int(broken.positions[0])]), shown_value(broken.value(chunk, 0))
            what = shown(broken.column) if broken.column else "the whole row"
            raise BadInputError(
                f"{source.name}: row {number:,} of this reference cannot be taken: "
                f"{what} is {shown(value)} ({broken.rule}); {broken.fix}."
            )
        parts.append(judged.rows.drop_columns(list(_LEFT_OUT)))
        rows += judged.rows.num_rows
        if rows > MAX_ROWS:
            raise BadInputError(
                f"{source.name} has more than {MAX_ROWS:,} rows; a sample of them makes as good a reference."
            )
    if not rows:
        raise BadInputError(f"{source.name} has no rows; leave it out.")
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _plan(source: Source, schema: ModelSchema, columns: ColumnIds) -> RowPlan:
    needed = [*schema.score_columns, *schema.feature_names, *schema.segments]
    if schema.weight is not None:
        needed.append(schema.weight)
    if source.format is not Format.JSON_LINES:
        refuse_missing(source, [name for name in dict.fromkeys(needed) if name not in source.columns])
    possible = [*wanted_columns(schema), *optional_columns(schema)]
    present = {name for name in possible if name in source.columns}
    if schema.prediction_id not in {*storages(schema)}:
        present.discard(schema.prediction_id)
    inline = schema.actual is not None and schema.actual in source.columns
    shap = tuple(name for name in shap_columns(schema, source.columns).values() if name in columns)
    return RowPlan(
        schema=schema,
        ids=columns,
        present=frozenset(present | {*shap}),
        shap=shap,
        inline=inline,
        intake_at=datetime(9000, 1, 1, tzinfo=UTC),  # of a reference no time is kept
    )


def store_reference(rows: pa.Table, folder: Path) -> tuple[Path, str]:
    """Write reference rows into `folder` under the sha256 of the file; returns (path, sha256)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = folder / f".writing-{os.getpid()}.parquet"
    pq.write_table(rows, written, compression="zstd", compression_level=3)
    flush(written)
    with written.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    path = folder / f"{sha256}.parquet"
    written.replace(path)
    flush(folder)
    return path, sha256


def load_reference(log_dir: Path, sha256: str) -> pa.Table:
    """Return the stored rows of a reference.

    Raises
    ------
    BadInputError
        When the file is gone or was changed.
    """
    path = log_dir / "reference" / f"{sha256}.parquet"
    try:
        with path.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        same = False
    if not same:
        raise BadInputError(
            f"The stored reference {sha256[:12]}… is gone or was changed; give it again with version add."
        )
    return pq.read_table(path, use_threads=False)
