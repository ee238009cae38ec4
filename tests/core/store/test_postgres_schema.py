"""Columns hold the same in both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from core.errors import BadInputError, NotFoundError
from core.store import batches, jobs
from core.store.database import init_store
from core.store.tables import PersonRow, SettingRow
from tests.postgres_server import OWNER


def test_a_database_that_is_not_in_utf_8_is_refused(tmp_path, postgres, monkeypatch):
    language = "LOCALE 'C' LOCALE_PROVIDER libc" if postgres.version >= 15 else "LC_COLLATE 'C' LC_CTYPE 'C'"
    postgres.run(f"CREATE DATABASE old OWNER {OWNER} ENCODING 'SQL_ASCII' {language} TEMPLATE template0")
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url("old"))
    monkeypatch.setenv("WATCHROOM_STORE_OWNER", postgres.url("old", OWNER))
    with pytest.raises(BadInputError, match=r"SQL_ASCII.*UTF8"):
        init_store(tmp_path / "home")
    postgres.drop("old")


def test_texts_sort_by_code_point_whatever_the_languages_order_is(store):
    names = ["b", "B", "a", "Z", "é", "_", "á", "z", "10", "9"]
    with store.write() as session:
        session.execute(insert(SettingRow), [{"name": name, "value": ""} for name in names])
        found = session.scalars(select(SettingRow.name).where(SettingRow.name != "store.id").order_by(SettingRow.name))
        assert list(found) == sorted(names)


def test_every_text_column_sorts_by_code_point(postgres_store):
    with postgres_store.read() as session:
        other = session.connection().exec_driver_sql(
            "SELECT attrelid::regclass, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
            "JOIN pg_collation o ON o.oid = attcollation WHERE relnamespace = 'public'::regnamespace "
            "AND relkind = 'r' AND relname <> 'alembic_version' AND collname <> 'C'"
        )
        assert other.all() == []


def test_a_number_of_a_job_or_batch_that_is_too_large_to_exist_is_not_found(store):
    with store.read() as session:
        for number in (2**31, 2**62):
            with pytest.raises(NotFoundError):
                jobs.job_by_id(session, number)
            with pytest.raises(NotFoundError):
                batches.batch_by_id(session, number)


def test_a_long_text_is_kept_whole_on_both(store):
    with store.write() as session:
        session.add(PersonRow(name="a" * 1_000, roles=[], added_at=datetime(2014, 1, 1, tzinfo=UTC)))
    with store.read() as session:
        assert session.scalar(select(PersonRow.name)) == "a" * 1_000
