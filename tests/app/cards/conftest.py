"""A fleet with protected groups, taken in once for each file of tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store.database import Store, open_store
from tests import grouped_fleet


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Store]:
    """Return the store of the fleet."""
    folder = tmp_path_factory.mktemp("grouped")
    home = Path(shutil.copytree(empty_home, folder / "home"))
    store, _ = grouped_fleet.take_in(open_store(home), folder / "files")
    yield store
    store.engine.dispose()
