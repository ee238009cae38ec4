"""What stands at the root of the repository: locks, licence, Makefile, README and what they promise."""

import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from typer.main import get_command

from app.cli import program

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
TOP_LEVEL = {
    ".ci", ".gitignore", ".streamlit", "app", "benchmarks", "core", "docs", "pages", "sample_data", "tests",
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "NOTICE", "README.md", "pyproject.toml", *LOCKS,
}  # fmt: skip
# In parts, so that this file does not name what it looks for.
INDEX_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pypi", "python", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("deb", "debian", "org"), ("security", "debian", "org"), ("archive", "ubuntu", "com"), ("anaconda", "org"),
        ("crates", "io"), ("golang", "org"), ("unpkg", "com"), ("jsdelivr", "net"), ("yarnpkg", "com"),
    )
]  # fmt: skip
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][0-9a-z.+!]*)(?: ; (?P<marker>[^\\]+?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@cache
def repository_files() -> tuple[Path, ...]:
    """List what is committed or would be: everything that is not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    return tuple(ROOT / name for name in sorted(set(listed.decode().split("\0")) - {""}) if (ROOT / name).is_file())


@cache
def pins(lock: str) -> dict[str, list[Version]]:
    """Read a lock: canonical name → versions (more than one when a marker splits them)."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            found.setdefault(canonicalize_name(match["name"]), []).append(Version(match["version"]))
    return found


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared(lock: str) -> list[Requirement]:
    """List what pyproject.toml asks for and this lock must hold."""
    settings = project()
    extras = settings["project"]["optional-dependencies"]  # type: ignore[index]
    asked = [*settings["project"]["dependencies"], *extras["demo"], *settings["dependency-groups"]["build"]]  # type: ignore[index]
    return [Requirement(text) for text in asked + (extras["dev"] if lock == "requirements-dev.txt" else [])]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


# ---------------------------------------------------------------- locks
def test_no_file_of_the_repository_names_the_host_of_a_package_index() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {host}"
        for file in repository_files()
        for host in INDEX_HOSTS
        if host.encode() in file.read_bytes()
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_nothing_but_pins_and_hashes(lock: str) -> None:
    strange = [
        line
        for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()
        if not PIN.match(line) and not HASH.match(line)
    ]
    assert strange == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_is_followed_by_a_hash(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    bare = [
        line for line, after in zip(lines, [*lines[1:], ""], strict=True) if PIN.match(line) and not HASH.match(after)
    ]
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_locked_at_or_above_its_floor(lock: str) -> None:
    locked = pins(lock)
    missing = [
        str(asked)
        for asked in declared(lock)
        if not any(version in asked.specifier for version in locked.get(canonicalize_name(asked.name), []))
    ]
    assert missing == []


def test_the_development_lock_holds_the_runtime_lock_at_the_same_versions() -> None:
    development = pins("requirements-dev.txt")
    different = {
        name: versions for name, versions in pins("requirements.txt").items() if development.get(name) != versions
    }
    assert different == {}


def test_every_dependency_has_a_floor() -> None:
    assert [str(asked) for asked in declared("requirements-dev.txt") if ">=" not in str(asked.specifier)] == []


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    assert [asked.name for asked in declared("requirements-dev.txt") if f"`{asked.name}`" not in explained] == []


# ---------------------------------------------------------------- the root
def test_the_root_holds_only_the_agreed_names() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in repository_files()} - TOP_LEVEL == set()


def test_licence_and_notice_are_those_of_the_project() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert (ROOT / "NOTICE").read_text(encoding="utf-8").startswith("Watchroom")
    assert project()["project"]["license"] == "Apache-2.0"  # type: ignore[index]


def test_the_build_machine_needs_browser_shared_data_and_postgresql() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert "set -eu" in script
    assert "WATCHROOM_REQUIRE=browser,shared,postgres\n" in script
    assert re.findall(r"^make (\w+)$", script, re.MULTILINE) == ["browser", "test"]


def test_make_test_never_calls_apt() -> None:
    planned = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "app.bootstrap install --dev" in planned
    assert "apt" not in planned
    assert "bootstrap browser" not in planned


# ---------------------------------------------------------------- documents
@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_a_document_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert named
    assert named - make_targets() == set()


def test_every_make_command_that_a_program_advises_exists() -> None:
    named = {
        command
        for file in repository_files()
        if file.suffix == ".py" and "tests" not in file.parts
        for command in re.findall(
            r"`make ([a-z]+)`|make (demo|install|test|browser)\b", file.read_text(encoding="utf-8")
        )
        for command in command
        if command
    }
    assert named - make_targets() == set()


def test_every_watchroom_command_of_the_readme_exists() -> None:
    commands = get_command(program)
    named = set(re.findall(r"watchroom ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named
    assert named - set(commands.commands) == set()  # type: ignore[attr-defined]


def test_every_link_of_a_document_leads_to_a_file() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in repository_files()
        if document.suffix == ".md"
        for link in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_the_module_map_names_every_part_of_the_core() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = {folder.parent.name for folder in (ROOT / "core").glob("*/__init__.py")}
    assert {part for part in parts if f"`{part}/`" not in readme} == set()


def test_make_bench_runs_every_benchmark() -> None:
    from benchmarks.run import BENCHMARKS

    others = {"__init__", "make_log", "run", "screens", "prove", "prove_audit", "prove_releases"}
    modules = {file.stem for file in (ROOT / "benchmarks").glob("*.py")} - others
    assert set(BENCHMARKS) == modules
