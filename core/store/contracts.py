"""Reading and writing of the accepted contracts of a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.inventory.records import AcceptedContract
from core.log.contract import from_document
from core.store.tables import ContractRow


def latest_contract(session: Session, version_id: int) -> tuple[int, dict[str, Any]] | None:
    """Return (revision, Open Data Contract Standard document) in force for a version, or None."""
    row = session.scalar(
        select(ContractRow).where(ContractRow.version_id == version_id).order_by(ContractRow.revision.desc()).limit(1)
    )
    return None if row is None else (row.revision, row.document)


def accepted_contract(session: Session, version_id: int) -> AcceptedContract | None:
    """Return the contract in force for a version with who accepted it, or None."""
    row = session.scalar(
        select(ContractRow).where(ContractRow.version_id == version_id).order_by(ContractRow.revision.desc()).limit(1)
    )
    if row is None:
        return None
    return AcceptedContract(
        revision=row.revision,
        contract=from_document(row.document),
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
    )


def add_contract(
    session: Session, *, version_id: int, document: Mapping[str, Any], accepted_by: str, at: datetime
) -> int:
    """Insert the next contract revision of a version; returns its number."""
    latest = latest_contract(session, version_id)
    revision = 1 if latest is None else latest[0] + 1
    session.add(
        ContractRow(
            version_id=version_id, revision=revision, document=dict(document), accepted_by=accepted_by, accepted_at=at
        )
    )
    session.flush()
    return revision
