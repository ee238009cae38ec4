"""The life of the sample fleet's folder; what the fleet shows is compared in tests/sample_data/test_scenario.py."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from app import demo, demo_staged
from core.access.principal import LOCAL
from core.errors import BadInputError
from core.home.service import create_store
from core.inventory.controls import policy
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.store.database import init_store

FLIGHTS_ALONE = """
import sys, pathlib
from app import demo
demo.STAGED = ()
demo.build(pathlib.Path(sys.argv[1]), say=lambda text: print(text, flush=True))
"""


def test_another_persons_store_is_never_touched(tmp_path):
    init_store(tmp_path / "mine").engine.dispose()
    with pytest.raises(BadInputError, match="a store of your own"):
        demo.build(tmp_path / "mine", say=lambda text: None)


def test_an_outdated_fleet_is_built_anew_over_what_a_killed_build_left_and_a_second_run_only_reads_it(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(demo, "STAGED", ())  # the flights alone take a few seconds
    home, left = tmp_path / "home", tmp_path / "home.building-killed"
    create_store(LOCAL, home).engine.dispose()
    (home / demo.STAMP).write_text('{"fleet": "older"}', encoding="utf-8")
    left.mkdir()
    assert demo.build(home, say=lambda text: None)["built"]
    assert not left.exists()
    said = []
    assert not demo.build(home, say=said.append)["built"]
    assert said == [f"The sample fleet in {home} is up to date."]


def test_a_build_killed_half_way_leaves_no_fleet_behind_that_looks_finished(tmp_path):
    command = [sys.executable, "-c", FLIGHTS_ALONE, str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if "predictions of" in line:
                os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "home").exists()
    assert len(list(tmp_path.glob("home.building-*"))) == 1


def test_the_version_of_the_fleet_changes_with_its_samples(tmp_path, monkeypatch):
    (tmp_path / "generate.py").write_text("SEED = 1", encoding="utf-8")
    monkeypatch.setattr(demo, "SAMPLES", tmp_path)
    before = demo.fleet_version()
    assert demo.fleet_version() == before
    (tmp_path / "generate.py").write_text("SEED = 2", encoding="utf-8")
    assert demo.fleet_version() != before


def test_the_version_of_the_fleet_changes_with_what_builds_and_governs_it(tmp_path, monkeypatch):
    before = demo.fleet_version()
    monkeypatch.setattr(demo, "BUILDERS", tmp_path)
    (tmp_path / "demo_releases.py").write_text("", encoding="utf-8")
    assert demo.fleet_version() != before
    monkeypatch.undo()
    assert demo.fleet_version() == before
    monkeypatch.setattr(demo, "policy", lambda name: replace(policy(name), version=policy(name).version + 1))
    assert demo.fleet_version() != before


def test_a_refused_file_stops_the_build(tmp_path):
    from sample_data.staging import CLOCK, Delivery

    store = create_store(LOCAL, tmp_path / "home")
    generator = demo_staged.generators()["demand"]
    add_model(store, LOCAL, load_schema(generator.SCHEMA))
    demo_staged.begin(store, "demand", generator, tmp_path, lambda text: None)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1")
    with pytest.raises(BadInputError, match=r"broken\.parquet was refused: "):
        demo_staged.deliver(store, "demand", Delivery(at=CLOCK, kind="predictions", file=broken))
    store.engine.dispose()


def test_the_half_that_is_built_beside_says_what_it_does_and_its_failure_ends_the_build(tmp_path):
    create_store(LOCAL, tmp_path / "home").engine.dispose()
    said = []
    with (
        pytest.raises(BadInputError, match=r"The staged models could not be built: .*model 'demand'"),
        demo_staged.beside(tmp_path / "home", tmp_path, said.append, ["demand"]),
    ):
        said.append("the other half is done")
    assert {"demand (staged): inventing its rows", "the other half is done"} <= set(said)


def test_the_half_beside_is_ended_when_the_other_half_fails(tmp_path):
    create_store(LOCAL, tmp_path / "home").engine.dispose()
    began = time.monotonic()
    with (
        pytest.raises(BadInputError, match="no flights today"),
        demo_staged.beside(tmp_path / "home", tmp_path, lambda text: None, ["demand"]),
    ):
        raise BadInputError("no flights today")
    assert time.monotonic() - began < 5


def test_the_folder_of_the_demo_is_the_option_else_the_environments_else_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("WATCHROOM_HOME", raising=False)
    assert demo.demo_home(None).name == ".watchroom-demo"
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path))
    assert demo.demo_home(None) == tmp_path
    assert demo.demo_home(tmp_path / "other") == tmp_path / "other"
