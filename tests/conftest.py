"""Fixtures of all tests: a fresh store, who acts, the shared data, the browser; and the count of what was skipped."""

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from core.access.principal import LOCAL, Principal
from core.home.service import freeze_clock
from core.store.database import Store, init_store, open_store
from tests import three_tasks as other_tasks
from tests import value_fleet
from tests.postgres_server import OWNER, Server, binaries
from tests.small_fleet import take_in

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NEEDS = {"shared": "shared data", "browser": "run make browser", "postgres": "no PostgreSQL"}
"""What a test may lack, and the reason it is skipped for: `WATCHROOM_REQUIRE` names those that must be there."""
FROZEN_AT = datetime(2014, 1, 1, 5, tzinfo=UTC)

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("house")


def missing(need: str, what: str) -> None:
    """Skip the test for the reason of `need`, or fail it when the need is required here."""
    if need in os.environ.get("WATCHROOM_REQUIRE", "").split(","):
        pytest.fail(f"{NEEDS[need]}: {what} (WATCHROOM_REQUIRE names {need})", pytrace=False)
    pytest.skip(NEEDS[need])


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared data: `WATCHROOM_SHARED`, else ../shared beside the repository."""
    folder = (ROOT / os.environ.get("WATCHROOM_SHARED", "../shared")).resolve()
    if not folder.is_dir():
        missing("shared", f"there is no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of the machine's Chromium."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing("browser", f"none of {', '.join(BROWSERS)} is installed")
    return str(found)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty home that tests copy: much faster than a migration each."""
    home = tmp_path_factory.mktemp("template") / "home"
    init_store(home).engine.dispose()
    return home


@pytest.fixture
def sqlite_store(tmp_path: Path, empty_home: Path) -> Iterator[Store]:
    """Return a fresh, empty store on the system's clock, its state in the folder."""
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    opened = open_store(home)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Return a fresh, empty store; where the kind of database could matter a conftest makes it `both`."""
    return sqlite_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a running PostgreSQL server that ends with the tests (one a worker)."""
    folder = binaries()
    if folder is None or importlib.util.find_spec("psycopg") is None:
        missing("postgres", "the driver, or both the distribution's server and pgserver, are not installed")
    server = Server(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> tuple[Path, str]:
    """Return the folder and the database of a migrated, empty store that tests copy."""
    home, database = tmp_path_factory.mktemp("template") / "home", postgres.database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_STORE", postgres.url(database))
        patch.setenv("WATCHROOM_STORE_OWNER", postgres.url(database, OWNER))
        init_store(home).engine.dispose()
    return home, database


@pytest.fixture
def postgres_store(
    tmp_path: Path, postgres: Server, _empty_database: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """Return a fresh, empty store in PostgreSQL; `WATCHROOM_STORE` names it, for other processes too."""
    template, database = _empty_database
    home, mine = Path(shutil.copytree(template, tmp_path / "beside server")), postgres.database(template=database)
    monkeypatch.setenv("WATCHROOM_STORE", postgres.url(mine))
    opened = open_store(home)
    yield opened
    opened.engine.dispose()
    postgres.drop(mine)


@pytest.fixture(params=["sqlite", "postgres"])
def both(request: pytest.FixtureRequest) -> Store:
    """Return a fresh, empty store: the test runs once on SQLite and once on PostgreSQL."""
    found: Store = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest.fixture(scope="session")
def _small_fleet(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    take_in(open_store(home), folder / "files").engine.dispose()
    return folder


@pytest.fixture
def fleet(tmp_path: Path, _small_fleet: Path) -> Iterator[Store]:
    """Return a store of its own with the small made-up model `churn` (tests/small_fleet.py), all judged."""
    opened = open_store(Path(shutil.copytree(_small_fleet / "home", tmp_path / "fleet")))
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="session")
def _valued_fleet(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    folder = tmp_path_factory.mktemp("valued")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    value_fleet.take_in(open_store(home), folder / "files").engine.dispose()
    return folder


@pytest.fixture
def valued(tmp_path: Path, _valued_fleet: Path) -> Iterator[Store]:
    """Return a store of its own with the models `loans`, `tickets` and `sales` (tests/value_fleet.py), all judged."""
    opened = open_store(Path(shutil.copytree(_valued_fleet / "home", tmp_path / "valued")))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def frozen_store(store: Store) -> Store:
    """Return a fresh store whose clock stands at the start of 2014 in New York."""
    return freeze_clock(store, LOCAL, FROZEN_AT)


@pytest.fixture
def admin() -> Principal:
    """Return the local administrator."""
    return LOCAL


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Say as the very last line how many tests were skipped, and why."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    reasons = Counter(_reason(report) for report in reporter.stats.get("skipped", []))
    told = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items()))
    reporter.write_line(f"skipped: {reasons.total()}" + (f" ({told})" if told else ""))


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def _three_tasks(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Path:
    folder = tmp_path_factory.mktemp("tasks")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    other_tasks.take_in(open_store(home), folder / "files").engine.dispose()
    return folder


@pytest.fixture
def three_tasks(tmp_path: Path, _three_tasks: Path) -> Iterator[Store]:
    """Return a store of its own with the made-up models `demand` and `tickets` (tests/three_tasks.py), all judged."""
    home = Path(shutil.copytree(_three_tasks / "home", tmp_path / "tasks"))
    opened = open_store(home)
    yield opened
    opened.engine.dispose()
