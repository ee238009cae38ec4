"""Stored results of long work, and the version of the log that they are results of."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.analysis import Analysis, AnalysisKind, analysis_key
from core.errors import CoreError
from core.inventory.records import VersionInfo
from core.profile.binning import KERNEL_VERSION
from core.store.tables import AnalysisRow, ProfileRow
from core.windows import Window


def data_version(session: Session, version: VersionInfo, roles: Sequence[str], window: Window | None) -> str:
    """Return what names the rows of a version in a window: it changes when a row, an actual or the model file does.

    Parameters
    ----------
    window : Window or None
        None: the whole log.
    """
    statement = select(ProfileRow.role, ProfileRow.day, ProfileRow.provenance_id).where(
        ProfileRow.version_id == version.id,
        ProfileRow.role.in_(list(roles)),
        ProfileRow.binning_id == version.binning_id,
    )
    if window is not None:
        statement = statement.where(ProfileRow.day >= window.start, ProfileRow.day < window.end)
    digest = hashlib.sha256(
        f"{KERNEL_VERSION}|{version.binning_id}|{version.reference_sha256}|{version.artifact_sha256}".encode()
    )
    for row in session.execute(statement.order_by(ProfileRow.role, ProfileRow.day)):
        digest.update(f"|{row.role}|{row.day}|{row.provenance_id}".encode())
    return digest.hexdigest()


def find_analysis(
    session: Session, kind: AnalysisKind, version_id: int, parameters: Mapping[str, Any], data_version: str
) -> Analysis | None:
    """Return the result of exactly this question to exactly this state of the log; None: not worked out yet."""
    row = session.get(AnalysisRow, analysis_key(kind, version_id, parameters, data_version))
    return None if row is None else _analysis(row)


def newest_analysis(session: Session, kind: AnalysisKind, version_id: int) -> Analysis | None:
    """Return the last result of a kind for a version, whatever was asked and whatever the log held then."""
    statement = select(AnalysisRow).where(AnalysisRow.kind == kind.value, AnalysisRow.version_id == version_id)
    row = session.scalars(statement.order_by(AnalysisRow.created_at.desc(), AnalysisRow.id).limit(1)).first()
    return None if row is None else _analysis(row)


def put_analysis(session: Session, found: Analysis) -> bool:
    """Store a result; False when it stands already (two workers may have worked on the same)."""
    if session.get(AnalysisRow, found.key) is not None:
        return False
    session.add(
        AnalysisRow(
            id=found.key,
            kind=found.kind.value,
            version_id=found.version_id,
            parameters=dict(found.parameters),
            data_version=found.data_version,
            document=dict(found.document),
            table=None if found.table is None else _packed(found.table),
            created_at=found.created_at,
            seconds=found.seconds,
        )
    )
    session.flush()
    return True


def _analysis(row: AnalysisRow) -> Analysis:
    return Analysis(
        kind=AnalysisKind(row.kind),
        version_id=row.version_id,
        parameters=row.parameters,
        data_version=row.data_version,
        document=row.document,
        table=None if row.table is None else _unpacked(row.table),
        created_at=row.created_at,
        seconds=row.seconds,
    )


def _packed(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _unpacked(blob: bytes) -> pa.Table:
    try:
        with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
            return reader.read_all()
    except (pa.ArrowException, OSError):
        raise CoreError("A stored result is damaged; ask for it again after watchroom doctor.") from None
