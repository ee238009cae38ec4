from dataclasses import replace

import pytest

from core.releases.awaited import Awaited, DeliveryKind, awaited, dedup_key, is_silent, payload
from core.releases.plan import plan_of
from core.releases.states import ReleaseState
from tests.core.releases.made_up import NOON, RELEASE

S = ReleaseState


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"state": S.APPROVED}, None),
        ({"state": S.EXECUTING}, ("release", 1)),
        ({"state": S.UNKNOWN}, ("release", 1)),
        ({"state": S.LIVE, "step": 1}, None),
        ({"state": S.LIVE, "step": 1, "executing_since": NOON}, ("release", 2)),
        ({"state": S.ROLLBACK_REQUESTED, "rollback_to_id": 1, "step": 1}, ("rollback", 0)),
        ({"state": S.ROLLING_BACK, "rollback_to_id": 1}, ("rollback", 0)),
        ({"state": S.UNKNOWN, "rollback_to_id": 1}, ("rollback", 0)),
        ({"state": S.ROLLING_BACK, "rollback_to_id": 1, "environment": "drill"}, ("drill", 0)),
        ({"state": S.ROLLED_BACK, "rollback_to_id": 1}, None),
        ({"state": S.FAILED}, None),
    ],
)
def test_a_release_waits_for_what_was_sent_out_and_not_acknowledged(changes, wanted):
    found = awaited(replace(RELEASE, **changes))
    assert (found and (found.kind.value, found.step)) == wanted


def test_a_later_step_is_silent_once_its_time_went_by_and_is_awaited_all_the_same():
    sent = replace(RELEASE, state=S.LIVE, step=1, executing_since=NOON)
    assert not is_silent(sent)
    silent = replace(sent, why="step 2: no acknowledgement within 15 minutes")
    assert is_silent(silent)
    assert awaited(silent) == Awaited(kind=DeliveryKind.RELEASE, step=2)
    assert not is_silent(replace(silent, executing_since=None))
    assert not is_silent(replace(silent, state=S.ROLLBACK_REQUESTED))


def test_an_executor_is_told_which_version_serves_which_share_once():
    plan = plan_of({"steps": [{"kind": "canary", "share": 0.05}, {"kind": "full"}]})
    release = replace(RELEASE, state=S.EXECUTING, plan=plan.as_json())
    wanted = awaited(release)
    assert wanted
    sent = payload(release, wanted, model_key="m0001", version="v2", artifact_sha256="a" * 64)
    assert (sent["mode"], sent["share"], sent["step"], sent["steps"], sent["replaces"]) == ("canary", 0.05, 1, 2, "v1")
    assert dedup_key(release, wanted) == f"release-7-r1-s1-v{release.row_version}"
    back = replace(release, state=S.ROLLBACK_REQUESTED, rollback_to_id=1, row_version=9)
    way_back = awaited(back)
    assert way_back
    sent = payload(back, way_back, model_key="m0001", version="v1", artifact_sha256=None)
    assert (sent["kind"], sent["version"], sent["replaces"], sent["share"]) == ("rollback", "v1", "v2", 1.0)
    assert dedup_key(back, way_back) == "rollback-7-v9"
