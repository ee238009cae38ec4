"""The life of the sample fleet's folder; what the fleet shows is compared in tests/sample_data/test_scenario.py."""

import os
import signal
import subprocess
import sys

import pytest

from app import demo
from core.access.principal import LOCAL
from core.errors import BadInputError
from core.home.service import create_store
from core.store.database import init_store

FLIGHTS_ALONE = """
import sys, pathlib
from app import demo
demo.STAGED = ()
demo.build(pathlib.Path(sys.argv[1]), say=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    """A fleet without its staged models: it is built in a few seconds."""
    folder = tmp_path_factory.mktemp("fleet") / "home"
    subprocess.run([sys.executable, "-c", FLIGHTS_ALONE, str(folder)], check=True, capture_output=True)
    return folder


def test_another_persons_store_is_never_touched(tmp_path):
    init_store(tmp_path / "mine").engine.dispose()
    with pytest.raises(BadInputError, match="a store of your own"):
        demo.build(tmp_path / "mine", say=lambda text: None)


def test_the_second_run_builds_nothing_and_says_so(flights):
    said = []
    again = demo.build(flights, say=said.append)
    assert not again["built"]
    assert said == [f"The sample fleet in {flights} is up to date."]


def test_an_outdated_fleet_is_built_anew_and_what_a_killed_build_left_is_swept(flights, monkeypatch):
    monkeypatch.setattr(demo, "STAGED", ())
    left = flights.with_name(f"{flights.name}.building-killed")
    left.mkdir()
    (flights / demo.STAMP).write_text('{"fleet": "older"}', encoding="utf-8")
    assert demo.build(flights, say=lambda text: None)["built"]
    assert not left.exists()
    assert not demo.build(flights, say=lambda text: None)["built"]


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


def test_a_refused_file_stops_the_build(tmp_path):
    from sample_data.staging import CLOCK, Delivery

    store = create_store(LOCAL, tmp_path / "home")
    generator = demo._generators()["demand"]
    demo._begin_staged(store, "demand", generator, tmp_path, lambda text: None)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1")
    with pytest.raises(BadInputError, match=r"broken\.parquet was refused: "):
        demo._deliver(store, "demand", Delivery(at=CLOCK, kind="predictions", file=broken))
    store.engine.dispose()


def test_the_folder_of_the_demo_is_the_option_else_the_environments_else_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("WATCHROOM_HOME", raising=False)
    assert demo.demo_home(None).name == ".watchroom-demo"
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path))
    assert demo.demo_home(None) == tmp_path
    assert demo.demo_home(tmp_path / "other") == tmp_path / "other"
