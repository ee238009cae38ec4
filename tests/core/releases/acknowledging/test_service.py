from datetime import timedelta

import pytest

from core.access.principal import WORKER
from core.errors import BadInputError, NotFoundError, RefusedError
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.executing import service as executing
from core.releases.plan import plan_of
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import champions, outbox
from tests.audited import newest
from tests.release_kit import ANA, DANA, OMAR, VIC, approved, later, live, now, pending

S = ReleaseState
TWO = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})


def executed(store, **more):
    return executing.execute(store, OMAR, approved(store, **more).id)


def events(store, release):
    with store.read() as session:
        return [one.event_id for one in outbox.by_release(session, release.id)]


def acknowledgements(store):
    return len([entry for entry in newest(store, n=500) if entry.action == "releases:release:acknowledge"])


def champion(store):
    detail = model_detail(store, "churn")
    return detail.champion.name, detail.model.champion_release_id


def test_only_the_acknowledgement_makes_it_live_and_the_champion(governed_store):
    release = executed(governed_store)
    assert champion(governed_store) == ("v1", None)
    done = acknowledging.acknowledge(governed_store, WORKER, release.id)
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
    acknowledging.acknowledge(second, WORKER, release.id)
    assert champion(second) == ("v2", release.id)


def test_duplicates_change_nothing_and_nothing_can_fail_that_nobody_waits_for(governed_store):
    release = executed(governed_store)
    first = acknowledging.acknowledge(governed_store, WORKER, release.id, idempotency_key="a")
    for key in ("a", "b", None):
        assert acknowledging.acknowledge(governed_store, WORKER, release.id, idempotency_key=key) == first
    (event,) = events(governed_store, release)
    assert acknowledging.acknowledge(governed_store, WORKER, release.id, event=event) == first
    assert acknowledging.fail(governed_store, WORKER, release.id, reason="late", event=event) == first
    with pytest.raises(BadInputError, match=rf"Release {release.id} is LIVE: no answer of an executor is awaited"):
        acknowledging.fail(governed_store, OMAR, release.id, reason="I think it broke")
    assert now(governed_store, release) == first
    assert acknowledgements(governed_store) == 1


def test_an_event_that_was_never_sent_is_not_known(governed_store):
    release = executed(governed_store)
    for word in (acknowledging.acknowledge, acknowledging.fail):
        with pytest.raises(NotFoundError, match="has no event 'made up'"):
            word(governed_store, WORKER, release.id, reason="so it says", event="made up")
    assert now(governed_store, release) == release


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
    done = acknowledging.acknowledge(late, WORKER, release.id)
    assert done.state is S.LIVE
    assert acknowledging.acknowledge(late, WORKER, release.id) == done
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
    failed = acknowledging.fail(second, WORKER, release.id, reason="no capacity")
    assert (failed.state, failed.step, failed.why) == (S.LIVE, 1, "step 2 failed: no capacity")
    executing.advance(second, OMAR, release.id)
    (silent,) = acknowledging.time_out(later(second, hours=1), WORKER, within=timedelta(minutes=30))
    assert (silent.state, silent.step, silent.why) == (S.LIVE, 1, "step 2: no acknowledgement within 30 minutes")
    assert acknowledging.time_out(later(second, hours=2), WORKER, within=timedelta(minutes=30)) == ()


def silent_step(store):
    """Return a release whose second and last step stayed unanswered, its event, and the store at that time."""
    release = live(store, plan=TWO)
    second = later(store, days=2)
    executing.advance(second, OMAR, release.id)
    late = later(second, minutes=15)
    acknowledging.time_out(late, WORKER)
    return release, events(late, release)[-1], late


def test_a_late_word_about_a_later_step_counts_once(governed_store):
    release, event, late = silent_step(governed_store)
    done = acknowledging.acknowledge(late, WORKER, release.id, event=event, idempotency_key=f"ack:{event}")
    assert (done.state, done.step, done.why, done.executing_since) == (S.LIVE, 2, "", None)
    assert champion(late) == ("v2", release.id)
    for key in (f"ack:{event}", None):
        again = acknowledging.acknowledge(late, WORKER, release.id, event=event, idempotency_key=key)
        assert again == done
    assert acknowledgements(late) == 2


def test_a_late_no_about_a_later_step_counts_and_a_yes_after_it_does_not(governed_store):
    release, event, late = silent_step(governed_store)
    failed = acknowledging.fail(late, WORKER, release.id, event=event, reason="no capacity")
    assert (failed.state, failed.step, failed.why) == (S.LIVE, 1, "step 2 failed: no capacity")
    assert acknowledging.acknowledge(late, WORKER, release.id, event=event) == failed
    assert acknowledging.time_out(later(late, days=1), WORKER) == ()


def test_words_about_a_step_that_was_asked_for_again_change_nothing(governed_store):
    release, event, late = silent_step(governed_store)
    again = executing.advance(late, OMAR, release.id)
    assert (again.why, again.executing_since) == ("", late.clock.now())
    assert acknowledging.acknowledge(late, WORKER, release.id, event=event) == again
    assert acknowledging.fail(late, WORKER, release.id, event=event, reason="no capacity") == again
    newest_event = events(late, release)[-1]
    assert acknowledging.acknowledge(late, WORKER, release.id, event=newest_event).step == 2


@pytest.mark.parametrize("was_late", [False, True])
def test_words_about_a_step_that_a_rollback_overtook_change_nothing(governed_store, was_late):
    release = live(governed_store, plan=TWO)
    second = later(governed_store, days=2)
    executing.advance(second, OMAR, release.id)
    if was_late:
        second = later(second, minutes=15)
        acknowledging.time_out(second, WORKER)
    step = events(second, release)[-1]
    asked = rollback.request_rollback(second, ANA, model="churn", reason="it misbehaves")
    assert acknowledging.sent(second, WORKER, release.id, event=step) == asked
    assert acknowledging.acknowledge(second, WORKER, release.id, event=step) == asked
    assert acknowledging.fail(second, WORKER, release.id, event=step, reason="no capacity") == asked
    done = acknowledging.acknowledge(second, WORKER, release.id, event=events(second, release)[-1])
    assert done.state is S.ROLLED_BACK
    assert acknowledging.acknowledge(second, WORKER, release.id, event=step) == done
    assert champion(second)[0] == "v1"


def under_way_beside_a_rollback(store):
    """Return a live release of v2 that is taken back while one of v3, sent before, is not acknowledged."""
    first = live(store)
    second = executed(store, version="v3")
    rollback.request_rollback(store, ANA, model="churn", reason="it misbehaves")
    return first, second


@pytest.mark.parametrize("silent", [False, True])
def test_a_rollback_overtakes_what_was_sent_before_it(governed_store, silent):
    first, second = under_way_beside_a_rollback(governed_store)
    if silent:
        governed_store = later(governed_store, minutes=15)
        acknowledging.time_out(governed_store, WORKER)
    assert acknowledging.acknowledge(governed_store, WORKER, first.id).state is S.ROLLED_BACK
    ended = now(governed_store, second)
    assert (ended.state, ended.why) == (S.FAILED, f"release {first.id} was taken back, to another version")
    (event,) = events(governed_store, second)
    assert acknowledging.acknowledge(governed_store, WORKER, second.id, event=event) == ended
    assert champion(governed_store) == ("v1", first.id)


def test_a_rollback_ends_what_went_live_while_it_was_under_way(governed_store):
    first, second = under_way_beside_a_rollback(governed_store)
    acknowledging.acknowledge(governed_store, WORKER, second.id)
    assert champion(governed_store) == ("v3", second.id)
    acknowledging.acknowledge(governed_store, WORKER, first.id)
    assert champion(governed_store) == ("v1", first.id)
    assert now(governed_store, second).state is S.SUPERSEDED


def test_a_rollback_leaves_a_part_of_the_traffic_to_whoever_has_it(governed_store):
    first = live(governed_store)
    second = executed(governed_store, version="v3", plan=TWO)
    rollback.request_rollback(governed_store, ANA, model="churn", reason="it misbehaves")
    acknowledging.acknowledge(governed_store, WORKER, second.id)
    acknowledging.acknowledge(governed_store, WORKER, first.id)
    assert (now(governed_store, second).state, champion(governed_store)[0]) == (S.LIVE, "v1")


def test_a_rollback_that_a_later_release_overtook_moves_no_champion(governed_store):
    first = live(governed_store)
    second = approved(governed_store, version="v3")
    rollback.request_rollback(governed_store, ANA, model="churn", reason="it misbehaves")
    executing.execute(governed_store, OMAR, second.id)
    acknowledging.acknowledge(governed_store, WORKER, second.id)
    assert acknowledging.acknowledge(governed_store, WORKER, first.id).state is S.ROLLED_BACK
    assert champion(governed_store) == ("v3", second.id)
    assert now(governed_store, second).state is S.LIVE


def test_a_canary_that_is_taken_back_further_than_to_the_champion_ends_the_champions_release(governed_store):
    first = live(governed_store)
    second = live(governed_store, version="v3", plan=TWO)
    rollback.request_rollback(governed_store, ANA, model="churn", to="v1", reason="both misbehave")
    acknowledging.acknowledge(governed_store, WORKER, second.id)
    assert champion(governed_store) == ("v1", second.id)
    assert now(governed_store, first).state is S.SUPERSEDED


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
    done = acknowledging.acknowledge(governed_store, WORKER, release.id)
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
    failed = acknowledging.fail(governed_store, WORKER, release.id, reason="gateway is down")
    assert (failed.state, failed.why) == (S.UNKNOWN, "rollback failed: gateway is down")
    still = acknowledging.fail(governed_store, OMAR, release.id, reason="v2 still answers")
    assert (still.state, still.rollback_to_id) == (S.LIVE, None)
    again = rollback.request_rollback(governed_store, DANA, model="churn", reason="now it is up")
    assert again.state is S.ROLLBACK_REQUESTED
