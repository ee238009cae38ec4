"""Reading and appending of the audit chain. The database itself refuses everything else (revision 0001)."""

from collections.abc import Collection, Iterator
from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.audit.chain import GENESIS, AuditEntry
from core.audit.sought import Sought
from core.store import anchors
from core.store.tables import AuditRow

_NAMES = tuple(field.name for field in fields(AuditEntry))
_COLUMNS = tuple(AuditRow.__table__.columns[name] for name in _NAMES)
_PAGE = 2_000


def head(session: Session) -> tuple[int, str]:
    """Return (seq, hash) of the last entry; (0, 64 zeros) when the chain is empty."""
    last = session.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    return (0, GENESIS) if last is None else (last.seq, last.hash)


def append(session: Session, entry: AuditEntry) -> None:
    """Append a linked entry; the database refuses one that does not continue the chain."""
    session.execute(insert(AuditRow).values({name: getattr(entry, name) for name in _NAMES}))
    anchors.note(session, entry)


def by_key(session: Session, idempotency_key: str) -> AuditEntry | None:
    """Return the entry that was written under this idempotency key, or None."""
    row = session.execute(select(*_COLUMNS).where(AuditRow.idempotency_key == idempotency_key)).first()
    return None if row is None else AuditEntry(**row._mapping)


def entries(session: Session, *, first: int = 1, last: int | None = None) -> Iterator[AuditEntry]:
    """Yield the chain in its order, from entry `first` to entry `last`, a page in memory at a time."""
    statement = select(*_COLUMNS).order_by(AuditRow.seq).execution_options(yield_per=_PAGE)
    if first > 1:  # below the first there is nothing, unless somebody put it there: then it must be seen
        statement = statement.where(AuditRow.seq >= first)
    if last is not None:
        statement = statement.where(AuditRow.seq <= last)
    for row in session.execute(statement):
        yield AuditEntry(**dict(zip(_NAMES, row, strict=True)))


def about_model(session: Session, model: str, batches: Collection[int], n: int) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries about a model and its batches, versions, findings and reviews, newest first."""
    kind, name = AuditRow.object_type, AuditRow.object_id
    concerned = or_(
        and_(kind == "model", name == model),
        and_(kind.in_(("version", "finding", "review")), _begins(name, f"{model}/")),
        and_(kind == "batch", name.in_([str(batch) for batch in batches])),
    )
    rows = session.execute(select(*_COLUMNS).where(concerned).order_by(AuditRow.seq.desc()).limit(n))
    return tuple(AuditEntry(**dict(zip(_NAMES, row, strict=True))) for row in rows)


def search(session: Session, sought: Sought, n: int) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries that fit everything sought, newest first."""
    row = AuditRow
    same = ((row.actor, sought.person), (row.object_type, sought.object_type), (row.action, sought.action))
    wanted: list[ColumnElement[bool]] = [column == value for column, value in same if value is not None]
    if sought.object_id is not None:
        wanted.append(or_(row.object_id == sought.object_id, _begins(row.object_id, f"{sought.object_id}/")))
    if sought.since is not None:
        wanted.append(row.at >= _written(sought.since))
    if sought.until is not None:
        wanted.append(row.at < _written(sought.until))
    if sought.text:
        told = (row.before, row.after, row.reason, row.object_id)
        wanted.append(or_(*(column.icontains(sought.text, autoescape=True) for column in told)))
    if sought.before_seq is not None:
        wanted.append(row.seq < sought.before_seq)
    found = session.execute(select(*_COLUMNS).where(*wanted).order_by(row.seq.desc()).limit(n))
    return tuple(AuditEntry(**dict(zip(_NAMES, one, strict=True))) for one in found)


def facets(session: Session) -> dict[str, tuple[str, ...]]:
    """Return what can be searched for: every ``actor``, ``object_type`` and ``action`` of the chain, by name."""
    return {
        column.key: tuple(session.scalars(select(column).distinct().order_by(column)))
        for column in (AuditRow.actor, AuditRow.object_type, AuditRow.action)
    }


def _written(at: datetime) -> str:
    """Return an instant as entries write theirs, so that texts compare as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """Say whether a text begins with exactly `prefix`: LIKE would not tell capitals apart in SQLite."""
    return func.substr(column, 1, len(prefix)) == prefix
