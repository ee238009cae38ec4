from datetime import date

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.errors import BadInputError, RefusedError
from core.releases.judging import service as judging
from core.releases.requesting import service as requesting
from core.releases.states import ReleaseState
from core.reviews.review import ReviewKind
from core.store import reviews
from tests.release_kit import ANA, DANA, OMAR, VERA, approve, gates, now, pending, settled

S = ReleaseState
LONG = "customers cannot pay since this morning"


def refusal(call, *given, **named) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    return caught.value


def test_an_independent_validator_accepts_what_no_gate_could_judge(governed_store):
    release = pending(governed_store, gates(unclear=("fairness",)))
    assert refusal(judging.accept, governed_store, OMAR, release.id, reason="fine").code == "not_allowed"
    accepted = judging.accept(governed_store, VERA, release.id, reason="groups too small to tell")
    assert (accepted.state, accepted.why) == (S.PENDING_APPROVAL, "groups too small to tell")
    refused = refusal(judging.accept, governed_store, VERA, release.id, reason="fine")
    assert (refused.code, "by Vera" in refused.why) == ("already_decided", True)


def test_a_validator_who_made_or_asked_for_the_version_does_not_accept_it(governed_store):
    dana = Principal("Dana", frozenset({Role.ENGINEER, Role.VALIDATOR}))
    release = pending(governed_store, gates(unclear=("fairness",)))
    assert refusal(judging.accept, governed_store, dana, release.id, reason="fine").code == "self_approval"
    requesting.cancel(governed_store, DANA, release.id, reason="anew")
    draft = requesting.request(governed_store, OMAR, model="churn", version="v2")
    requesting.submit(governed_store, OMAR, draft.id)
    other = settled(governed_store, now(governed_store, draft), gates(unclear=("fairness",)))
    assert refusal(judging.accept, governed_store, dana, other.id, reason="fine").code == "not_independent"


def test_a_validator_may_also_say_no(governed_store):
    release = pending(governed_store, gates(unclear=("fairness",)))
    declined = judging.decline(governed_store, VERA, release.id, reason="score it in shadow first")
    assert (declined.state, declined.why) == (S.BLOCKED, "score it in shadow first")
    passed = pending_again(governed_store, release)
    assert refusal(judging.decline, governed_store, VERA, passed.id, reason="no").code == "illegal_move"


def test_what_a_gate_blocks_is_not_for_a_validator_to_accept(governed_store):
    release = pending(governed_store, gates(failed=("latency",)))
    refused = refusal(judging.accept, governed_store, VERA, release.id, reason="it will do")
    assert refused.why == f"Release {release.id} is BLOCKED: only one that is NEEDS_HUMAN is judged so."


def pending_again(store, release):
    return settled(store, requesting.submit(store, DANA, release.id))


def test_breaking_the_glass_takes_a_reason_and_owes_a_review(governed_store):
    release = pending(governed_store, gates(failed=("latency",)))
    assert refusal(approve, governed_store, OMAR, release).code == "gate_failed"
    assert refusal(judging.break_glass, governed_store, ANA, release.id, reason=LONG).code == "not_allowed"
    with pytest.raises(BadInputError, match="at least 20"):
        judging.break_glass(governed_store, OMAR, release.id, reason="it is urgent today")
    broken = judging.break_glass(governed_store, OMAR, release.id, reason=LONG)
    assert (broken.state, broken.broken_glass) == (S.PENDING_APPROVAL, True)
    with governed_store.read() as session:
        (owed,) = reviews.reviews(session, model_id=release.model_id)
    assert (owed.kind, owed.due, owed.created_by) == (ReviewKind.AFTER_BREAK_GLASS, date(2026, 3, 4), "Omar")
    assert refusal(approve, governed_store, ANA, broken).code == "gate_failed"
    notes = {"latency": "accepted for a week"}
    assert refusal(approve, governed_store, OMAR, broken, notes=notes).code == "self_approval"
    assert approve(governed_store, ANA, broken, notes=notes).broken_glass


def test_the_glass_is_broken_once_and_only_over_a_gate_that_fails(governed_store):
    release = pending(governed_store, gates(failed=("latency",)))
    first = judging.break_glass(governed_store, OMAR, release.id, reason=LONG, idempotency_key="k")
    assert judging.break_glass(governed_store, OMAR, release.id, reason=LONG, idempotency_key="k") == first
    add_person(governed_store, LOCAL, "Olga", ["owner"])
    olga = Principal("Olga", frozenset({Role.OWNER}))
    assert refusal(judging.break_glass, governed_store, olga, release.id, reason=LONG).code == "already_decided"
    with governed_store.read() as session:
        assert len(reviews.reviews(session, model_id=release.model_id)) == 1
    requesting.cancel(governed_store, DANA, release.id, reason="anew")
    whole = pending(governed_store)
    assert refusal(judging.break_glass, governed_store, OMAR, whole.id, reason=LONG).code == "illegal_move"


@pytest.mark.parametrize(
    "reason", ["\u200b" * 30, "because" + "\u200b" * 30, "because" + " " * 30 + "so", "\u3164" * 30]
)
def test_what_cannot_be_seen_does_not_make_a_reason_longer(governed_store, reason):
    release = pending(governed_store, gates(failed=("performance",)))
    with pytest.raises(BadInputError, match="The reason"):
        judging.break_glass(governed_store, OMAR, release.id, reason=reason)
