"""What is PostgreSQL's own: addresses, roles, the server's absence, one folder for one database."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import BadInputError, BusyError
from core.store import settings
from core.store.database import DATABASE, MARK, init_store, open_store
from tests.postgres_server import PASSWORD, PROGRAM

INIT = "import sys; from pathlib import Path; from core.store.database import init_store; init_store(Path(sys.argv[1]))"


def run(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stderr=subprocess.PIPE)


# Making


def test_processes_that_make_the_same_store_at_once_take_turns(tmp_path, empty):
    racers = [run(INIT, tmp_path / "home") for _ in range(3)]
    assert [(racer.wait(), racer.stderr.read()) for racer in racers] == [(0, b"")] * 3
    with open_store(tmp_path / "home").read() as session:
        assert settings.get(session, "anything") is None


def test_folders_that_race_for_one_database_leave_it_to_one_of_them(tmp_path, empty):
    racers = [run(INIT, tmp_path / str(n)) for n in range(3)]
    assert sorted(racer.wait() for racer in racers) == [0, 1, 1]
    assert sum(b"belong to different stores" in racer.stderr.read() for racer in racers) == 2


@pytest.mark.parametrize("n", [0, 5, 60, 120, 180])
def test_a_migration_killed_at_any_point_can_be_run_again(tmp_path, empty, n):
    code = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from core.store import database, postgres
real, left = postgres.engine, [int(sys.argv[2])]
def killing(url, **options):
    engine = real(url, **options)
    def before(*_):
        left[0] -= 1
        if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)
    event.listen(engine, "before_cursor_execute", before)
    return engine
postgres.engine = killing
database.init_store(Path(sys.argv[1]))
"""
    killed = run(code, tmp_path / "home", n)
    assert killed.wait() == -signal.SIGKILL, killed.stderr.read()
    with pytest.raises(BadInputError, match=r"no store|let us in"):
        open_store(tmp_path / "home")
    with init_store(tmp_path / "home").read() as session:
        assert settings.get(session, "anything") is None


def test_a_database_of_another_program_is_left_alone(tmp_path, empty, postgres):
    postgres.run("CREATE TABLE theirs (x int)", database=empty)
    with pytest.raises(BadInputError, match="another program"):
        init_store(tmp_path / "home")
    postgres.run("CREATE TABLE alembic_version (version_num text)", database=empty)
    with pytest.raises(BadInputError, match="another program"):
        init_store(tmp_path / "home")


# One folder, one database


def test_a_folder_and_a_database_of_different_stores_are_not_taken_together(tmp_path, postgres_store, empty):
    with pytest.raises(BadInputError, match="no store"):
        open_store(postgres_store.home)  # its own database is not the one that is named now
    (postgres_store.home / "log").mkdir()
    with pytest.raises(BadInputError, match="different stores"):
        init_store(postgres_store.home)
    init_store(tmp_path / "other").engine.dispose()
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="different stores"):
            use(postgres_store.home)


def test_a_store_in_the_folder_is_not_mixed_with_one_on_a_server(tmp_path, postgres_store, monkeypatch):
    monkeypatch.delenv("WATCHROOM_STORE")
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match=r"lies in PostgreSQL: set WATCHROOM_STORE"):
            use(postgres_store.home)
    assert not (postgres_store.home / DATABASE).exists()
    init_store(tmp_path / "file").engine.dispose()
    monkeypatch.setenv("WATCHROOM_STORE", postgres_store.engine.url.render_as_string(hide_password=False))
    with pytest.raises(BadInputError, match="no store"):
        open_store(tmp_path / "file")
    with pytest.raises(BadInputError, match="different stores"):
        init_store(tmp_path / "file")


def test_a_folder_without_its_mark_says_how_to_make_a_store(postgres_store):
    (postgres_store.home / MARK).unlink()
    with pytest.raises(BadInputError, match="run watchroom init"):
        open_store(postgres_store.home)


# Addresses and the server's absence


@pytest.mark.parametrize(
    "address",
    ["sqlite:///x.db", "postgresql+psycopg2://a@b/c", "postgresql://host", "nonsense", "postgresql://a:b:c:d/e"],
)
def test_an_address_that_is_none_of_a_postgresql_database_is_one_sentence(tmp_path, monkeypatch, address):
    monkeypatch.setenv("WATCHROOM_STORE", address)
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="WATCHROOM_STORE must name a PostgreSQL database"):
            use(tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_the_usual_spellings_of_an_address_are_understood(postgres_store, monkeypatch, scheme):
    _, _, rest = os.environ["WATCHROOM_STORE"].partition("://")
    monkeypatch.setenv("WATCHROOM_STORE", f"{scheme}://{rest}")
    asked = rest.partition("?")[0].rpartition("/")[2]
    store = open_store(postgres_store.home)
    with store.read() as session:
        assert session.connection().exec_driver_sql("SELECT current_database()").scalar() == asked
    store.engine.dispose()


@pytest.mark.parametrize("wrong", ["host", "database", "role"])
def test_a_server_that_does_not_let_us_in_is_one_sentence_without_the_password(postgres_store, monkeypatch, wrong):
    address = os.environ["WATCHROOM_STORE"]
    changed = {
        "host": address.partition("?")[0] + "?host=/nowhere",
        "database": address.replace("/store_", "/no_store_"),
        "role": address.replace(PROGRAM, "stranger"),
    }[wrong]
    monkeypatch.setenv("WATCHROOM_STORE", changed)
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match="cannot be used: the server does not let us in") as refused:
            use(postgres_store.home)
        assert "\n" not in str(refused.value)
        assert f":{PASSWORD}" not in str(refused.value)


def test_a_missing_driver_is_one_sentence_with_the_extra(postgres_store):
    code = (
        "import sys; sys.modules['psycopg'] = None; from pathlib import Path; "
        "from core.store.database import open_store; from core.errors import BadInputError\n"
        "try: open_store(Path(sys.argv[1]))\n"
        "except BadInputError as error: sys.exit('extra postgres' not in str(error))"
    )
    started = run(code, postgres_store.home)
    assert (started.wait(), started.stderr.read()) == (0, b"")


def test_a_connection_lost_midway_is_one_sentence_and_the_next_one_works(postgres_store, postgres):
    name = postgres_store.engine.url.database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    def lose_it() -> None:
        with postgres_store.write() as session:
            settings.put(session, "colour", "blue")
            postgres.run(end)
            settings.put(session, "colour", "red")

    with pytest.raises(BusyError, match=r"was lost.*try again") as lost:
        lose_it()
    assert "\n" not in str(lost.value)
    postgres.run(end)
    with postgres_store.read() as session:
        assert settings.get(session, "colour") is None


# Reading and writing


def test_a_writer_sees_what_the_one_before_it_wrote_while_it_waited(postgres_store):
    begun = threading.Event()

    def add() -> None:
        begun.set()
        with postgres_store.write() as session:
            settings.put(session, "n", str(int(settings.get(session, "n") or 0) + 1))

    with postgres_store.write() as session:
        other = threading.Thread(target=add)
        other.start()
        begun.wait()
        settings.put(session, "n", "41")
    other.join()
    with postgres_store.read() as session:
        assert settings.get(session, "n") == "42"


def test_a_text_with_nul_is_one_sentence(postgres_store):
    with pytest.raises(BadInputError, match="character NUL"), postgres_store.write() as session:
        settings.put(session, "colour", "bl\x00ue")


def test_nothing_of_the_server_is_left_in_the_folder(postgres_store):
    assert sorted(path.name for path in Path(postgres_store.home).iterdir()) == [".init.lock", MARK]
