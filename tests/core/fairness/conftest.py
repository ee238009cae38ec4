import shutil

import polars as pl
import pytest

from core.store.database import open_store
from tests import grouped_fleet


@pytest.fixture(scope="session")
def _grouped_home(tmp_path_factory, empty_home):
    folder = tmp_path_factory.mktemp("grouped")
    home = shutil.copytree(empty_home, folder / "home")
    store, files = grouped_fleet.take_in(open_store(home), folder / "files")
    store.engine.dispose()
    return home, files


@pytest.fixture
def grouped(tmp_path, _grouped_home):
    """Return a store of its own with the model of tests/grouped_fleet.py."""
    opened = open_store(shutil.copytree(_grouped_home[0], tmp_path / "grouped"))
    yield opened
    opened.engine.dispose()


@pytest.fixture(scope="session")
def served(_grouped_home) -> pl.DataFrame:
    """Return the rows that the model served, with the actuals that are known."""
    files = _grouped_home[1]
    known = pl.read_parquet(files.actuals).select("id", "left")
    return files.served.drop("left").join(known, on="id", how="left")
