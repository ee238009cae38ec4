from datetime import timedelta

import pytest

from core.access.principal import WORKER
from core.audit.service import newest
from core.errors import RefusedError
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import champions
from tests.release_kit import ANA, DANA, OMAR, VIC, approved, later, live, now, pending

S = ReleaseState
TWO = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})


def executed(store, **more):
    return executing.execute(store, OMAR, approved(store, **more).id)


def champion(store):
    detail = model_detail(store, "churn")
    return detail.champion.name, detail.model.champion_release_id


def test_only_the_acknowledgement_makes_it_live_and_the_champion(governed_store):
    release = executed(governed_store)
    assert champion(governed_store) == ("v1", None)
    done = acknowledging.acknowledge(governed_store, WORKER, release.id, kind="release", step=1)
    assert (done.state, done.step, done.live_since) == (S.LIVE, 1, governed_store.clock.now())
    assert champion(governed_store) == ("v2", release.id)
    with governed_store.read() as session:
        reigns = champions.reigns(session, "churn")
    assert [(one.version, one.release, one.by_rollback) for one in reigns] == [
        ("v1", None, False),
        ("v2", release.id, False),
    ]


def test_a_step_before_the_last_moves_no_champion(governed_store):
    release = live(governed_store, plan=TWO)
    assert champion(governed_store) == ("v1", None)
    second = later(governed_store, days=2)
    executing.advance(second, OMAR, release.id)
    acknowledging.acknowledge(second, WORKER, release.id, kind="release", step=2)
    assert champion(second) == ("v2", release.id)


def test_duplicates_and_words_about_another_step_change_nothing(governed_store):
    release = executed(governed_store)
    first = acknowledging.acknowledge(governed_store, WORKER, release.id, kind="release", step=1, idempotency_key="a")
    for key in ("a", "b", None):
        again = acknowledging.acknowledge(
            governed_store, WORKER, release.id, kind="release", step=1, idempotency_key=key
        )
        assert again == first
    assert acknowledging.acknowledge(governed_store, WORKER, release.id, kind="rollback", step=0) == first
    assert acknowledging.fail(governed_store, WORKER, release.id, reason="late", kind="release", step=1) == first
    entries = [entry for entry in newest(governed_store) if entry.action == "releases:release:acknowledge"]
    assert len(entries) == 1


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_what_was_never_sent_out_cannot_be_acknowledged(governed_store, state):
    release = pending(governed_store) if state == "pending" else approved(governed_store)
    with pytest.raises(RefusedError, match="nothing was sent") as refused:
        acknowledging.acknowledge(governed_store, OMAR, release.id)
    assert refused.value.code == "illegal_move"
    with pytest.raises(RefusedError) as denied:
        acknowledging.acknowledge(governed_store, VIC, release.id)
    assert denied.value.code == "not_allowed"


def test_silence_is_unknown_and_a_late_word_counts_once(governed_store):
    release = executed(governed_store)
    assert acknowledging.time_out(later(governed_store, minutes=14), WORKER) == ()
    late = later(governed_store, minutes=15)
    (unknown,) = acknowledging.time_out(late, WORKER)
    assert (unknown.state, unknown.why) == (S.UNKNOWN, "no acknowledgement within 15 minutes")
    assert acknowledging.time_out(late, WORKER) == ()
    assert champion(late) == ("v1", None)
    done = acknowledging.acknowledge(late, WORKER, release.id, kind="release", step=1)
    assert done.state is S.LIVE
    assert acknowledging.acknowledge(late, WORKER, release.id, kind="release", step=1) == done
    assert champion(late) == ("v2", release.id)


def test_a_failure_moves_nothing_and_can_be_withdrawn(governed_store):
    release = executed(governed_store)
    failed = acknowledging.fail(governed_store, WORKER, release.id, reason="no such version there")
    assert (failed.state, failed.why) == (S.FAILED, "no such version there")
    assert champion(governed_store) == ("v1", None)
    assert requesting.cancel(governed_store, OMAR, release.id, reason="nothing moved").state is S.CANCELLED


def test_a_later_step_that_fails_or_stays_unanswered_leaves_the_one_before_live(governed_store):
    release = live(governed_store, plan=TWO)
    second = later(governed_store, days=2)
    executing.advance(second, OMAR, release.id)
    failed = acknowledging.fail(second, WORKER, release.id, reason="no capacity", kind="release", step=2)
    assert (failed.state, failed.step, failed.why) == (S.LIVE, 1, "step 2 failed: no capacity")
    executing.advance(second, OMAR, release.id)
    (silent,) = acknowledging.time_out(later(second, hours=1), WORKER, within=timedelta(minutes=30))
    assert (silent.state, silent.step, silent.why) == (S.LIVE, 1, "step 2: no acknowledgement within 30 minutes")
    assert acknowledging.acknowledge(second, WORKER, release.id, kind="release", step=2) == silent


def test_what_is_fully_live_ends_what_was_live_before(governed_store):
    first = live(governed_store)
    second = live(governed_store, version="v3")
    assert second.state is S.LIVE
    ended = now(governed_store, first)
    assert (ended.state, ended.why) == (S.SUPERSEDED, f"release {second.id} took its place")
    assert champion(governed_store) == ("v3", second.id)


def test_rolled_back_is_said_only_after_the_acknowledgement(governed_store):
    release = live(governed_store)
    rollback.request_rollback(governed_store, ANA, model="churn", reason="it misbehaves")
    assert champion(governed_store) == ("v2", release.id)
    under_way = acknowledging.sent(governed_store, WORKER, release.id)
    assert (under_way.state, acknowledging.sent(governed_store, WORKER, release.id)) == (S.ROLLING_BACK, under_way)
    done = acknowledging.acknowledge(governed_store, WORKER, release.id, kind="rollback", step=0)
    assert (done.state, done.ended_at) == (S.ROLLED_BACK, governed_store.clock.now())
    assert champion(governed_store) == ("v1", release.id)


def test_a_rollback_that_stays_unanswered_is_unknown_until_somebody_knows(governed_store):
    release = live(governed_store)
    rollback.request_rollback(governed_store, ANA, model="churn", reason="it misbehaves")
    late = later(governed_store, minutes=20)
    (unknown,) = acknowledging.time_out(late, WORKER)
    assert unknown.state is S.UNKNOWN
    done = acknowledging.acknowledge(late, OMAR, release.id, reason="seen in the gateway's log")
    assert done.state is S.ROLLED_BACK
    assert champion(late) == ("v1", release.id)


def test_a_rollback_that_did_not_happen_can_be_asked_for_again(governed_store):
    release = live(governed_store)
    rollback.request_rollback(governed_store, ANA, model="churn", reason="it misbehaves")
    failed = acknowledging.fail(governed_store, WORKER, release.id, reason="gateway is down", kind="rollback", step=0)
    assert (failed.state, failed.why) == (S.UNKNOWN, "rollback failed: gateway is down")
    still = acknowledging.fail(governed_store, OMAR, release.id, reason="v2 still answers")
    assert (still.state, still.rollback_to_id) == (S.LIVE, None)
    again = rollback.request_rollback(governed_store, DANA, model="churn", reason="now it is up")
    assert again.state is S.ROLLBACK_REQUESTED
