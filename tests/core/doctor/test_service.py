import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.access.service import add_person
from core.doctor.service import examine, filesystem_of
from core.home.service import freeze_clock
from core.store import anchors
from core.store.database import DATABASE
from core.store.tables import BinningRow
from tests.postgres_server import OWNER

SAFE = '[browser]\ngatherUsageStats = false\n[server]\naddress = "127.0.0.1"\n[client]\nshowErrorDetails = "none"\n'


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(SAFE)
    return tmp_path


def codes(home: Path, root: Path) -> list[str]:
    found = examine(home, root=root, environment={}).findings
    return [finding.code for finding in found if finding.code != "disk_low"]


def test_a_fresh_store_with_safe_settings_has_nothing_wrong(store, root):
    assert codes(store.home, root) == []


def test_the_settings_of_the_program_itself_are_safe(store):
    found = {finding.code for finding in examine(store.home, environment={}, strict=True).findings}
    assert found <= {"disk_low"}


def test_without_a_store_it_says_how_to_make_one_and_makes_none(tmp_path, root):
    assert codes(tmp_path / "home", root) == ["no_store"]
    assert not examine(tmp_path / "home", root=root, environment={}).ok
    assert not (tmp_path / "home").exists()


def test_a_store_that_does_not_open_is_an_error(store, root):
    store.engine.dispose()
    (store.home / DATABASE).write_bytes(b"not a database " * 999)
    assert codes(store.home, root) == ["store_unusable"]


def test_a_damaged_database_is_an_error(store, root):
    store.engine.dispose()
    path = store.home / DATABASE
    with sqlite3.connect(path) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs'").fetchone()[0]
    connection.close()
    blob = bytearray(path.read_bytes())
    blob[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(blob)
    report = examine(store.home, root=root, environment={})
    assert "database_damaged" in {finding.code for finding in report.findings}
    assert not report.ok


def test_a_folder_open_to_everybody_is_a_warning_that_strict_refuses(store, root):
    store.home.chmod(0o755)
    assert codes(store.home, root) == ["readable_by_all"]
    assert examine(store.home, root=root, environment={}).ok
    assert not examine(store.home, root=root, environment={}, strict=True).ok


def test_a_frozen_clock_is_worth_knowing_and_no_failure(store, root, admin):
    freeze_clock(store, admin, datetime(2014, 1, 1, tzinfo=UTC))
    assert codes(store.home, root) == ["clock_frozen", "anchors_beside_database"]
    assert examine(store.home, root=root, environment={}).ok


def test_a_tampered_audit_chain_is_an_error(store, root, admin):
    add_person(store, admin, "ana", ["viewer"])
    add_person(store, admin, "ben", ["viewer"])
    store.engine.dispose()
    with sqlite3.connect(store.home / DATABASE) as connection:
        connection.execute("DROP TRIGGER audit_refuses_update")
        connection.execute("UPDATE audit SET actor = 'eve' WHERE seq = 1")
    assert codes(store.home, root) == ["audit_guards_missing", "audit_broken"]


def test_anchors_that_were_removed_are_missed_until_the_next_change(store, root, admin):
    add_person(store, admin, "ana", ["viewer"])
    (store.home / anchors.FILE).unlink()
    assert codes(store.home, root) == ["audit_not_anchored"]
    add_person(store, admin, "ben", ["viewer"])
    assert codes(store.home, root) == ["anchors_beside_database"]


def test_anchors_outside_are_told_and_missed(store, root, admin, tmp_path, monkeypatch):
    add_person(store, admin, "ana", ["viewer"])
    monkeypatch.setenv(anchors.VARIABLE, str(tmp_path / "outside"))
    assert codes(store.home, root) == ["anchors_missing"]
    (tmp_path / "outside").mkdir()
    add_person(store, admin, "ben", ["viewer"])
    assert codes(store.home, root) == ["anchored"]
    add_person(store, admin, "cy", ["viewer"])
    (tmp_path / "outside" / anchors.FILE).unlink()
    assert codes(store.home, root) == ["anchors_missing"]


def test_a_forged_anchor_is_an_error(store, root, admin):
    add_person(store, admin, "ana", ["viewer"])
    path = store.home / anchors.FILE
    path.write_text(path.read_text().replace('"at":"2', '"at":"1'))
    assert codes(store.home, root)[0] == "audit_broken"


@pytest.mark.parametrize("content", [None, "[server\n", "\xff"])
def test_settings_that_cannot_be_read_are_a_warning(store, root, content):
    path = root / ".streamlit" / "config.toml"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="latin-1")
    assert codes(store.home, root) == ["settings_unreadable", "telemetry_on", "address_open", "error_details_shown"]


def test_the_environment_is_examined_too(store, root):
    found = examine(store.home, root=root, environment={"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}).findings
    assert [finding.code for finding in found if finding.code != "disk_low"] == ["address_open"]


MOUNTS = "disk / ext4 rw 0 0\nbox:/x /srv nfs4 rw 0 0\nd2 /srv/my\\040disk xfs rw 0 0\nproc /proc proc rw 0 0\n"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/a", "ext4"), ("/srv/store", "nfs4"), ("/srv/my disk/store", "xfs"), ("/srvx", "ext4"), ("/", "ext4")],
)
def test_the_file_system_of_a_folder_is_that_of_its_longest_mount_point(path, kind):
    assert filesystem_of(Path(path), MOUNTS) == kind


def test_an_unknown_file_system_has_no_name():
    assert filesystem_of(Path("/home"), "") == ""


def test_a_log_that_lost_files_or_its_whole_table_is_damaged(fleet, root):
    assert "log_damaged" not in codes(fleet.home, root)
    table = fleet.log_dir("m0001") / "predictions"
    lost = next(path for path in sorted(table.rglob("*.parquet")) if "_delta_log" not in path.parts)
    lost.unlink()
    assert "log_damaged" in codes(fleet.home, root)
    for path in table.rglob("*"):
        if path.is_file():
            path.unlink()
    assert "log_damaged" in codes(fleet.home, root)


def test_profiles_of_an_earlier_kernel_are_an_error_until_init_makes_them_anew(fleet, root):
    assert "profiles_outdated" not in codes(fleet.home, root)
    with fleet.write() as session:
        session.execute(update(BinningRow).values(kernel_version=1))
    assert codes(fleet.home, root).count("profiles_outdated") == 1


def test_a_damaged_commit_of_the_log_is_one_finding(fleet, root):
    commit = max((fleet.log_dir("m0001") / "predictions" / "_delta_log").glob("*.json"))
    commit.write_text("nonsense", encoding="utf-8")
    assert codes(fleet.home, root).count("log_damaged") == 1


def test_a_store_in_postgresql_has_nothing_wrong_as_long_as_its_role_only_appends(postgres_store, postgres, root):
    assert codes(postgres_store.home, root) == []
    database = postgres_store.engine.url.database
    postgres.run("GRANT DELETE ON audit TO watchroom_app", database=database)
    assert codes(postgres_store.home, root) == ["database_role_may_change_audit"]
    postgres.run("ALTER TABLE audit DISABLE TRIGGER audit_refuses_delete", database=database)
    assert codes(postgres_store.home, root) == ["audit_guards_missing", "database_role_may_change_audit"]


def test_a_role_that_owns_its_audit_table_is_a_warning(postgres_store, postgres, root, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(postgres_store.engine.url.database, OWNER))
    assert codes(postgres_store.home, root) == ["database_role_owns_audit"]
    assert not examine(postgres_store.home, root=root, environment={}, strict=True).ok


def test_a_server_that_is_away_is_an_error_and_no_traceback(postgres_store, root, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", "postgresql://app@/none?host=/nowhere")
    assert codes(postgres_store.home, root) == ["store_unusable"]
    monkeypatch.setenv("WATCHROOM_STORE", "mysql://app@host/x")
    assert codes(postgres_store.home, root) == ["store_unusable"]
