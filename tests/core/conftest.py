"""A store with the troubles that data quality is there for, built once."""

import pytest

from core.store.database import Store, init_store
from tests.troubled_fleet import build


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("troubled")
    return build(init_store(folder / "home"), folder / "files")
