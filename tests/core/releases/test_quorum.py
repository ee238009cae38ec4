from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inventory.controls import QuorumRule, policy
from core.releases.quorum import Parties, Voter, may_fill, rules_of, waits_for, why_not, why_too_near

NOBODY = Parties(requesters=frozenset(), developers=frozenset())


def voter(name: str, *roles: str) -> Voter:
    return Voter(name=name, roles=frozenset(roles))


OMAR, VERA, ANA = voter("Omar", "owner"), voter("Vera", "validator"), voter("Ana", "approver")


@pytest.mark.parametrize("tier", [1, 2, 3, 4])
def test_whoever_asked_never_approves_whatever_their_roles(tier):
    rules = policy()[tier].quorum
    near = Parties(requesters=frozenset({"Max"}), developers=frozenset())
    for roles in (("owner",), ("validator",), ("approver",), ("owner", "validator", "approver", "administrator")):
        refused = why_not(voter("Max", *roles), [], rules, near)
        assert refused is not None
        assert refused.code == "self_approval"


@pytest.mark.parametrize(
    ("tier", "roles", "code"),
    [
        (1, ("validator",), "not_independent"),
        (2, ("validator",), "not_independent"),
        (2, ("approver",), "not_independent"),
        (3, ("validator",), "not_independent"),
        (4, ("approver",), "not_independent"),
        (1, ("owner",), None),
        (2, ("owner", "validator"), None),
        (3, ("owner",), None),
        (1, ("engineer",), "not_allowed"),
        (1, ("approver",), "not_allowed"),
        (3, ("administrator",), "not_allowed"),
    ],
)
def test_who_made_the_version_answers_for_it_as_owner_and_never_judges_it(tier, roles, code):
    near = Parties(requesters=frozenset(), developers=frozenset({"Max"}))
    refused = why_not(voter("Max", *roles), [], policy()[tier].quorum, near)
    assert (refused.code if refused else None) == code


@pytest.mark.parametrize("tier", [1, 2])
def test_the_upper_tiers_need_two_people_under_two_rules(tier):
    rules = policy()[tier].quorum
    assert waits_for([], rules, NOBODY) == (rules[0].rule, rules[1].rule)
    assert waits_for([OMAR], rules, NOBODY) == (rules[1].rule,)
    assert waits_for([OMAR, VERA], rules, NOBODY) == ()
    again = why_not(OMAR, [OMAR], rules, NOBODY)
    other = why_not(voter("Olga", "owner"), [OMAR], rules, NOBODY)
    assert (again and again.code, other and other.code) == ("already_approved_by_you", "not_allowed")
    assert other
    assert rules[1].rule in other.why


def test_somebody_with_two_roles_makes_room_for_who_has_one():
    rules = policy()[1].quorum
    both = voter("Max", "owner", "validator")
    assert rules_of([both], rules, NOBODY) == {"Max": "owner"}
    assert why_not(OMAR, [both], rules, NOBODY) is None
    assert rules_of([both, OMAR], rules, NOBODY) == {"Omar": "owner", "Max": "independent validator"}
    assert rules_of([both, VERA], rules, NOBODY) == {"Max": "owner", "Vera": "independent validator"}


def test_an_approval_of_somebody_who_lost_the_role_counts_no_more():
    rules = policy()[2].quorum
    assert waits_for([OMAR, voter("Vera")], rules, NOBODY) == ("second line or peer",)


def test_a_validator_who_stands_too_near_does_not_judge_the_evidence_either():
    near = Parties(requesters=frozenset({"Max"}), developers=frozenset({"Mia"}))
    found = [why_too_near(voter(name, "validator"), near) for name in ("Max", "Mia", "Vera")]
    assert [one.code if one else None for one in found] == ["self_approval", "not_independent", None]


ROLES = st.frozensets(st.sampled_from(["owner", "validator", "approver", "engineer"]), max_size=3)


@settings(max_examples=300)
@given(
    people=st.lists(ROLES, max_size=5),
    rules=st.lists(ROLES.filter(bool), min_size=1, max_size=3),
    developers=st.frozensets(st.integers(0, 4), max_size=2),
)
def test_the_matching_fills_as_many_rules_as_any_way_of_giving_them_out(people, rules, developers):
    named = [voter(f"p{i}", *roles) for i, roles in enumerate(people)]
    asked = [QuorumRule(rule=f"r{i}", roles=roles) for i, roles in enumerate(rules)]
    near = Parties(requesters=frozenset({"p0"}), developers=frozenset(f"p{i}" for i in developers))
    seats = [*named, *([None] * len(asked))]
    best = max(
        sum(one is not None and may_fill(one, rule, near) for one, rule in zip(order, asked, strict=True))
        for order in permutations(seats, len(asked))
    )
    found = rules_of(named, asked, near)
    assert len(found) == best
    assert len(set(found.values())) == best
    assert "p0" not in found
