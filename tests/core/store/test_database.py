import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import String, Text
from sqlalchemy.exc import DBAPIError

from core.errors import BadInputError, BusyError
from core.store import database, governed_tables, sentences, settings
from core.store.database import DATABASE, HEAD, REVISIONS, init_store, open_store

INIT = "import sys; from pathlib import Path; from core.store.database import init_store; init_store(Path(sys.argv[1]))"


def run(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stderr=subprocess.PIPE)


# Creating


def test_a_new_store_lies_in_a_folder_that_only_its_owner_may_enter(tmp_path):
    store = init_store(tmp_path / "new" / "home")
    assert store.home.stat().st_mode & 0o777 == 0o700
    assert store.log_dir("m0001") == store.home / "log" / "m0001"
    assert store.clock.frozen_at is None


def test_creating_twice_changes_nothing(store):
    with store.write() as session:
        settings.put(session, "colour", "blue")
    with init_store(store.home).read() as session:
        assert settings.get(session, "colour") == "blue"


def test_two_processes_may_create_the_same_store_at_once(tmp_path):
    racers = [run(INIT, tmp_path / "home") for _ in range(4)]
    assert [(racer.wait(), racer.stderr.read()) for racer in racers] == [(0, b"")] * 4
    with open_store(tmp_path / "home").read() as session:
        assert settings.get(session, "anything") is None


def test_a_migration_killed_at_any_point_can_be_run_again(tmp_path):
    # each run stops itself just before its n-th statement of the migration
    code = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from core.store import database, sqlite
real, left = sqlite.engine, [int(sys.argv[2])]
def killing(home, *, guarded=True):
    engine = real(home, guarded=guarded)
    def before(*_):
        left[0] -= 1
        if left[0] < 0: os.kill(os.getpid(), signal.SIGKILL)
    event.listen(engine, "before_cursor_execute", before)
    return engine
sqlite.engine = killing
database.init_store(Path(sys.argv[1]))
"""
    for n in (0, 5, 20, 32):
        home = tmp_path / str(n)
        killed = run(code, home, n)
        assert killed.wait() == -signal.SIGKILL, killed.stderr.read()
        with pytest.raises(BadInputError, match="no store"):
            open_store(home)
        with init_store(home).read() as session:
            assert settings.get(session, "anything") is None


@pytest.mark.skipif(os.name != "posix", reason="needs a folder that nobody may write")
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for home in (tmp_path / "file" / "home", tmp_path / "file", Path("/proc/watchroom")):
        with pytest.raises(BadInputError, match="cannot be used") as refused:
            init_store(home)
        assert "\n" not in str(refused.value)


def test_the_migrated_schema_is_the_schema_of_the_tables(store):
    with store.engine.connect() as connection:
        options = {"compare_type": other_type, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, governed_tables.Base.metadata) == []


def other_type(context, column, declared, found, is_text) -> bool | None:
    """Say that a text without a longest length is as good: PostgreSQL's are all of this kind (`postgres_schema`)."""
    return False if isinstance(found, Text) and isinstance(is_text, String) else None


def test_the_newest_known_revision_is_alembics_head():
    config = Config()
    config.set_main_option("script_location", "core.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


# Opening


def test_opening_a_current_store_does_not_load_alembic(store):
    code = (
        "import sys; from pathlib import Path; from core.store.database import open_store; "
        "open_store(Path(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    assert run(code, store.home).wait() == 0


def test_a_folder_without_a_store_says_how_to_make_one(tmp_path):
    with pytest.raises(BadInputError, match="run watchroom init"):
        open_store(tmp_path)
    (tmp_path / DATABASE).touch()
    with pytest.raises(BadInputError, match="run watchroom init"):
        open_store(tmp_path)


def test_opening_makes_no_file_where_there_is_no_store(tmp_path):
    with pytest.raises(BadInputError):
        open_store(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_a_newer_program_is_refused(store, bare):
    bare("UPDATE alembic_version SET version_num = '9999'")
    for use in (open_store, init_store):
        with pytest.raises(BadInputError, match=r"newer Watchroom \(schema 9999\)"):
            use(store.home)


def test_a_store_of_an_older_program_is_not_opened_but_says_how_to_migrate(store, monkeypatch):
    monkeypatch.setattr(database, "REVISIONS", (*REVISIONS, "9999"))
    monkeypatch.setattr(database, "HEAD", "9999")
    with pytest.raises(BadInputError, match=r"earlier Watchroom.*watchroom init"):
        open_store(store.home)


def test_a_home_with_signs_that_mean_something_elsewhere_works(tmp_path):
    home = tmp_path / "a b%20?x=1#é%s"
    with init_store(home).write() as session:
        settings.put(session, "colour", "blue")
    with open_store(home).read() as session:
        assert settings.get(session, "colour") == "blue"
    assert [path.name for path in tmp_path.iterdir()] == [home.name]


# Reading and writing


def test_an_error_inside_a_write_undoes_all_of_it(store):
    def change_and_fail() -> None:
        with store.write() as session:
            settings.put(session, "colour", "blue")
            raise ValueError("midway")

    with pytest.raises(ValueError, match="midway"):
        change_and_fail()
    with store.read() as session:
        assert settings.get(session, "colour") is None


def test_a_reading_transaction_cannot_write(store):
    with pytest.raises(BadInputError, match="cannot be written"), store.read() as session:
        settings.put(session, "colour", "blue")
    with store.write() as session:
        settings.put(session, "colour", "red")


def test_a_reader_sees_one_instant_while_a_writer_commits(store):
    with store.read() as reader:
        assert settings.get(reader, "colour") is None
        with store.write() as writer:
            settings.put(writer, "colour", "blue")
        reader.expire_all()
        assert settings.get(reader, "colour") is None
    with store.read() as reader:
        assert settings.get(reader, "colour") == "blue"


def test_writers_take_turns_and_lose_nothing(store):
    def add_fifty() -> None:
        for _ in range(50):
            with store.write() as session:
                settings.put(session, "n", str(int(settings.get(session, "n") or 0) + 1))

    threads = [threading.Thread(target=add_fifty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert settings.get(session, "n") == "200"


def test_a_store_that_stays_busy_is_one_sentence_and_not_a_lock_error(store, monkeypatch):
    monkeypatch.setattr(sentences, "BUSY_SECONDS", 0.1)
    impatient = open_store(store.home)
    with store.write(), pytest.raises(BusyError, match=r"busy.*try again"), impatient.write():
        raise AssertionError("two writers at once")
    with impatient.write() as session:
        settings.put(session, "colour", "blue")


def test_a_mistake_of_our_own_is_not_dressed_up_as_bad_input(store):
    with pytest.raises(DBAPIError, match=r"no such table|does not exist"), store.read() as session:
        session.connection().exec_driver_sql("SELECT * FROM nowhere")


def test_a_frozen_clock_is_read_when_the_store_is_opened(store):
    at = datetime(2014, 1, 1, 5, tzinfo=UTC)
    with store.write() as session:
        settings.put_frozen_at(session, at)
    assert open_store(store.home).clock.now() == at


def test_a_foreign_key_must_lead_somewhere(store):
    with pytest.raises(DBAPIError, match=r"FOREIGN KEY|foreign key"), store.write() as session:
        session.connection().exec_driver_sql("INSERT INTO dirty_days VALUES (99, 'served', '2013-07-01', 1)")
