"""A store with a model that can be explained, built once."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.store.database import Store, open_store
from tests import explained_fleet


@pytest.fixture(scope="session")
def churn(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> SimpleNamespace:
    """Return the files of `churn`; its store is shared: tests that change it copy it (`explained`)."""
    folder = tmp_path_factory.mktemp("explained")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    return explained_fleet.take_in(open_store(home), folder / "files")


@pytest.fixture
def explained(tmp_path: Path, churn: SimpleNamespace) -> Iterator[Store]:
    """Return a store of its own with `churn` and `logged`, all judged."""
    opened = open_store(Path(shutil.copytree(churn.store.home, tmp_path / "explained")))
    yield opened
    opened.engine.dispose()
