import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from core.store.tables import Base, PersonRow


def test_a_time_is_kept_as_utc_to_the_microsecond_whatever_zone_it_came_in(store):
    at = datetime(2013, 12, 31, 19, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=-5)))
    with store.write() as session:
        session.add(PersonRow(name="ana", roles=["viewer"], added_at=at))
    with store.read() as session:
        kept = session.get_one(PersonRow, "ana").added_at
        raw = session.connection().exec_driver_sql("SELECT added_at FROM people").scalar()
    assert (kept, kept.utcoffset()) == (at, timedelta(0))
    assert str(raw) == "2014-01-01 00:00:00.123456"


def test_a_time_without_a_zone_is_never_stored(store):
    def add() -> None:
        with store.write() as session:
            naive = datetime(2014, 1, 1, tzinfo=UTC).replace(tzinfo=None)
            session.add(PersonRow(name="ana", roles=[], added_at=naive))

    with pytest.raises(StatementError, match="must know its zone"):
        add()


def test_names_of_tables_and_columns_say_what_they_hold():
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert all(re.fullmatch(r"[a-z_0-9]+\.[a-z_0-9]+", name) for name in columns)
    times = {name for name in columns if name.endswith(("_at", "_until", "_since"))}
    assert all("UtcDateTime" in repr(Base.metadata.tables[t].columns[c].type) for t, c in (n.split(".") for n in times))
