"""Decisions on releases raced, repeated, overtaken and killed: the proofs of `make prove` in small."""

from benchmarks import prove_releases
from core.releases.validity import FIELDS


def test_of_sixteen_people_who_approve_at_once_one_does_and_the_others_are_told_who(both):
    found = prove_releases.raced(both, approvers=16, rounds=10)
    assert found.otherwise == ()
    assert (found.won, found.told, found.transitions, found.entries) == (10, 150, 10, 10)


def test_the_same_click_many_times_is_one_decision(both):
    assert prove_releases.clicked(both, times=60) == (1, 1)


def test_each_field_of_the_validity_key_alone_makes_an_approval_stale(both):
    assert prove_releases.overtaken(both) == {field: (field,) for field in FIELDS}


def test_what_no_decision_rests_on_leaves_the_evidence_standing(both):
    found = prove_releases.untouched(both)
    assert len(found) == 5
    assert all(found.values())


def test_a_process_killed_while_deciding_leaves_all_of_it_or_nothing(both):
    found = prove_releases.killed(both, points=12)
    assert found.torn == ()
    assert found.chain_holds
    assert (found.killed, found.before + found.after) == (12, 12)
    assert found.after > 0
