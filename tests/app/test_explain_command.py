import json
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import run
from core.store.database import open_store
from tests import explained_fleet
from tests.conftest import ROOT

ARTIFACT = ROOT / "sample_data" / "flight_delay" / "model.skops"
YAML = (
    "{model: m, task: binary, owner: o, columns: {prediction_id: i, timestamp: t, score: s, features: {numeric: [a]}}}"
)


@pytest.fixture
def home(tmp_path: Path, store) -> str:
    (tmp_path / "model.yaml").write_text(YAML)
    assert run(["model", "add", str(tmp_path / "model.yaml"), "--home", str(store.home)]) == 0
    return str(store.home)


@pytest.fixture(scope="module")
def explained_home(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("explained")
    store = open_store(Path(shutil.copytree(empty_home, folder / "home")))
    explained_fleet.take_in(store, folder / "files")
    yield folder / "home"
    store.engine.dispose()


def test_a_model_file_is_kept_under_the_digest_that_is_answered(home, capsys):
    capsys.readouterr()
    assert run(["version", "add", "m", "v1", "--artifact", str(ARTIFACT), "--home", home, "--json"]) == 0
    digest = json.loads(capsys.readouterr().out)["artifact_sha256"]
    kept = list(Path(home).glob("log/*/artifacts/*"))
    assert [path.name for path in kept] == [digest]
    assert kept[0].read_bytes() == ARTIFACT.read_bytes()


def test_a_pickle_is_refused_by_name_and_adds_no_version(home, tmp_path, capsys):
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1]))
    assert run(["version", "add", "m", "v1", "--artifact", str(tmp_path / "model.pkl"), "--home", home]) == 2
    assert "model.pkl is a pickle" in capsys.readouterr().err
    assert run(["explain", "m", "v1", "--home", home]) == 2


def test_explaining_an_unknown_version_is_bad_use(home, capsys):
    assert run(["explain", "m", "nowhere", "--home", home, "--json"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("row", [[], ["--row", "s000003"]])
def test_a_class_of_a_model_with_one_score_is_refused_in_one_sentence(explained_home, row, capsys):
    asked = ["explain", "churn", "v1", *row, "--class", "left", "--home", str(explained_home), "--json"]
    assert run(asked) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "no class 'left' to choose" in told.err
