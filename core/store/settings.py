"""Named settings of a store, kept as text."""

from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from core.store.tables import SettingRow

FROZEN_AT = "clock.frozen_at"
IDENTITY = "store.id"


def get(session: Session, name: str) -> str | None:
    """Return the setting `name`, or None when it was never set."""
    row = session.get(SettingRow, name)
    return None if row is None else row.value


def put(session: Session, name: str, value: str | None) -> None:
    """Set `name` to `value`; None forgets it."""
    row = session.get(SettingRow, name)
    if value is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(SettingRow(name=name, value=value))
    else:
        row.value = value
    session.flush()


def frozen_at(session: Session) -> datetime | None:
    """Return the instant at which this store's clock stands, or None when it runs."""
    value = get(session, FROZEN_AT)
    return None if value is None else datetime.fromisoformat(value)


def put_frozen_at(session: Session, at: datetime | None) -> None:
    """Let this store's clock stand at the aware instant `at`, or run again (None)."""
    put(session, FROZEN_AT, None if at is None else at.isoformat())


def identity(connection: Connection) -> str | None:
    """Return what a database and the folder of its store know each other by; None: the database has none yet."""
    return connection.scalar(select(SettingRow.value).where(SettingRow.name == IDENTITY))


def identify(connection: Connection, value: str) -> None:
    """Give a database that has none its identity."""
    connection.execute(insert(SettingRow).values(name=IDENTITY, value=value))
