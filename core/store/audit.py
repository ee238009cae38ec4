"""Reading and appending of the audit chain. The database itself refuses everything else (revision 0001)."""

from collections.abc import Collection, Iterator
from dataclasses import fields

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import Session

from core.audit.chain import GENESIS, AuditEntry
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


def entries(session: Session) -> Iterator[AuditEntry]:
    """Yield the chain in its order, a page in memory at a time."""
    for row in session.execute(select(*_COLUMNS).order_by(AuditRow.seq).execution_options(yield_per=_PAGE)):
        yield AuditEntry(**dict(zip(_NAMES, row, strict=True)))


def newest(session: Session, n: int) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries, newest first."""
    rows = session.execute(select(*_COLUMNS).order_by(AuditRow.seq.desc()).limit(n))
    return tuple(AuditEntry(**dict(zip(_NAMES, row, strict=True))) for row in rows)


def about_model(session: Session, model: str, batches: Collection[int], n: int) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries about a model, its versions and its batches, newest first."""
    kind, name = AuditRow.object_type, AuditRow.object_id
    concerned = or_(
        and_(kind == "model", name == model),
        and_(kind == "version", name.startswith(f"{model}/", autoescape=True)),
        and_(kind == "batch", name.in_([str(batch) for batch in batches])),
    )
    rows = session.execute(select(*_COLUMNS).where(concerned).order_by(AuditRow.seq.desc()).limit(n))
    return tuple(AuditEntry(**dict(zip(_NAMES, row, strict=True))) for row in rows)


def count(session: Session) -> int:
    """Return the number of entries."""
    return session.scalar(select(func.count()).select_from(AuditRow)) or 0
