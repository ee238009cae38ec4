"""What the state database says about its own condition."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.store import postgres_roles
from core.store.postgres_roles import RoleFacts
from core.store.tables import BatchRow

STAGED = "STAGED"


GUARDS = frozenset({"audit_refuses_update", "audit_refuses_delete", "audit_continues"})
SERVER_GUARDS = GUARDS | {"audit_refuses_truncate"}


def damage(session: Session) -> str:
    """Return the first thing that SQLite finds wrong with the file; empty when it is sound.

    PostgreSQL has no such question: a damaged page is an error where it is read.
    """
    if _is_server(session):
        return ""
    found = str(session.scalar(text("PRAGMA quick_check(1)")))
    return "" if found == "ok" else found


def missing_guards(session: Session) -> tuple[str, ...]:
    """Return the guards of the audit chain that somebody took off or switched off."""
    if _is_server(session):
        standing = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('audit') AND tgenabled = 'A'"
        wanted = SERVER_GUARDS
    else:
        standing = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        wanted = GUARDS
    return tuple(sorted(wanted - set(session.scalars(text(standing)))))


def role_facts(session: Session) -> RoleFacts | None:
    """Return what the program's role in PostgreSQL could do to the audit chain; None: the state is a file."""
    return postgres_roles.facts(session.connection()) if _is_server(session) else None


def _is_server(session: Session) -> bool:
    return session.connection().dialect.name == "postgresql"


def staged_batches(session: Session) -> int:
    """Return the number of batches whose intake was begun and neither landed nor given up."""
    return session.scalar(select(func.count()).select_from(BatchRow).where(BatchRow.state == STAGED)) or 0
