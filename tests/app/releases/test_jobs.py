import pytest

from app import actions
from app.jobs import KINDS
from core.access.principal import LOCAL
from core.access.service import add_person
from core.errors import BadInputError
from core.inventory.service import add_version
from core.jobs.service import newest_jobs
from core.releases.states import ReleaseState
from tests.release_kit import ROLES, now, requested, settled
from tests.small_fleet import write_files


@pytest.fixture
def waiting(fleet):
    """Return a store where v2 of `churn` waits for approval."""
    for name, role in ROLES.items():
        add_person(fleet, LOCAL, name, [role.value])
    add_version(fleet, LOCAL, model="churn", version="v2", artifact_sha256=None, has_reference=False)
    return fleet, settled(fleet, requested(fleet))


def rechecks(store):
    return [job.parameters for job in newest_jobs(store) if job.kind == actions.RELEASE_RECHECK]


def test_a_log_that_grows_has_the_gates_of_what_waits_computed_again(waiting, tmp_path):
    store, release = waiting
    assert release.state is ReleaseState.PENDING_APPROVAL
    file = tmp_path / "shadow.parquet"
    write_files(tmp_path / "files")
    (tmp_path / "files" / "predictions.parquet").rename(file)
    assert rechecks(store) == []
    actions.ingest(store, LOCAL, model="churn", version="v2", files=[file], role="shadow")
    assert rechecks(store) == [{"release": release.id}]


def test_gates_that_turn_make_what_waits_stale(waiting):
    store, release = waiting
    told = KINDS[actions.RELEASE_RECHECK](store, {"release": release.id}, lambda _share, _words: None)
    assert told == f"release {release.id} of churn v2: STALE"  # made-up evidence said that everything passes
    assert "outcomes of the gates" in now(store, release).why


def test_a_release_that_nobody_knows_is_told(store):
    with pytest.raises(BadInputError, match="no release"):
        KINDS[actions.RELEASE_RECHECK](store, {"release": 9}, lambda _share, _words: None)
