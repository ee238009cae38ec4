"""Every test here runs on SQLite and on PostgreSQL."""

import pytest

from core.store.database import Store


@pytest.fixture
def store(both: Store) -> Store:
    return both
