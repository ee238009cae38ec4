from dataclasses import replace
from datetime import timedelta

import pytest

from core.access.matrix import ALLOWED, Action
from core.access.principal import Role
from core.releases.offers import NEEDS, Move, offers, waits_for_me
from core.releases.quorum import Parties, Voter
from core.releases.states import ReleaseState
from tests.core.releases.made_up import NOON, RELEASE

S = ReleaseState
NEAR = Parties(requesters=frozenset({"Dana"}), developers=frozenset({"Dana", "Dev"}))


def offered(release, name, role, voters=(), barred=""):
    allowed = {action.value for action in Action if role in ALLOWED[action]}
    person = Voter(name=name, roles=frozenset({role.value}))
    return offers(release, person, allowed, voters=voters, parties=NEAR, barred=barred, at=NOON)


def codes(found):
    return {offer.move.value: offer.code for offer in found}


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        (S.DRAFT, "resubmit cancel"),
        (S.PENDING_EVIDENCE, "cancel"),
        (S.BLOCKED, "resubmit break-glass cancel"),
        (S.NEEDS_HUMAN, "accept decline cancel"),
        (S.PENDING_APPROVAL, "approve changes reject cancel"),
        (S.STALE, "resubmit"),
        (S.APPROVED, "execute cancel"),
        (S.EXECUTING, "ack"),
        (S.UNKNOWN, "ack"),
        (S.FAILED, "rollback cancel"),
        (S.LIVE, "rollback"),
        (S.ROLLING_BACK, "ack"),
        (S.REJECTED, ""),
        (S.ROLLED_BACK, ""),
    ],
)
def test_each_state_offers_its_moves_and_no_others(state, moves):
    release = replace(RELEASE, state=state, step=1 if state is S.LIVE else 0)
    assert " ".join(codes(offered(release, "Omar", Role.OWNER))) == moves


def test_the_screen_says_why_you_cannot():
    why = {offer.move: offer.why for offer in offered(RELEASE, "Dev", Role.VALIDATOR)}
    assert why[Move.APPROVE].startswith("You trained or added this version (developer ≠ validator)")
    assert codes(offered(RELEASE, "Dana", Role.OWNER))["approve"] == "self_approval"
    assert codes(offered(RELEASE, "Omar", Role.OWNER))["approve"] == ""
    assert codes(offered(RELEASE, "Bea", Role.BUSINESS))["approve"] == "not_allowed"
    mine = [Voter(name="Omar", roles=frozenset({"owner"}))]
    assert codes(offered(RELEASE, "Omar", Role.OWNER, mine))["approve"] == "already_approved_by_you"
    held = replace(RELEASE, state=S.NEEDS_HUMAN)
    assert codes(offered(held, "Dev", Role.VALIDATOR))["accept"] == "not_independent"


def test_an_approved_release_of_a_strict_tier_says_from_when_on():
    release = replace(RELEASE, state=S.APPROVED, tier=1, approved_at=NOON - timedelta(hours=23))
    (execute, _) = offered(release, "Omar", Role.OWNER)
    assert (execute.code, execute.why) == ("illegal_move", "It can be executed from 2026-03-04 13:00 UTC on.")


IN_SHADOW = replace(
    RELEASE,
    state=S.LIVE,
    step=1,
    live_since=NOON - timedelta(days=2),
    plan={"steps": [{"kind": "shadow", "share": 0.0, "days": 2}, {"kind": "full", "share": 1.0, "days": 0}]},
)
UNDER_WAY = replace(IN_SHADOW, executing_since=NOON)
SILENT = replace(UNDER_WAY, why="step 2: no acknowledgement within 15 minutes")


@pytest.mark.parametrize(
    ("release", "barred", "why"),
    [
        (IN_SHADOW, "", ""),
        (replace(IN_SHADOW, live_since=NOON), "", "Step 1 (shadow) stands until 2026-03-06 12:00 UTC."),
        (UNDER_WAY, "", "Step 2 was sent at 2026-03-04 12:00 UTC and is not acknowledged yet."),
        (SILENT, "", ""),
        (IN_SHADOW, "the model is retired", "The model is retired."),
    ],
)
def test_a_plan_that_is_not_done_offers_the_next_step_or_says_what_holds_it(release, barred, why):
    found = {offer.move: offer for offer in offered(release, "Omar", Role.OWNER, barred=barred)}
    assert (found[Move.ADVANCE].why, found[Move.ADVANCE].code) == (why, "illegal_move" if why else "")
    assert (Move.ACKNOWLEDGE in found) is (release in (UNDER_WAY, SILENT))
    assert codes(offered(release, "Bea", Role.BUSINESS))["advance"] == "not_allowed"


def test_a_plan_that_is_done_offers_no_next_step():
    assert "advance" not in codes(offered(replace(IN_SHADOW, step=2), "Omar", Role.OWNER))


def test_a_release_waits_for_whoever_can_take_it_on():
    def waits(release, name, role):
        return waits_for_me(release, offered(release, name, role), name)

    assert waits(RELEASE, "Omar", Role.OWNER)
    assert not waits(RELEASE, "Dana", Role.OWNER)
    assert not waits(RELEASE, "Bea", Role.BUSINESS)
    blocked = replace(RELEASE, state=S.BLOCKED)
    assert waits(blocked, "Dana", Role.ENGINEER)
    assert not waits(blocked, "Omar", Role.OWNER)
    assert waits(replace(RELEASE, state=S.UNKNOWN), "Omar", Role.OWNER)
    assert not waits(replace(RELEASE, state=S.EXECUTING), "Omar", Role.OWNER)
    assert waits(SILENT, "Omar", Role.OWNER)
    assert not waits(UNDER_WAY, "Omar", Role.OWNER)


def test_every_move_needs_a_permission_that_exists():
    assert set(NEEDS) == set(Move)
    assert set(NEEDS.values()) <= {action.value for action in Action}
