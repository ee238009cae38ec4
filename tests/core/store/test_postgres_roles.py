"""Who owns the tables in PostgreSQL, and what the role of the program may do."""

import os

import pytest

from core.errors import BadInputError
from core.store import health, settings
from core.store.database import DATABASE, init_store, open_store
from tests.postgres_server import OWNER, PROGRAM


def test_making_it_again_gives_the_programs_role_back_what_it_lacks(tmp_path, empty, postgres):
    store = init_store(tmp_path / "home")
    postgres.run(f"REVOKE ALL ON settings FROM {PROGRAM}", database=empty)
    with pytest.raises(BadInputError, match="lacks a right; run watchroom init"), store.read() as session:
        settings.get(session, "colour")
    store.engine.dispose()
    with init_store(tmp_path / "home").write() as session:
        settings.put(session, "colour", "blue")


def test_the_programs_role_is_made_with_a_password_that_no_log_shows(tmp_path, empty, postgres, monkeypatch):
    role = 'made\'s "own" %(x)s'
    url = f"postgresql+psycopg://made%27s%20%22own%22%20%25(x)s:se%40cret@/{empty}?host={postgres.place}"
    monkeypatch.setenv("WATCHROOM_STORE", url)
    store = init_store(tmp_path / "home")
    with store.write() as session:
        settings.put(session, "colour", "blue")
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT current_user").scalar() == role
    with postgres.connect(database=empty) as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()[0]
        assert kept.startswith("SCRAM-SHA-256$")
        assert connection.execute("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = %s",
                                  [role]).fetchone() == (False,)  # fmt: skip


def test_a_new_role_needs_a_password_and_an_owner_who_may_make_it(tmp_path, empty, postgres, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", f"postgresql+psycopg://nobody_yet@/{empty}?host={postgres.place}")
    with pytest.raises(BadInputError, match=r"no role 'nobody_yet'.*password"):
        init_store(tmp_path / "home")
    postgres.run(f"CREATE ROLE plain LOGIN IN ROLE {OWNER}", "GRANT ALL ON SCHEMA public TO plain", database=empty)
    monkeypatch.setenv("WATCHROOM_STORE", f"postgresql+psycopg://nobody_yet:x@/{empty}?host={postgres.place}")
    monkeypatch.setenv("WATCHROOM_STORE_OWNER", postgres.url(empty, "plain"))
    with pytest.raises(BadInputError, match="may not make one"):
        init_store(tmp_path / "home")
    monkeypatch.setenv("WATCHROOM_STORE", f"postgresql+psycopg:///{empty}?host={postgres.place}")
    with pytest.raises(BadInputError, match="must name the program's role"):
        init_store(tmp_path / "home")
    assert not (tmp_path / "home" / DATABASE).exists()


def test_without_an_owner_the_programs_role_owns_the_tables_and_is_seen_to(tmp_path, empty, postgres, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(empty, OWNER))
    monkeypatch.delenv("WATCHROOM_STORE_OWNER")
    with init_store(tmp_path / "home").read() as session:
        found = health.role_facts(session)
    assert (found.name, found.superuser, found.owner) == (OWNER, False, True)
    assert found.rights == ("UPDATE", "DELETE", "TRUNCATE")


def test_a_role_that_may_become_the_owner_counts_as_the_owner(postgres_store, postgres):
    with postgres_store.read() as session:
        assert not health.role_facts(session).owner
        assert health.role_facts(session).rights == ()
    postgres.run("CREATE ROLE heir LOGIN")
    postgres.run(f"GRANT {OWNER} TO heir", f"GRANT {PROGRAM} TO heir")
    os.environ["WATCHROOM_STORE"] = postgres.url(postgres_store.engine.url.database, "heir")
    with open_store(postgres_store.home).read() as session:
        assert health.role_facts(session).owner


def test_a_superuser_does_not_run_the_program(tmp_path, empty, postgres, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(empty, "postgres"))
    monkeypatch.delenv("WATCHROOM_STORE_OWNER")
    with pytest.raises(BadInputError, match=r"superuser 'postgres'.*WATCHROOM_STORE_OWNER"):
        init_store(tmp_path / "home")
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(empty))
    monkeypatch.setenv("WATCHROOM_STORE_OWNER", postgres.url(empty, "postgres"))
    init_store(tmp_path / "home").engine.dispose()
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(empty, "postgres"))
    with pytest.raises(BadInputError, match="superuser"):
        open_store(tmp_path / "home")


def test_the_programs_role_makes_and_changes_no_table(postgres_store):
    for statement in (
        "CREATE TABLE mine (x int)",
        "ALTER TABLE settings ADD COLUMN x int",
        "DROP TABLE settings",
        "UPDATE alembic_version SET version_num = '0001'",
    ):
        with pytest.raises(BadInputError, match="lacks a right"), postgres_store.write() as session:
            session.connection().exec_driver_sql(statement)
