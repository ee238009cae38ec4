from datetime import date, timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.recording.service import edit_record, override_tier
from core.reviews.calendar import Due
from core.reviews.review import ReviewKind
from core.reviews.service import all_duties, except_validation, finish_review, record_review, reviews
from core.store import reviews as stored
from tests.audited import newest
from tests.governed import APPROVER, ENGINEER, NOW, OWNER, VALIDATOR, VIEWER, at, with_model

DAY = timedelta(days=1)


def validate(store, principal=VALIDATOR, **changes):
    given = {"kind": "validation", "scope": "full", "outcome": "passed", "version": "v2", **changes}
    return record_review(store, principal, model="churn", **given)


def owe(store, kind=ReviewKind.AFTER_ROLLBACK, by="Omar Haddad"):
    with store.write() as session:
        return stored.owe_review(session, kind, model_id=1, by=by, at=store.clock.now(), release_id=None)


def refused(code, call, *given, **named):
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    assert caught.value.code == code


def test_a_validation_is_recorded_with_its_scope_and_written_down(both):
    store = with_model(both)
    made = validate(store, outcome="passed_with_conditions", notes="watch winter")
    assert reviews(store, "churn") == (made,)
    assert (made.version, made.scope, made.done_by, made.done_at) == ("v2", "full", "Vera Lind", NOW)
    entry = newest(store, n=1)[0]
    assert (entry.action, entry.object_id, entry.reason) == (
        "reviews:review:record",
        f"churn/{made.id}",
        "watch winter",
    )


def test_a_validation_is_a_validators_and_an_attestation_an_owners(both):
    store = with_model(both)
    refused("not_allowed", validate, store, OWNER)
    refused("not_allowed", validate, store, VALIDATOR, scope="self_attest")
    refused("not_allowed", validate, store, VALIDATOR, kind="owner_review", version=None)
    for principal in (ENGINEER, APPROVER, VIEWER, LOCAL):
        refused("not_allowed", validate, store, principal)
    assert validate(store, OWNER, scope="self_attest").scope == "self_attest"
    assert validate(store, OWNER, kind="owner_review", version=None, scope="limits").kind == "owner_review"


def test_whoever_built_a_version_does_not_validate_it(both):
    store = with_model(both)
    builder = Principal(ENGINEER.name, frozenset({Role.VALIDATOR}))
    refused("not_independent", validate, store, builder)
    for written in (VALIDATOR.name, VALIDATOR.name.upper(), "lind, Vera", "Dana Reyes, Vera Lind"):
        edit_record(store, OWNER, model="churn", changes={"developer": written})
        refused("not_independent", validate, store, VALIDATOR)
        refused("not_independent", except_validation, store, VALIDATOR, model="churn", until=NOW.date() + DAY, why="w")
    assert reviews(store) == ()


def test_a_validation_names_its_version_and_other_kinds_come_about_elsewhere(both):
    store = with_model(both)
    with pytest.raises(BadInputError, match="name it"):
        validate(store, version=None)
    for kind in ("drill", "exception", "after_rollback", "after_break_glass"):
        with pytest.raises(BadInputError, match="not recorded by hand"):
            validate(store, kind=kind)
    with pytest.raises(NotFoundError, match="no version 'v9'"):
        validate(store, version="v9")


def test_what_was_done_in_a_hurry_is_reviewed_by_somebody_else_once(both):
    store = with_model(both)
    owed = owe(store)
    assert (owed.due, owed.is_done) == (date(2026, 11, 24), False)
    refused("not_independent", finish_review, store, OWNER, owed.id, outcome="passed", notes="fine")
    with pytest.raises(BadInputError, match="Say in the notes"):
        finish_review(store, VALIDATOR, owed.id, outcome="passed", notes=" ")
    done = finish_review(store, VALIDATOR, owed.id, outcome="passed", notes="the right call", idempotency_key="k")
    assert (done.done_by, done.notes, done.created_by) == ("Vera Lind", "the right call", "Omar Haddad")
    assert finish_review(store, VALIDATOR, owed.id, outcome="failed", notes="x", idempotency_key="k") == done
    with pytest.raises(ConflictError, match="already done by Vera Lind at 2026-11-20 09:30 UTC"):
        finish_review(store, VALIDATOR, owed.id, outcome="passed", notes="again")


def test_the_calendar_shows_what_is_owed_and_overdue(both):
    store = with_model(both, tier=1)
    owe(store, ReviewKind.AFTER_BREAK_GLASS)
    later = at(store, NOW + 10 * DAY)
    found = {one.kind: one for one in all_duties(later)["churn"]}
    assert found[ReviewKind.AFTER_BREAK_GLASS].state is Due.OVERDUE
    assert found[ReviewKind.VALIDATION].blocks
    validate(store)
    assert not {one.kind: one for one in all_duties(later)["churn"]}[ReviewKind.VALIDATION].blocks


def test_the_calendar_follows_the_tier_in_force(both):
    store = with_model(both, tier=4)
    validate(store, OWNER, scope="self_attest")
    assert all_duties(store)["churn"][-1].state is Due.NOT_ASKED
    override_tier(store, OWNER, model="churn", tier=1, expires=NOW.date() + 30 * DAY, reason="r")
    overdue = all_duties(at(store, NOW + DAY))["churn"][0]
    assert (overdue.kind, overdue.state, overdue.blocks) == (ReviewKind.VALIDATION, Due.OVERDUE, True)


def test_an_exception_is_a_validators_within_what_the_tier_allows(both):
    store = with_model(both, tier=1)
    later = at(store, NOW + DAY)
    assert all_duties(later)["churn"][0].blocks
    until = (NOW + 31 * DAY).date()
    refused("not_allowed", except_validation, later, OWNER, model="churn", until=until, why="w")
    for day, why, words in (
        (until + DAY, "w", "at most 30 days, not 31"),
        (until, " ", "needs a reason"),
        (NOW.date(), "w", "not past"),
    ):
        with pytest.raises(BadInputError, match=words):
            except_validation(later, VALIDATOR, model="churn", until=day, why=why)
    made = [
        except_validation(later, VALIDATOR, model="churn", until=until, why="data in January", idempotency_key="k")
        for _ in range(2)
    ]
    assert made[0] == made[1]
    found = next(one for one in all_duties(later)["churn"] if one.kind is ReviewKind.VALIDATION)
    assert (found.state, found.blocks) == (Due.EXCEPTED, False)
    validate(later, OWNER, scope="self_attest")  # too shallow for this tier: it does not begin a new count
    with pytest.raises(BadInputError, match="allows 1 exception"):
        except_validation(later, VALIDATOR, model="churn", until=until, why="again")


def test_the_same_click_again_records_one(both):
    store = with_model(both)
    assert validate(store, idempotency_key="k") == validate(store, idempotency_key="k")
    assert len(reviews(store)) == 1
