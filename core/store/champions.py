"""Which version of a model was the champion since when: written down with every change, and read back."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.actions import AuditAction
from core.inventory.records import ModelInfo
from core.releases.target import Reign
from core.store import models
from core.store.tables import AuditRow, VersionRow


def reigns(session: Session, model: str) -> tuple[Reign, ...]:
    """Return every change of a model's champion, oldest first, from the audit trail."""
    statement = (
        select(AuditRow.after)
        .where(
            AuditRow.object_type == "model",
            AuditRow.object_id == model,
            AuditRow.action == AuditAction.CHAMPION_SET.value,
        )
        .order_by(AuditRow.seq)
    )
    return tuple(_reign(json.loads(after)) for after in session.scalars(statement))


def _reign(after: Mapping[str, Any]) -> Reign:
    return Reign(version=after["champion"], release=after.get("release"), by_rollback=bool(after.get("rollback")))


def put_champion(session: Session, model: ModelInfo, version_id: int, release_id: int, *, at: datetime) -> None:
    """Make a version the champion of its model, by a release; the audit entry is the caller's."""
    changes = {"champion_id": version_id, "champion_since": at, "champion_release_id": release_id}
    models.change_model(session, model, changes)
    session.expire_all()


def version_name(session: Session, version_id: int | None) -> str | None:
    """Return the name of a version, or None."""
    return None if version_id is None else session.scalar(select(VersionRow.name).where(VersionRow.id == version_id))
