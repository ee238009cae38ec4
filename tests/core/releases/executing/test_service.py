from datetime import timedelta

import pytest

from core.access.principal import LOCAL
from core.access.service import add_person
from core.errors import RefusedError
from core.findings import service as findings
from core.inventory.controls import policy
from core.inventory.service import retire_model
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.requesting import service as requesting
from core.releases.states import ReleaseState
from core.store import outbox
from core.store import records as stored_records
from tests.core.releases.made_up import NOON
from tests.release_kit import (
    ANA,
    DANA,
    OMAR,
    VERA,
    approve,
    approved,
    at,
    gates,
    governed,
    later,
    live,
    now,
    pending,
)

S = ReleaseState
STEPS = plan_of(
    {
        "steps": [
            {"kind": "shadow", "days": 2},
            {"kind": "canary", "share": 0.25, "days": 1},
            {"kind": "full"},
        ]
    }
)

SHADOW = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})


def refusal(call, *given, **named) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    return caught.value


def deliveries(store, release):
    with store.read() as session:
        return outbox.by_release(session, release.id)


def test_what_is_executed_is_written_into_the_outbox_and_is_not_live(governed_store):
    release = approved(governed_store)
    sent = executing.execute(governed_store, DANA, release.id)
    assert (sent.state, sent.step, sent.live_since) == (S.EXECUTING, 0, None)
    (one,) = deliveries(governed_store, release)
    assert (one.kind, one.dedup_key, one.executor) == (
        "release",
        f"release-{release.id}-r1-s1-v{sent.row_version}",
        "embedded",
    )
    assert (one.payload["version"], one.payload["mode"], one.payload["digest"]) == ("v2", "full", release.digest)


def test_nothing_is_executed_before_it_is_approved_or_twice(governed_store):
    release = pending(governed_store)
    assert refusal(executing.execute, governed_store, OMAR, release.id).code == "illegal_move"
    approve(governed_store, OMAR, release)
    assert refusal(executing.execute, governed_store, VERA, release.id).code == "not_allowed"
    executing.execute(governed_store, OMAR, release.id, idempotency_key="k")
    executing.execute(governed_store, OMAR, release.id, idempotency_key="k")
    refused = refusal(executing.execute, governed_store, ANA, release.id)
    assert (refused.code, "by Omar" in refused.why) == ("already_decided", True)
    assert len(deliveries(governed_store, release)) == 1


@pytest.mark.parametrize(("tier", "wait"), [(1, 24), (2, 24), (3, 0), (4, 0)])
@pytest.mark.parametrize("named", ["standard", "demo"])
def test_the_upper_tiers_wait_after_the_last_approval_but_not_in_a_demonstration(both, tier, wait, named):
    store = at(governed(both, tier=tier), NOON)
    with store.write() as session:
        stored_records.put_release_policy(session, named)
    release = approve(store, OMAR, pending(store))
    if tier < 3:
        release = approve(later(store, hours=1), VERA, release)
    begins = (1 if tier < 3 else 0) + (wait if named == "standard" else 0)
    assert policy(named)[tier].wait == timedelta(hours=wait if named == "standard" else 0)
    if named == "standard" and wait:
        refused = refusal(executing.execute, later(store, hours=begins, seconds=-1), OMAR, release.id)
        assert (refused.code, "waits 24 hours" in refused.why) == ("illegal_move", True)
        assert "2026-03-05 13:00 UTC" in refused.why
    assert executing.execute(later(store, hours=begins), OMAR, release.id).state is S.EXECUTING


def test_an_approval_that_nobody_uses_ends(governed_store):
    release = approved(governed_store)
    late = later(governed_store, days=14)
    assert refusal(executing.execute, late, OMAR, release.id).code == "expired"
    assert now(late, release).state is S.EXPIRED
    assert refusal(executing.execute, late, OMAR, release.id).code == "expired"


def test_what_the_approvals_rest_on_is_read_again(governed_store):
    release = approved(governed_store)
    with governed_store.write() as session:
        stored_records.put_release_policy(session, "demo")
    refused = refusal(executing.execute, governed_store, OMAR, release.id)
    assert (refused.code, "gate policy" in refused.why) == ("stale_evidence", True)
    assert now(governed_store, release).state is S.STALE
    assert deliveries(governed_store, release) == ()
    assert refusal(executing.execute, governed_store, OMAR, release.id).code == "stale_evidence"


def test_an_approver_who_lost_the_role_stops_it(governed_store):
    release = approve(governed_store, ANA, pending(governed_store))
    add_person(governed_store, LOCAL, "Ana", ["viewer"])
    refused = refusal(executing.execute, governed_store, OMAR, release.id)
    assert (refused.code, "'approval'" in refused.why) == ("stale_evidence", True)
    assert now(governed_store, release).state is S.STALE


def test_evidence_that_changed_outcome_after_the_approval_stops_it(governed_store):
    release = approved(governed_store)
    requesting.recheck(governed_store, DANA, release.id, gates=gates(failed=("calibration",)))
    assert refusal(executing.execute, governed_store, OMAR, release.id).code == "stale_evidence"


def test_a_plan_goes_on_by_hand_and_by_acknowledgement(governed_store):
    release = live(governed_store, plan=STEPS)
    assert (release.state, release.step) == (S.LIVE, 1)
    refused = refusal(executing.advance, governed_store, OMAR, release.id)
    assert (refused.code, "stands until 2026-03-04 09:00" in refused.why) == ("illegal_move", True)
    second = later(governed_store, days=2)
    under_way = executing.advance(second, OMAR, release.id, idempotency_key="k")
    assert (under_way.state, under_way.step) == (S.LIVE, 1)
    assert executing.advance(second, OMAR, release.id, idempotency_key="k") == under_way
    assert "not acknowledged yet" in refusal(executing.advance, second, OMAR, release.id).why
    assert acknowledging.acknowledge(second, OMAR, release.id).step == 2
    third = later(governed_store, days=3)
    executing.advance(third, OMAR, release.id)
    done = acknowledging.acknowledge(third, OMAR, release.id)
    assert (done.state, done.step) == (S.LIVE, 3)
    assert "its plan is done" in refusal(executing.advance, later(third, days=9), OMAR, release.id).why
    sent = [one.payload["mode"] for one in deliveries(governed_store, release)]
    assert sent == ["shadow", "canary", "full"]


def test_only_what_is_live_advances(governed_store):
    assert "only what is live" in refusal(executing.advance, governed_store, OMAR, pending(governed_store).id).why


def test_a_step_that_failed_is_sent_again_when_it_is_asked_for_again(governed_store):
    release, governed_store = live(governed_store, plan=SHADOW), later(governed_store, days=2)
    executing.advance(governed_store, OMAR, release.id)
    acknowledging.fail(governed_store, OMAR, release.id, reason="the gateway said no")
    executing.advance(governed_store, OMAR, release.id)
    assert [one.payload["step"] for one in deliveries(governed_store, release)] == [1, 2, 2]
    assert len({one.dedup_key for one in deliveries(governed_store, release)}) == 3
    assert acknowledging.acknowledge(governed_store, OMAR, release.id).step == 2


def test_a_new_blocking_finding_holds_the_next_step_until_it_is_closed(governed_store):
    release, governed_store = live(governed_store, plan=SHADOW), later(governed_store, days=2)
    found = findings.raise_finding(
        governed_store, VERA, model="churn", severity="critical", category="data", title="a leak", owner="Dana"
    )
    assert f"was raised since: {found.id}" in refusal(executing.advance, governed_store, OMAR, release.id).why
    findings.close_finding(governed_store, VERA, found.id, closure="trained anew without it")
    assert executing.advance(governed_store, OMAR, release.id).executing_since is not None


def test_nothing_of_a_retired_model_sees_more_traffic(governed_store):
    release, governed_store = live(governed_store, plan=SHADOW), later(governed_store, days=2)
    retire_model(governed_store, OMAR, "churn")
    assert "retired" in refusal(executing.advance, governed_store, OMAR, release.id).why
