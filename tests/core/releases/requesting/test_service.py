from datetime import timedelta

import pytest

from core.access.principal import LOCAL
from core.audit.chain import content_hash
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.recording import service as recording
from core.inventory.service import retire_model
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.plan import plan_of
from core.releases.release import Decision
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import releases as stored
from tests.release_kit import (
    ANA,
    DANA,
    OMAR,
    VIC,
    approve,
    approved,
    gates,
    later,
    live,
    now,
    pending,
    requested,
    settled,
)

S = ReleaseState


def audited(store, action):
    from tests.audited import newest

    return [entry for entry in newest(store, n=500) if entry.action == action]


def test_a_request_drafts_and_a_submission_waits_for_evidence(governed_store):
    draft = requesting.request(governed_store, DANA, model="churn", version="v2", reason="better")
    assert (draft.state, draft.round, draft.champion, draft.tier) == (S.DRAFT, 1, "v1", 3)
    assert draft.policy == {"name": "standard", "version": 2}
    release = requesting.submit(governed_store, DANA, draft.id)
    assert (release.state, release.round, release.digest) == (S.PENDING_EVIDENCE, 1, None)
    assert [entry.object_id for entry in audited(governed_store, "releases:release:request")] == [str(draft.id)]


def test_a_model_has_one_open_release_and_the_sentence_names_it(governed_store):
    first = requested(governed_store)
    with pytest.raises(
        RefusedError, match=rf"Release {first.id} of churn v2 is open \(PENDING_EVIDENCE.*Dana"
    ) as refused:
        requesting.request(governed_store, OMAR, model="churn", version="v3")
    assert refused.value.code == "illegal_move"
    requesting.cancel(governed_store, DANA, first.id, reason="not now")
    assert requesting.request(governed_store, OMAR, model="churn", version="v3").state is S.DRAFT


def test_what_is_live_or_unknown_or_retired_is_not_released(governed_store):
    with pytest.raises(RefusedError, match="live already"):
        requesting.request(governed_store, DANA, model="churn", version="v1")
    with pytest.raises(NotFoundError):
        requesting.request(governed_store, DANA, model="churn", version="v9")
    with pytest.raises(RefusedError) as refused:
        requesting.request(governed_store, VIC, model="churn", version="v2")
    assert refused.value.code == "not_allowed"
    retire_model(governed_store, LOCAL, "churn")
    with pytest.raises(BadInputError, match="retired"):
        requesting.request(governed_store, DANA, model="churn", version="v2")


def test_a_plan_is_held_to_its_tier_but_moving_an_alias_at_once_is_not(governed_store):
    weak = plan_of({"steps": [{"kind": "shadow", "days": 1}, {"kind": "full"}]})
    with pytest.raises(BadInputError, match="2 days in shadow"):
        requesting.request(governed_store, DANA, model="churn", version="v2", plan=weak)
    enough = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})
    assert requesting.request(governed_store, DANA, model="churn", version="v2", plan=enough).plan == enough.as_json()


def test_the_same_click_changes_nothing_and_a_foreign_click_is_refused(governed_store):
    first = requesting.request(governed_store, DANA, model="churn", version="v2", idempotency_key="k1")
    again = requesting.request(governed_store, DANA, model="churn", version="v2", idempotency_key="k1")
    assert again.id == first.id
    requesting.submit(governed_store, DANA, first.id, idempotency_key="k2")
    assert requesting.submit(governed_store, DANA, first.id, idempotency_key="k2").round == 1
    with pytest.raises(ConflictError):
        requesting.cancel(governed_store, DANA, first.id, reason="no", idempotency_key="k2")
    assert len(audited(governed_store, "releases:release:submit")) == 1


def test_evidence_is_frozen_with_its_gates_and_can_be_recomputed_from_what_is_stored(governed_store):
    release = pending(governed_store)
    with governed_store.read() as session:
        pack = stored.find_pack(session, release.digest)
        assert stored.packed_profiles(session, release.digest) == b"packed counts"
    assert content_hash(pack.document) == release.digest
    assert pack.document["validity"] == pack.validity
    assert len(pack.document["gates"]) == 12
    assert (release.expires_at - governed_store.clock.now()).days == 14


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (gates(), S.PENDING_APPROVAL),
        (gates(unclear=("fairness",)), S.NEEDS_HUMAN),
        (gates(failed=("latency",)), S.BLOCKED),
        ([], S.NEEDS_HUMAN),
    ],
)
def test_the_gates_decide_where_a_release_goes(governed_store, found, state):
    release = pending(governed_store, found)
    assert release.state is state
    assert bool(release.why) is (state is not S.PENDING_APPROVAL and bool(found))


def test_evidence_of_another_round_or_of_a_withdrawn_release_is_not_taken(governed_store):
    release = requested(governed_store)
    first = settled(governed_store, release)
    assert settled(governed_store, release, gates(failed=("latency",))) == first
    deciding.ask_changes(governed_store, OMAR, release.id, reason="say more")
    again = requesting.submit(governed_store, DANA, release.id)
    assert (again.round, again.digest) == (2, None)
    with pytest.raises(RefusedError, match=r"is PENDING_EVIDENCE in round 2: it awaits no evidence of 1\."):
        settled(governed_store, release)
    requesting.cancel(governed_store, DANA, release.id, reason="no")
    with pytest.raises(RefusedError, match="CANCELLED"):
        settled(governed_store, again)


def test_a_blocked_release_is_submitted_again_as_a_new_round(governed_store):
    release = pending(governed_store, gates(failed=("latency",)))
    again = requesting.submit(governed_store, DANA, release.id, reason="faster now")
    assert (again.state, again.round) == (S.PENDING_EVIDENCE, 2)
    assert settled(governed_store, again).state is S.PENDING_APPROVAL
    with pytest.raises(
        RefusedError,
        match=r"PENDING_APPROVAL: only a draft, or what is blocked or stale, is submitted\.",
    ):
        requesting.submit(governed_store, DANA, release.id)


def test_new_rows_with_the_same_outcomes_change_nothing_and_another_outcome_makes_it_stale(governed_store):
    release = pending(governed_store)
    assert requesting.recheck(governed_store, DANA, release.id, gates=gates(value=0.79)) == release
    stale = requesting.recheck(governed_store, DANA, release.id, gates=gates(failed=("latency",)))
    assert stale.state is S.STALE
    assert "outcomes of the gates" in stale.why
    (entry,) = audited(governed_store, "releases:release:stale")
    assert '"field":"gate_outcomes"' in entry.after
    assert requesting.recheck(governed_store, DANA, release.id, gates=gates()).state is S.STALE


def test_a_withdrawal_says_why_and_ends_it(governed_store):
    release = pending(governed_store)
    with pytest.raises(BadInputError, match="reason"):
        requesting.cancel(governed_store, DANA, release.id, reason=" ")
    ended = requesting.cancel(governed_store, OMAR, release.id, reason="not this quarter")
    assert (ended.state, ended.why, ended.ended_at) == (S.CANCELLED, "not this quarter", governed_store.clock.now())
    with pytest.raises(RefusedError, match="by Omar at 2026-03-02 09:00 UTC: cancelled") as refused:
        requesting.cancel(governed_store, DANA, release.id, reason="again")
    assert refused.value.code == "already_decided"
    gone = live(governed_store)
    with pytest.raises(RefusedError, match="by Omar at 2026-03-02 09:00 UTC: executed"):
        requesting.cancel(governed_store, DANA, gone.id, reason="too late")


def test_what_nobody_decides_or_executes_in_time_expires(governed_store):
    release = pending(governed_store)
    assert requesting.expire_due(later(governed_store, days=13.9), DANA) == ()
    (ended,) = requesting.expire_due(later(governed_store, days=14), DANA)
    assert (ended.id, ended.state) == (release.id, S.EXPIRED)
    second = approved(governed_store)
    assert requesting.expire_due(later(governed_store, days=15), DANA)[0].why == "not executed in time"
    assert now(governed_store, second).state is S.EXPIRED


def test_a_submission_is_part_of_the_history(governed_store):
    release = requested(governed_store)
    with governed_store.read() as session:
        (one,) = stored.decisions(session, release.id)
    assert (one.decision, one.by, one.round) == (Decision.SUBMIT, "Dana", 1)
    with pytest.raises(RefusedError) as refused:
        requesting.expire_due(governed_store, ANA)
    assert refused.value.code == "not_allowed"


def test_a_request_that_nobody_decided_in_time_holds_no_place(governed_store):
    first = pending(governed_store)
    late = later(governed_store, days=15)
    assert requesting.request(late, OMAR, model="churn", version="v3").state is S.DRAFT
    assert now(late, first).state is S.EXPIRED


def test_a_key_asks_for_one_version(governed_store):
    requesting.request(governed_store, DANA, model="churn", version="v2", idempotency_key="one click")
    with pytest.raises(ConflictError, match="asked for v2"):
        requesting.request(governed_store, DANA, model="churn", version="v3", idempotency_key="one click")


def test_what_changed_between_submission_and_gathering_shows_at_the_first_approval(governed_store):
    release = requested(governed_store)
    until = governed_store.clock.now().date() + timedelta(days=30)
    recording.override_tier(governed_store, OMAR, model="churn", tier=1, expires=until, reason="more is at stake")
    recording.set_policy(governed_store, LOCAL, "demo")
    waiting = settled(governed_store, release)
    with pytest.raises(RefusedError, match=r"gate policy \(standard/2 → demo/2\), risk tier \(3 → 1\)") as caught:
        approve(governed_store, OMAR, waiting)
    assert (caught.value.code, now(governed_store, release).state) == ("stale_evidence", S.STALE)


def test_evidence_against_a_champion_that_went_before_it_was_gathered_is_stale(governed_store):
    live(governed_store)
    release = requested(governed_store, version="v3")
    back = rollback.request_rollback(governed_store, OMAR, model="churn", reason="worse")
    acknowledging.acknowledge(governed_store, OMAR, back.id)
    with pytest.raises(RefusedError, match="target"):
        approve(governed_store, OMAR, settled(governed_store, release))
