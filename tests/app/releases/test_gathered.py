import json
from pathlib import Path

import pytest

from app.jobs import KINDS
from app.releases.gathered import gather_evidence, handed_for, recheck_evidence
from app.releases.jobs import RELEASE_EVIDENCE
from core.access.principal import LOCAL, WORKER
from core.audit.actions import AuditAction
from core.audit.service import about
from core.audit.sought import Sought
from core.releases.requesting.service import request, submit
from core.releases.states import ReleaseState
from core.store.database import Store
from core.store.releases import find_pack
from tests.compared_fleet import take_in


@pytest.fixture
def submitted(store: Store, tmp_path: Path):
    files = take_in(store, tmp_path / "files", tier=2)
    files.release = submit(files.store, LOCAL, request(files.store, LOCAL, model="churn", version="v2").id)
    return files


def test_the_job_settles_the_release_with_card_and_groups(submitted):
    store, release = submitted.store, submitted.release
    told = KINDS[RELEASE_EVIDENCE](store, {"release": release.id, "round": 1}, lambda _share, _words: None)
    assert told == f"release {release.id} of churn v2: BLOCKED"  # nobody wrote a record or validated it
    again = gather_evidence(store, WORKER, release.id)
    assert again.state is ReleaseState.BLOCKED
    with store.read() as session:
        pack = find_pack(session, again.digest)
    assert pack is not None
    gates = {one["gate"]: one for one in pack.document["gates"]}
    assert gates["fairness"]["value"] is not None
    assert pack.document["card"]["markdown"].startswith("---")
    assert recheck_evidence(store, WORKER, release.id).state is ReleaseState.BLOCKED


def test_a_group_that_is_too_small_is_told_as_withheld_without_a_number(submitted):
    handed = handed_for(submitted.store, WORKER, submitted.release.id)
    region = next(one for one in handed.fairness["columns"] if one["column"] == "region")
    small = next(one for one in region["groups"] if one["group"] == "island")
    assert small["withheld"]
    assert (small["champion"], small["challenger"]) == (None, None)
    assert not handed.protected["region"][[one["group"] for one in region["groups"]].index("island")]
    json.dumps(handed.fairness, allow_nan=False)


def test_reading_the_groups_of_both_versions_is_audited(submitted):
    handed_for(submitted.store, WORKER, submitted.release.id)
    read = about(submitted.store, Sought(action=AuditAction.FAIRNESS_READ))
    assert {json.loads(one.after)["version"] for one in read if one.after} >= {"v1", "v2"}
