"""What a run of the tests lacks is said, and required needs fail instead of being skipped."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
NO_SERVER = "import tests.postgres_server as server; server.binaries = lambda: None\n"
TESTS = """
import pytest

def test_reads_shared(shared):
    assert shared.is_dir()

def test_walks(browser):
    assert browser

def test_asks_a_server(postgres):
    assert postgres.version

@pytest.mark.skip(reason="on purpose")
def test_later():
    assert True
"""


def run(folder: Path, *options: str, server: bool = False, **environment: str) -> tuple[int, list[str]]:
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    written = CONFTEST.read_text(encoding="utf-8")
    (folder / "tests" / "conftest.py").write_text(written if server else NO_SERVER + written, encoding="utf-8")
    (folder / "tests" / "test_needs.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "tests"],
        cwd=folder,
        env={"PATH": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_last_line_says_how_many_tests_were_skipped_and_why(tmp_path, options):
    code, lines = run(tmp_path / "repository", *options)
    assert code == 0
    assert lines[-1] == "skipped: 4 (1 no PostgreSQL, 1 on purpose, 1 run make browser, 1 shared data)"


def test_what_is_required_fails_and_what_is_there_is_used(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    required = {"WATCHROOM_REQUIRE": "browser,shared,postgres"}
    code, lines = run(tmp_path / "repository", **required)
    assert code == 1
    assert any("shared data: there is no folder" in line for line in lines)
    assert any("run make browser: none of chromium" in line for line in lines)
    assert any("no PostgreSQL: the driver, or both" in line for line in lines)
    assert lines[-1] == "skipped: 1 (1 on purpose)"
    there = {"PATH": str(tmp_path), "WATCHROOM_SHARED": "../elsewhere", "WATCHROOM_REQUIRE": "browser,shared"}
    code, lines = run(tmp_path / "repository", server=True, **there)
    assert code == 0
    assert lines[-1] in ("skipped: 1 (1 on purpose)", "skipped: 2 (1 no PostgreSQL, 1 on purpose)")
