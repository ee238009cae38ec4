"""A store with a model of tier 3, once on SQLite and once on PostgreSQL."""

from datetime import UTC, datetime

import pytest

from core.store.database import Store
from tests.release_kit import at, governed

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def governed_store(both: Store) -> Store:
    """Return a store with `churn` of tier 3 (v1 is live, v2 and v3 are not) whose clock stands on a Monday."""
    return at(governed(both), MONDAY)


@pytest.fixture
def strict_store(both: Store) -> Store:
    """Return the same with `churn` of tier 1: two people, waiting times."""
    return at(governed(both, tier=1), MONDAY)


@pytest.fixture
def sqlite_governed(sqlite_store: Store) -> Store:
    """Return the model of tier 3 on SQLite alone, for what takes long."""
    return at(governed(sqlite_store), MONDAY)
