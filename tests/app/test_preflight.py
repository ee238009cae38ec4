"""Each thing that may stand in the way of an installation is refused with its fix."""

import ast
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.preflight import (
    SetupError,
    better_python,
    check_disk,
    check_python,
    check_system,
    check_venv,
    choose_port,
    existing,
    install_browser,
    pip_cache,
    port_is_free,
)

ROOT = Path(__file__).parents[2]
BEFORE_INSTALLATION = ("app/__init__.py", "app/bootstrap.py", "app/preflight.py")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that is the whole PATH, with nothing in it but `env` and `sh`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("env", "sh"):
        (folder / name).symlink_to(Path("/usr/bin") / name)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_what_runs_before_the_installation_is_written_in_python_3_6(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 6))
    assert isinstance(tree, ast.Module)


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_what_runs_before_the_installation_imports_only_the_standard_library(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module for module in imported if module.split(".")[0] not in sys.stdlib_module_names} <= {"app.preflight"}


def test_windows_is_told_to_use_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    check_system()
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SetupError, match="inside WSL"):
        check_system()


@pytest.mark.parametrize("version", [(3, 6), (3, 8), (3, 10)])
def test_an_old_python_is_refused_with_the_command_that_installs_a_newer_one(version: tuple[int, int]) -> None:
    with pytest.raises(SetupError, match=rf"python is {version[0]}\.{version[1]}\. .*apt install python3 python3-venv"):
        check_python(version, "/usr/bin/python")


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (4, 0)])
def test_a_new_python_is_taken(version: tuple[int, int]) -> None:
    assert check_python(version, "/usr/bin/python3") is None


@pytest.mark.parametrize(("executable", "package"), [("python3", "python3-venv"), ("python3.12", "python3.12-venv")])
def test_a_python_without_venv_names_the_package(
    executable: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_venv((3, 12), f"/usr/bin/{executable}")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SetupError, match=rf"sudo apt install {package}$"):
        check_venv((3, 12), f"/usr/bin/{executable}")


def test_a_newer_python_on_the_path_is_found(programs: Path) -> None:
    program(programs, "python3.11", "exit 1")
    newer = program(programs, "python3.12", "exit 0")
    assert better_python() == str(newer)


def test_no_python_is_found_when_none_can_make_environments(programs: Path) -> None:
    program(programs, "python3.11", "exit 1")
    assert better_python() is None


def test_too_little_disk_is_refused_with_the_amounts(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"about 999,999,999 MB are needed on the disk of .*MB are free"):
        check_disk([(tmp_path / "not" / "there", 999_999_999)])


def test_folders_on_one_disk_are_added_up(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"about 1,000,000,001 MB"):
        check_disk([(tmp_path, 1), (tmp_path / "cache", 1_000_000_000)])


def test_enough_disk_is_accepted(tmp_path: Path) -> None:
    assert check_disk([(tmp_path, 1)]) is None


def test_the_nearest_existing_folder_stands_for_one_that_is_not_there(tmp_path: Path) -> None:
    assert existing(tmp_path / "a" / "b") == tmp_path


def test_the_cache_of_pip_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    monkeypatch.delenv("PIP_CACHE_DIR", raising=False)
    assert pip_cache() == Path("/caches/pip")
    monkeypatch.setenv("PIP_CACHE_DIR", "/elsewhere")
    assert pip_cache() == Path("/elsewhere")


def test_a_taken_port_is_refused_with_the_next_free_one(taken_port: int) -> None:
    assert not port_is_free(taken_port)
    with pytest.raises(SetupError, match=rf"Port {taken_port} of 127\.0\.0\.1 is in use.*make demo PORT=\d+$"):
        choose_port(taken_port)


def test_a_free_port_is_kept(taken_port: int) -> None:
    free = next(port for port in range(taken_port + 1, 65536) if port_is_free(port))
    assert choose_port(free) == free


@pytest.mark.parametrize(("answer", "agrees"), [("\n", True), ("y\n", True), ("n\n", False)])
def test_at_a_terminal_the_next_port_is_offered(taken_port: int, answer: str, agrees: bool) -> None:
    controller, terminal = os.openpty()
    script = f"from app.preflight import choose_port, SetupError\ntry: print('chosen', choose_port({taken_port}))\n"
    os.write(controller, answer.encode())
    running = subprocess.run(
        [sys.executable, "-c", script + "except SetupError: print('refused')"],
        cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, timeout=60, check=True,
    )  # fmt: skip
    shown = os.read(controller, 4096).decode()
    os.close(controller)
    os.close(terminal)
    assert running.returncode == 0
    assert "instead? [Y/n]" in shown
    assert ("chosen" in shown) is agrees
    assert ("refused" in shown) is not agrees


# ---------------------------------------------------------------- browser
def test_a_chromium_that_is_there_is_left_alone(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = program(programs, "chromium", "exit 1")
    install_browser()
    assert capsys.readouterr().out == f"Chromium is there: {there}\n"


def test_a_system_without_apt_is_told_what_is_needed(programs: Path) -> None:
    with pytest.raises(SetupError, match="has no apt-get: install Chromium its own way"):
        install_browser()


def test_chromium_is_installed_from_the_distribution(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(programs, "apt-get", 'echo "apt-get $* $DEBIAN_FRONTEND"')
    install_browser()
    assert capfd.readouterr().out.splitlines() == [
        "apt-get -q update noninteractive",
        "apt-get -q install -y chromium noninteractive",
        "Chromium is installed.",
    ]


def test_a_person_who_is_not_root_installs_through_sudo(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(programs, "apt-get", "exit 0")
    with pytest.raises(SetupError, match="needs root and there is no sudo"):
        install_browser()
    program(programs, "sudo", 'echo "sudo $*"', 'exec "$@"')
    install_browser()
    assert "sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y chromium" in capfd.readouterr().out


def test_a_failing_apt_is_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(programs, "apt-get", "exit 100")
    with pytest.raises(SetupError, match="apt-get update failed"):
        install_browser()
