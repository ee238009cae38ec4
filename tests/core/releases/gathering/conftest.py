"""A champion and a challenger on the same rows, and the evidence gathered of them."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from core.access.principal import LOCAL, WORKER
from core.releases.gathering import service
from core.releases.gathering.facts import Facts
from core.releases.gathering.service import GatheredEvidence, gather
from core.releases.requesting.service import request, submit
from core.store.database import init_store
from tests.compared_fleet import take_in


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Return the model of tests/compared_fleet.py with a submitted release, never changed."""
    folder = tmp_path_factory.mktemp("compared")
    files = take_in(init_store(folder / "home"), folder)
    files.release = submit(files.store, LOCAL, request(files.store, LOCAL, model="churn", version="v2").id)
    files.found = gather(files.store, WORKER, files.release.id)
    with files.store.read() as session:
        files.facts = service._facts(session, files.store, files.release.id)
    yield files
    files.store.engine.dispose()


@pytest.fixture
def found(fleet: SimpleNamespace) -> GatheredEvidence:
    """Return the evidence of its release."""
    gathered: GatheredEvidence = fleet.found
    return gathered


@pytest.fixture
def facts(fleet: SimpleNamespace) -> Facts:
    """Return what was read for it besides rows."""
    read: Facts = fleet.facts
    return read
