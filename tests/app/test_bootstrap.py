"""The environment is made from the lock, kept when nothing changed, and mended when it was left half made.

A small project with wheels of its own takes the place of Watchroom: pip, venv and the lock are real, nothing is
fetched over a network.
"""

import base64
import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from app import bootstrap
from app.bootstrap import Kind, clear_broken, explain, install, is_ready, locked, only_one, stamp_path
from app.preflight import SetupError

ROOT = Path(__file__).parents[2]
SMALL = Kind("runtime", "requirements.txt", 1, 1)
BACKEND = """
import base64, hashlib, pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    files = {
        "small_project.pth": str(pathlib.Path.cwd()),
        "small_project-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: small-project\\nVersion: 1.0\\n",
        "small_project-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    with zipfile.ZipFile(pathlib.Path(folder) / "small_project-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr("small_project-1.0.dist-info/RECORD", "".join(f"{name},,\\n" for name in files))
    return "small_project-1.0-py3-none-any.whl"
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "small-project"
version = "1.0"
"""


def wheel(folder: Path, name: str, version: str) -> str:
    """Write a wheel with one module; returns its lock entry."""
    module, info = f"{name}.py", f"{name}-{version}.dist-info"
    files = {
        module: f"VERSION = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        record = ""
        for inside, text in files.items():
            archive.writestr(inside, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{inside},sha256={digest},{len(text)}\n"
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the environment of a small project once, from wheels in a folder."""
    root = tmp_path_factory.mktemp("small project")
    (root / "wheels").mkdir()
    (root / "backend.py").write_text(BACKEND)
    (root / "pyproject.toml").write_text(PROJECT)
    write_lock(root, {"setuptools": "999.0", "watched": "1.0"})
    with pytest.MonkeyPatch.context() as patch:
        no_index(patch, root)
        install(root, SMALL)
    return root


@pytest.fixture
def root(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    no_index(monkeypatch, made)
    monkeypatch.setattr(bootstrap, "RUNTIME", SMALL)
    return made


def write_lock(root: Path, versions: dict[str, str]) -> None:
    (root / "requirements.txt").write_text(
        "".join(wheel(root / "wheels", name, version) for name, version in versions.items())
    )


def no_index(patch: pytest.MonkeyPatch, root: Path) -> None:
    patch.setenv("PIP_CONFIG_FILE", os.devnull)
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", (root / "wheels").as_uri())
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        patch.delenv(name, raising=False)


def ask(root: Path, code: str) -> str:
    """Run code with the environment's own Python."""
    command = [root / ".venv" / "bin" / "python", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_environment_holds_the_locked_packages_and_the_project(root: Path) -> None:
    assert ask(root, "import watched; print(watched.VERSION)") == "1.0"
    assert ask(root, "import importlib.metadata as m; print(m.version('small-project'))") == "1.0"
    assert not (root / ".venv" / bootstrap.UNFINISHED).exists()


def test_a_second_run_installs_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = root / ".venv" / bootstrap.LOG
    before = log.stat().st_size
    install(root, SMALL)
    assert capsys.readouterr().out == ".venv is ready (runtime).\n"
    assert log.stat().st_size == before


def test_each_step_is_timed_and_plain_when_there_is_no_terminal(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stamp_path(root / ".venv", SMALL).unlink()
    install(root, SMALL)
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert "\033" not in shown
    assert [line for line in shown.splitlines() if "/5]" in line] == [
        "  [1/5] environment ...",
        "  [2/5] package index and build tool ...",
        "  [3/5] 2 locked packages ...",
        "  [4/5] Watchroom itself ...",
        "  [5/5] bytecode ...",
    ]
    assert sum(line.strip().removesuffix(" s").replace(".", "").isdigit() for line in shown.splitlines()) == 5


def test_a_changed_lock_is_installed_over_the_old_one(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lock(root, {"setuptools": "999.0", "watched": "2.0"})
    assert not is_ready(root, SMALL)
    install(root, SMALL)
    assert "only what differs from the lock is downloaded" in capsys.readouterr().out
    assert ask(root, "import watched; print(watched.VERSION)") == "2.0"
    assert is_ready(root, SMALL)


def test_an_environment_left_by_a_killed_run_is_made_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark, module = root / ".venv" / bootstrap.UNFINISHED, next((root / ".venv" / "lib").rglob("watched.py"))
    mark.touch()
    module.unlink()
    assert not is_ready(root, SMALL)
    install(root, SMALL)
    assert "half made or its Python is gone: it is made again" in capsys.readouterr().out
    assert ask(root, "import watched; print(watched.__name__)") == "watched"
    assert not mark.exists()


def test_a_package_that_is_not_the_locked_one_is_refused(root: Path) -> None:
    write_lock(root, {"setuptools": "999.0", "watched": "3.0"})
    with (root / "wheels" / "watched-3.0-py3-none-any.whl").open("ab") as changed:
        changed.write(b"one byte more")
    with pytest.raises(SetupError, match="not the one in the lock, so nothing of it was installed"):
        install(root, SMALL)
    assert not is_ready(root, SMALL)
    assert (root / ".venv" / bootstrap.UNFINISHED).exists()


def test_without_a_network_the_run_ends_at_once_with_the_fix(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lock(root, {"setuptools": "998.0", "watched": "4.0"})
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(SetupError, match=r"cannot be reached.*PIP_INDEX_URL=\.\.\. make demo"):
        install(root, SMALL)


def test_a_second_preparation_waits_for_the_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entered = threading.Event()

    def second() -> None:
        with only_one(root):
            entered.set()

    waiting = threading.Thread(target=second)
    with only_one(root):
        waiting.start()
        assert not entered.wait(0.3)
    waiting.join(10)
    assert entered.is_set()
    assert "Another preparation of .venv is running" in capsys.readouterr().out


# ---------------------------------------------------------------- without an environment
def test_a_folder_that_is_not_an_environment_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / ".venv"
    home.mkdir()
    (home / "letters.txt").write_text("mine")
    with pytest.raises(SetupError, match="holds something else than a Python environment"):
        clear_broken(home)
    assert (home / "letters.txt").read_text() == "mine"


def test_a_link_to_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".venv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match="is a link to another folder"):
        clear_broken(tmp_path / ".venv")
    assert (tmp_path / "elsewhere").is_dir()


def test_an_environment_whose_python_is_gone_is_removed(tmp_path: Path) -> None:
    home = tmp_path / ".venv"
    home.mkdir()
    (home / "pyvenv.cfg").touch()
    clear_broken(home)
    assert not home.exists()


def test_a_lock_is_read_entry_by_entry() -> None:
    entries = locked((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert all("==" in entry.splitlines()[0] for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert sum(entry.startswith("setuptools==") for entry in entries) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one in the lock"),
        ("Failed to establish a new connection: NewConnectionError", "cannot be reached"),
        ("ERROR: No matching distribution found for x==1 (from versions: none)", "cannot be reached or lacks"),
        ("ERROR: x is not a supported wheel on this platform.", "is not a supported wheel on this platform"),
    ],
)
def test_the_last_words_of_pip_become_one_sentence(words: str, sentence: str) -> None:
    said = explain(["Collecting x", words], Path("install.log"))
    assert sentence in said
    assert "\n" not in said


def test_the_index_of_a_person_is_kept_and_other_targets_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.example/simple")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    kept = bootstrap.pip_environment()
    assert kept["PIP_INDEX_URL"] == "http://mirror.example/simple"
    assert kept["PIP_USER"] == "0"
    assert not {"PIP_TARGET", "PYTHONPATH"} & set(kept)


def test_what_stands_in_the_way_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "app.bootstrap", "browser"],
        cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("watchroom: This system has no apt-get")
    assert run.stderr.count("\n") == 1
