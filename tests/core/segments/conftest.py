"""A store with one weak segment, built once."""

import pytest

from core.store.database import Store, init_store
from tests.weak_fleet import build


@pytest.fixture(scope="session")
def weak_fleet(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("weak")
    return build(init_store(folder / "home"), folder / "files")
