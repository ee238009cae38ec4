"""Changing the audit chain as somebody does who can edit the database's files, or is its superuser: past all guards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from core.store.database import DATABASE, Store


@contextmanager
def unguarded(store: Store) -> Iterator[Session]:
    """Yield a session that no trigger stops; the guards stay off. What is not committed is undone."""
    store.engine.dispose()
    engine = _engine(store)
    with Session(engine) as session:
        _take_guards_off(session)
        session.commit()
        yield session
    engine.dispose()


def tampered(store: Store, *statements: str) -> None:
    """Change the chain for good."""
    with unguarded(store) as session:
        for statement in statements:
            session.execute(text(statement))
        session.commit()


def _engine(store: Store) -> Engine:
    if store.engine.dialect.name == "postgresql":
        url = store.engine.url
        return create_engine(url.set(username="postgres", password=None))
    engine = create_engine(f"sqlite:///{store.home / DATABASE}")
    event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _take_guards_off(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        return
    for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        session.execute(text(f"DROP TRIGGER {name}"))
