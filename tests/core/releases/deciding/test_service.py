from datetime import date

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.errors import BadInputError, ConflictError, RefusedError
from core.findings.service import raise_finding
from core.inventory.controls import policy
from core.inventory.recording.service import edit_record
from core.releases.deciding import service as deciding
from core.releases.gates.fit import findings_gate
from core.releases.judging import service as judging
from core.releases.release import Condition
from core.releases.requesting import service as requesting
from core.releases.states import ReleaseState
from core.store import findings, releases
from core.store import records as stored_records
from tests.audited import newest
from tests.release_kit import (
    ADAM,
    ANA,
    BEA,
    DANA,
    OMAR,
    VERA,
    VIC,
    approve,
    gates,
    later,
    now,
    pending,
    settled,
)

S = ReleaseState


def refusal(call, *given, **named) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    return caught.value


def entries(store, action):
    return [entry for entry in newest(store, n=500) if entry.action == action]


def test_one_person_approves_a_release_of_the_lower_tiers(governed_store):
    release = approve(governed_store, ANA, pending(governed_store))
    assert (release.state, release.approved_at) == (S.APPROVED, governed_store.clock.now())
    with governed_store.read() as session:
        decision = releases.decisions(session, release.id)[-1]
    assert (decision.by, decision.rule, decision.digest) == ("Ana", "approval", release.digest)
    assert decision.validity["tier"] == 3
    (entry,) = entries(governed_store, "releases:release:approve")
    assert '"state":"PENDING_APPROVAL"' in entry.before
    assert '"state":"APPROVED"' in entry.after


def test_the_strictest_tier_takes_an_owner_and_an_independent_validator(strict_store):
    release = pending(strict_store)
    assert refusal(approve, strict_store, ANA, release).code == "not_allowed"
    first = approve(strict_store, OMAR, release)
    assert (first.state, first.why) == (S.PENDING_APPROVAL, "waits for independent validator")
    assert refusal(approve, strict_store, OMAR, release).code == "already_approved_by_you"
    assert approve(strict_store, VERA, release).state is S.APPROVED


@pytest.mark.parametrize("who", [DANA, BEA, VIC, ADAM, LOCAL])
def test_who_does_not_answer_for_the_model_decides_nothing(governed_store, who):
    release = pending(governed_store)
    assert refusal(approve, governed_store, who, release).code == "not_allowed"
    for call in (deciding.ask_changes, deciding.reject):
        assert refusal(call, governed_store, who, release.id, reason="no").code == "not_allowed"


def test_nobody_approves_their_own_request_or_judges_their_own_version(governed_store):
    dana = Principal("Dana", frozenset({Role.ENGINEER, Role.VALIDATOR}))
    add_person(governed_store, LOCAL, "Dana", ["engineer", "validator"])
    release = pending(governed_store)
    assert refusal(approve, governed_store, dana, release).code == "self_approval"
    deciding.ask_changes(governed_store, OMAR, release.id, reason="say more")
    requesting.submit(governed_store, OMAR, release.id)
    again = settled(governed_store, now(governed_store, release))
    assert refusal(approve, governed_store, OMAR, again).code == "self_approval"
    assert refusal(approve, governed_store, dana, again).code == "self_approval"
    requesting.cancel(governed_store, DANA, release.id, reason="anew")
    draft = requesting.request(governed_store, OMAR, model="churn", version="v2")
    other = settled(governed_store, requesting.submit(governed_store, OMAR, draft.id))
    assert refusal(approve, governed_store, dana, other).code == "not_independent"


@pytest.mark.parametrize("written", ["vera", "VERA (model validation)", "Véra", "Dana & Vera"])
def test_another_way_of_writing_the_developer_makes_nobody_independent(strict_store, written):
    edit_record(strict_store, OMAR, model="churn", changes={"developer": written})
    release = approve(strict_store, OMAR, pending(strict_store))
    assert refusal(approve, strict_store, VERA, release).code == "not_independent"


def test_an_approval_is_of_the_evidence_on_the_screen(governed_store):
    release = pending(governed_store)
    refused = refusal(deciding.approve, governed_store, OMAR, release.id, digest="0" * 64, reason="fine")
    assert refused.code == "stale_evidence"
    assert now(governed_store, release).state is S.PENDING_APPROVAL


def test_who_comes_second_is_told_who_came_first_and_when(governed_store):
    release = approve(governed_store, OMAR, pending(governed_store))
    refused = refusal(approve, governed_store, ANA, release)
    assert refused.code == "already_decided"
    assert refused.why == f"Release {release.id} was already decided by Omar at 2026-03-02 09:00 UTC: approved."
    assert refusal(deciding.reject, governed_store, VERA, release.id, reason="no").code == "already_decided"
    assert refusal(approve, governed_store, OMAR, release).code == "already_approved_by_you"


def test_the_same_click_gives_the_same_result(strict_store):
    release = pending(strict_store)
    given = {"digest": release.digest, "reason": "fine", "idempotency_key": "click"}
    first = deciding.approve(strict_store, OMAR, release.id, **given)
    assert deciding.approve(strict_store, OMAR, release.id, **given) == first
    assert len(entries(strict_store, "releases:release:approve")) == 1


def test_every_gate_that_did_not_pass_takes_a_note(governed_store):
    from core.releases.judging import service as judging

    release = pending(governed_store, gates(unclear=("fairness", "latency")))
    assert refusal(approve, governed_store, OMAR, release).code == "illegal_move"
    judging.accept(governed_store, VERA, release.id, reason="small groups only")
    refused = refusal(approve, governed_store, OMAR, release, notes={"fairness": "seen"})
    assert (refused.code, "latency (inconclusive)" in refused.why) == ("gate_failed", True)
    with pytest.raises(BadInputError, match="no gate 'beauty'"):
        approve(governed_store, OMAR, release, notes={"beauty": "x"})
    done = approve(governed_store, OMAR, release, notes={"fairness": "seen", "latency": "as before"})
    assert done.state is S.APPROVED


def test_conditions_become_findings_of_the_approvers_side_in_the_same_transaction(governed_store):
    release = pending(governed_store)
    due = date(2026, 4, 1)
    deciding.approve(
        governed_store,
        VERA,
        release.id,
        digest=release.digest,
        reason="with care",
        conditions=[Condition(text="Watch income", owner="Omar", due=due)],
    )
    with governed_store.read() as session:
        (found,) = findings.findings(session, release_id=release.id)
    assert (found.title, found.owner, found.due, found.line.value) == ("Watch income", "Omar", due, "second")
    assert found.is_open


def test_a_condition_is_for_somebody_whom_the_store_knows(governed_store):
    release = pending(governed_store)
    condition = Condition(text="Watch income", owner="Nobody Here", due=date(2026, 4, 1))
    with pytest.raises(BadInputError, match="'Nobody Here' is nobody whom the store knows: choose from Adam, Ana"):
        approve(governed_store, OMAR, release, conditions=[condition])
    assert now(governed_store, release).state is S.PENDING_APPROVAL
    assert approve(governed_store, OMAR, release).state is S.APPROVED


def test_a_condition_that_cannot_be_kept_leaves_no_approval_behind(governed_store):
    release = pending(governed_store)
    bad = [Condition(text="Watch", owner="Omar", due=date(2020, 1, 1))]
    with pytest.raises(BadInputError):
        deciding.approve(governed_store, VERA, release.id, digest=release.digest, reason="with care", conditions=bad)
    assert now(governed_store, release) == release
    assert entries(governed_store, "releases:release:approve") == []


def test_a_high_finding_takes_a_condition_where_the_tier_asks_for_one(governed_store):
    found = raise_finding(
        governed_store, VERA, model="churn", severity="high", category="data", title="No back-test", owner="Omar"
    )
    standing = [one for one in gates() if one.gate != "findings"] + [findings_gate([found], policy()[3])]
    release = judging.accept(governed_store, VERA, pending(governed_store, standing).id, reason="agreed with the owner")
    said = {"notes": {"findings": "to be mended in March"}}
    refused = refusal(approve, governed_store, OMAR, release, **said)
    assert (refused.code, f"severity: {found.id}." in refused.why) == ("gate_failed", True)
    condition = Condition(text="Back-test on 2025", owner="Dana", due=date(2026, 3, 31))
    assert approve(governed_store, OMAR, release, **said, conditions=[condition]).state is S.APPROVED


def test_changes_send_it_back_and_old_approvals_do_not_count_for_the_next_round(strict_store):
    release = approve(strict_store, OMAR, pending(strict_store))
    back = deciding.ask_changes(strict_store, VERA, release.id, reason="explain the segments")
    assert (back.state, back.why) == (S.DRAFT, "explain the segments")
    assert refusal(approve, strict_store, OMAR, release).code == "already_approved_by_you"
    again = settled(strict_store, requesting.submit(strict_store, DANA, release.id))
    assert approve(strict_store, VERA, again).why == "waits for owner"
    assert approve(strict_store, OMAR, again).state is S.APPROVED


def test_a_refusal_is_final(governed_store):
    release = deciding.reject(governed_store, ANA, pending(governed_store).id, reason="unfair to the young")
    assert (release.state, release.ended_at is None) == (S.REJECTED, False)
    assert refusal(approve, governed_store, OMAR, release).code == "already_decided"
    with pytest.raises(BadInputError, match="reason is needed"):
        deciding.reject(governed_store, ANA, release.id, reason="")


def test_nothing_is_decided_after_its_time(governed_store):
    release = pending(governed_store)
    late = later(governed_store, days=14)
    assert refusal(deciding.reject, late, OMAR, release.id, reason="no").code == "expired"
    assert now(late, release).state is S.EXPIRED
    assert refusal(approve, late, OMAR, release).code == "expired"
    (entry,) = entries(late, "releases:release:expire")
    assert entry.actor == "Omar"


def test_what_changed_is_shown_and_the_move_to_stale_stays(governed_store):
    release = pending(governed_store)
    with governed_store.write() as session:
        stored_records.put_release_policy(session, "demo")
    refused = refusal(approve, governed_store, OMAR, release)
    assert refused.code == "stale_evidence"
    assert "gate policy (standard/2 → demo/2)" in refused.why
    stale = now(governed_store, release)
    assert stale.state is S.STALE
    (entry,) = entries(governed_store, "releases:release:stale")
    assert '"field":"gate_policy"' in entry.after
    assert refusal(approve, governed_store, OMAR, release).code == "stale_evidence"
    again = settled(governed_store, requesting.submit(governed_store, DANA, release.id))
    assert approve(governed_store, OMAR, again).state is S.APPROVED


def test_who_lost_their_role_no_longer_fills_the_rule(strict_store):
    release = approve(strict_store, OMAR, pending(strict_store))
    add_person(strict_store, LOCAL, "Omar", ["viewer"])
    assert approve(strict_store, VERA, release).why == "waits for owner"


def test_a_key_of_somebody_else_is_no_approval_of_mine(strict_store):
    release = pending(strict_store)
    given = {"digest": release.digest, "reason": "the evidence holds", "idempotency_key": "one click"}
    deciding.approve(strict_store, OMAR, release.id, **given)
    with pytest.raises(ConflictError, match="by Omar"):
        deciding.approve(strict_store, VERA, release.id, **given)


@pytest.mark.parametrize("note", ["\u200b" * 30, "x" * 4_001, "a\u202eb", "a\ud800"])
def test_a_note_on_a_gate_can_be_read(governed_store, note):
    release = pending(governed_store, gates(unclear=("latency",)))
    judging.accept(governed_store, VERA, release.id, reason="measured elsewhere")
    with pytest.raises(BadInputError, match="A note"):
        approve(governed_store, OMAR, now(governed_store, release), notes={"latency": note})
