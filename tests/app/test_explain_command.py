import json
import pickle
from pathlib import Path

import pytest

from app.cli import run
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
