"""The whole application on PostgreSQL: the same fleet gives the same rows and numbers as on SQLite, its pages stand."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import pytest
from sqlalchemy import Table, select
from streamlit.testing.v1 import AppTest

from app import actions, demo, navigation
from app.cli import run
from core.access.principal import LOCAL
from core.audit.service import verify
from core.errors import BadInputError
from core.fairness.service import choose_reference_group
from core.jobs.service import find_job, run_worker
from core.log.service import batches, revert_batch
from core.segments.filters import Condition, Filter, to_text
from core.store.database import Store, open_store
from core.store.governed_tables import Base
from tests import grouped_fleet
from tests.app.test_server import serving
from tests.postgres_server import OWNER

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
NEVER_TWICE = {
    "audit": {"event_id", "at", "after", "prev_hash", "hash"},  # `after` holds the path of the file
    "batches": {"file"},
    "jobs": {"submitted_at", "finished_at", "worker"},
    "analyses": {"seconds"},
}
"""Columns that hold an identity, a real time or a path."""
FAMILIES = ("drift", "performance", "quality", "calibration", "fairness")
ABOUT = [entry[2] for entries in navigation.SECTIONS.values() for entry in entries]
FILES = {entry[2]: entry[0] for entries in navigation.SECTIONS.values() for entry in entries}


@pytest.fixture(scope="module")
def fleets(tmp_path_factory, empty_home, postgres, _empty_database) -> Iterator[SimpleNamespace]:
    """Return the fleet of tests/grouped_fleet.py in both kinds of store, and the address of the second."""
    folder = tmp_path_factory.mktemp("both")
    template, database = _empty_database
    mine = postgres.database(template=database)
    file = open_store(Path(shutil.copytree(empty_home, folder / "file")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_STORE", postgres.url(mine))
        server = open_store(Path(shutil.copytree(template, folder / "server")))
    file, _ = grouped_fleet.take_in(file, folder / "a")
    server, _ = grouped_fleet.take_in(server, folder / "b")
    yield SimpleNamespace(file=file, server=server, database=mine)
    file.engine.dispose()
    server.engine.dispose()
    postgres.drop(mine)


@pytest.fixture
def on_server(fleets, postgres, tmp_path, monkeypatch) -> Iterator[Path]:
    """Let commands, pages and processes of this test open a copy of the fleet in PostgreSQL; return its folder."""
    fleets.server.engine.dispose()
    home, mine = (
        Path(shutil.copytree(fleets.server.home, tmp_path / "copy")),
        postgres.database(template=fleets.database),
    )
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(mine))
    monkeypatch.setenv("WATCHROOM_HOME", str(home))
    yield home
    postgres.drop(mine)


def rows(store: Store, table: Table) -> list[dict[str, object]]:
    with store.read() as session:
        found = session.execute(select(table).order_by(*table.primary_key.columns)).mappings().all()
    kept = [
        {name: value for name, value in row.items() if name not in NEVER_TWICE.get(table.name, ())} for row in found
    ]
    return [row for row in kept if row.get("name") != "store.id"]


def test_the_same_fleet_gives_the_same_rows_in_every_table(fleets):
    found = {table.name: rows(fleets.server, table) for table in Base.metadata.sorted_tables}
    assert found == {table.name: rows(fleets.file, table) for table in Base.metadata.sorted_tables}
    assert (len(found["day_states"]), len(found["profiles"]), len(found["batches"])) == (40, 80, 2)


def test_every_family_gives_the_same_points(fleets, postgres, monkeypatch, capsys):
    def points(store: Store, family: str) -> object:
        asked = ["metrics", "churn", "--family", family, "--every", "week"]
        assert run([*asked, "--home", str(store.home), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    here = {family: points(fleets.file, family) for family in FAMILIES}
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(fleets.database))
    there = {family: points(fleets.server, family) for family in FAMILIES}
    assert there == here
    assert all(len(answer["points"]) > 10 for answer in there.values())


def change(store: Store) -> None:
    """Change what people change: a saved segment and its counting, a reference group, a batch taken back."""
    where = to_text(Filter(conditions=(Condition(column="plan", levels=("plus", "max")),)))
    actions.save_segment(store, LOCAL, model="churn", name="payers", where=where)
    choose_reference_group(store, LOCAL, model="churn", column="sex", group="M", reason="the larger one")
    run_worker(store.home, "app.jobs:run", once=True)
    taken = max(batches(store, "churn"), key=lambda one: one.id)
    revert_batch(store, LOCAL, batch_id=taken.id, reason="a test")
    actions.refresh(store, LOCAL, model="churn")


def test_the_same_changes_leave_the_same_rows(fleets, postgres, monkeypatch):
    change(fleets.file)
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(fleets.database))
    change(fleets.server)
    for table in Base.metadata.sorted_tables:
        assert rows(fleets.server, table) == rows(fleets.file, table), table.name
    assert verify(fleets.server).ok
    assert find_job(fleets.server, 1).state.value == "DONE"


def test_pages_commands_and_worker_work_from_postgresql(on_server, capsys):
    for url in ABOUT:
        at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=PATIENCE_SECONDS).run()
        if url != navigation.home_of(navigation.DEFAULT_VIEW):
            at.switch_page(f"../pages/{FILES[url]}").run()
        assert not at.exception, url
        assert len(at.title) == 1, url
        assert "cannot be opened" not in at.title[0].value, url
    for command in (
        ["model", "list"],
        ["batch", "list", "churn"],
        ["check", "churn"],
        ["audit", "verify"],
        ["champion", "churn"],
    ):
        assert run([*command, "--json"]) in (0, 1), command
        assert json.loads(capsys.readouterr().out)
    with serving(on_server) as (address, _), urlopen(f"{address}/_stcore/host-config") as answer:
        assert answer.status == 200


def test_the_command_init_makes_a_store_and_its_role_and_says_what_hinders_it(tmp_path, postgres, monkeypatch, capsys):
    mine, home = postgres.database(), str(tmp_path / "home")
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(mine, "made_by_init"))
    assert run(["person", "add", "ana", "--role", "viewer", "--home", home]) == 2
    assert "does not let us in" in capsys.readouterr().err
    monkeypatch.setenv("WATCHROOM_STORE_OWNER", postgres.url(mine, OWNER))
    assert run(["init", "--home", home, "--json"]) == 0
    monkeypatch.delenv("WATCHROOM_STORE_OWNER")
    assert run(["init", "--home", home, "--json"]) == 0
    assert run(["person", "add", "ana", "--role", "viewer", "--home", home, "--json"]) == 0
    assert "Traceback" not in capsys.readouterr().err
    assert sorted(path.name for path in Path(home).glob("*.db")) == []


def test_the_sample_fleet_keeps_out_of_a_database_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHROOM_STORE", "postgresql://app:word@host/mine")
    with pytest.raises(BadInputError, match="unset WATCHROOM_STORE"):
        demo.build(tmp_path / "demo", say=lambda text: None)
    assert list(tmp_path.iterdir()) == []
