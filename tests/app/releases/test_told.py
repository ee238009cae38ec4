"""States and evidence of releases in words."""

from dataclasses import replace

import pytest

from app.releases import told
from core.releases.plan import plan_of
from core.releases.service import ReleaseSummary
from core.releases.states import ReleaseState
from tests.core.releases.made_up import NOON, RELEASE

STEPS = plan_of({"steps": [{"kind": "shadow", "days": 7}, {"kind": "canary", "share": 0.05}, {"kind": "full"}]})


def summary(state: ReleaseState, *, missing: int = 1, needed: int = 2, **changes: object) -> ReleaseSummary:
    rules = ("owner", "second line or peer")[:needed]
    release = replace(RELEASE, state=state, **changes)
    return ReleaseSummary(release=release, rules=rules, approvals=(), waits_for=rules[needed - missing :])


@pytest.mark.parametrize("state", list(ReleaseState))
def test_every_state_has_words_and_a_colour(state):
    colour, said = told.state(summary(state))
    assert colour in {"gray", "blue", "red", "orange", "green", "violet"}
    assert said
    assert "_" not in said


def test_a_release_says_how_many_approvals_it_waits_for():
    assert told.state(summary(ReleaseState.PENDING_APPROVAL)) == ("blue", "waits for 1 of 2 approvals")
    assert told.state(summary(ReleaseState.PENDING_APPROVAL, needed=1))[1] == "waits for its approval"


def test_what_is_live_in_part_says_its_share_and_what_is_not_confirmed_is_not_called_done():
    canary = summary(ReleaseState.LIVE, plan=STEPS.as_json(), step=2)
    assert told.state(canary) == ("green", "● live at 5.0 %")
    sent = summary(ReleaseState.LIVE, plan=STEPS.as_json(), step=2, executing_since=NOON)
    assert told.state(sent) == ("violet", "● live at 5.0 %, next step not confirmed")
    assert told.state(summary(ReleaseState.LIVE, step=1)) == ("green", "● live")
    assert told.state(summary(ReleaseState.LIVE, plan=STEPS.as_json(), step=1))[1] == "● in shadow"


def test_a_plan_is_told_step_by_step():
    assert told.plan(STEPS.as_json()) == "shadow 7 d → 5 % of the traffic → all of the traffic"


def test_gates_are_ranked_by_outcome_then_in_their_own_order():
    gates = [{"gate": name, "outcome": outcome} for name, outcome in (
        ("performance", "pass"), ("schema", "fail"), ("latency", "inconclusive"), ("calibration", "fail"),
    )]  # fmt: skip
    assert [one["gate"] for one in told.ranked(gates)] == ["calibration", "schema", "latency", "performance"]


def test_a_limit_has_its_side_and_a_gate_without_one_none():
    gate = {"gate": "rollout", "limit": 7.0, "limit_kind": "at least", "ci_low": None, "ci_high": None}
    assert told.limit(gate) == "≥ 7"
    assert told.limit({**gate, "limit_kind": "none"}) == "–"
    assert told.interval(gate) == "–"
