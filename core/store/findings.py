"""Reading and writing of findings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from core.findings.finding import Category, Extension, Finding, FindingState, Line, NewFinding, Severity
from core.store.governed_tables import FindingRow
from core.store.named import named


def add_finding(
    session: Session,
    new: NewFinding,
    *,
    model_id: int,
    line: Line,
    by: str,
    at: datetime,
    version_id: int | None = None,
    release_id: int | None = None,
) -> Finding:
    """Insert a finding; with a release it is a condition of its approval."""
    row = FindingRow(
        model_id=model_id,
        version_id=version_id,
        release_id=release_id,
        severity=new.severity.value,
        category=new.category.value,
        title=new.title,
        text=new.text,
        line=line.value,
        raised_by=by,
        raised_at=at,
        owner=new.owner,
        due=new.due,
        state=FindingState.OPEN.value,
        extensions={"given": []},
    )
    session.add(row)
    session.flush()
    return finding_by_id(session, row.id)


def finding_by_id(session: Session, finding_id: int) -> Finding:
    """Return a finding.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    found = _findings(session, [FindingRow.id == finding_id])
    if not found:
        raise NotFoundError(f"There is no finding {finding_id}.")
    return found[0]


def findings(
    session: Session, *, model_id: int | None = None, release_id: int | None = None, only_open: bool = False
) -> tuple[Finding, ...]:
    """Return the findings of a model, of a release, or all, oldest first."""
    wanted: list[ColumnElement[bool]] = []
    if model_id is not None:
        wanted.append(FindingRow.model_id == model_id)
    if release_id is not None:
        wanted.append(FindingRow.release_id == release_id)
    if only_open:
        wanted.append(FindingRow.state == FindingState.OPEN.value)
    return _findings(session, wanted)


def change_finding(session: Session, read: Finding, changes: Mapping[str, Any]) -> Finding:
    """Change a finding that is still as it was read; returns it as it is now.

    Raises
    ------
    ConflictError
        When somebody else changed it since.
    """
    unchanged = (FindingRow.id == read.id, FindingRow.row_version == read.row_version)
    statement = update(FindingRow).where(*unchanged).values(**changes, row_version=read.row_version + 1)
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(f"Finding {read.id} was changed by somebody else a moment ago; read it and repeat.")
    session.expire_all()
    return finding_by_id(session, read.id)


def extensions_document(extensions: Sequence[Extension]) -> dict[str, Any]:
    """Return extensions as they are kept."""
    return {
        "given": [
            {
                "by": one.by,
                "at": one.at.isoformat(),
                "earlier": one.earlier.isoformat(),
                "until": one.until.isoformat(),
                "why": one.why,
            }
            for one in extensions
        ]
    }


def _findings(session: Session, wanted: Sequence[ColumnElement[bool]]) -> tuple[Finding, ...]:
    found = session.execute(named(FindingRow, *wanted))
    return tuple(_finding(row, model, version) for row, model, version in found)


def _finding(row: FindingRow, model: str, version: str | None) -> Finding:
    return Finding(
        id=row.id,
        model_id=row.model_id,
        model=model,
        version_id=row.version_id,
        version=version,
        release_id=row.release_id,
        severity=Severity(row.severity),
        category=Category(row.category),
        title=row.title,
        text=row.text,
        line=Line(row.line),
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        owner=row.owner,
        due=row.due,
        state=FindingState(row.state),
        extensions=tuple(_extension(one) for one in row.extensions["given"]),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        closure=row.closure,
        reopened=row.reopened,
        row_version=row.row_version,
    )


def _extension(kept: Mapping[str, str]) -> Extension:
    return Extension(
        by=kept["by"],
        at=datetime.fromisoformat(kept["at"]),
        earlier=date.fromisoformat(kept["earlier"]),
        until=date.fromisoformat(kept["until"]),
        why=kept["why"],
    )
