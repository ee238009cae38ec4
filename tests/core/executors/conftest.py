"""A model of tier 4, once on SQLite and once on PostgreSQL, and a receiver of webhooks that the store may reach."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store.database import Store
from tests.https_server import Receiver, certificate, hooked, receiving
from tests.release_kit import at, governed

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for the receiver."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def receiver(certificate_file: Path) -> Iterator[Receiver]:
    """Return a running receiver on a free port."""
    with receiving(certificate_file) as running:
        yield running


@pytest.fixture
def governed_store(both: Store) -> Store:
    """Return a store with `churn` of tier 4 (v1 is live, v2 and v3 are not) whose clock stands on a Monday."""
    return at(governed(both, tier=4), MONDAY)


@pytest.fixture
def hooked_store(governed_store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return the same with the receiver as its executor; secret and certificate are in the environment."""
    return hooked(governed_store, receiver, monkeypatch)
