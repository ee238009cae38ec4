"""Titles and sentences of the release pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.releases import findings
from core.releases.offers import Move, Offer
from core.releases.plan import plan_of
from core.releases.release import DRILL, Decision, EvidencePack, ReleaseDecision
from core.releases.service import Approval, QueueItem, ReleaseDetail, ReleaseSummary
from core.releases.states import ReleaseState
from tests.core.releases.made_up import NOON, RELEASE

GATES = [
    {"gate": "schema", "outcome": "pass"},
    {"gate": "latency", "outcome": "inconclusive"},
    {"gate": "fairness", "outcome": "inconclusive"},
    {"gate": "documentation", "outcome": "fail"},
]
STEPS = plan_of({"steps": [{"kind": "canary", "share": 0.05}, {"kind": "full"}]}).as_json()


def summary(state: ReleaseState = ReleaseState.PENDING_APPROVAL, **changes: object) -> ReleaseSummary:
    release = replace(RELEASE, state=state, **changes)
    return ReleaseSummary(release=release, rules=("owner", "peer"), approvals=(), waits_for=("owner", "peer"))


def detail(state: ReleaseState = ReleaseState.PENDING_APPROVAL, **changes: object) -> ReleaseDetail:
    known = {name: changes.pop(name) for name in ("decisions", "offers", "executable_from") if name in changes}
    pack = EvidencePack(digest="d" * 64, release_id=7, document={"gates": GATES}, validity={}, created_at=NOON)
    return ReleaseDetail(
        summary=summary(state, **changes),
        decisions=known.get("decisions", ()),
        pack=pack,
        differences=(),
        comments=(),
        offers=known.get("offers", ()),
        executable_from=known.get("executable_from"),
        rollback_to="v1",
        event=None,
        last_visit=None,
    )


def decided(decision: Decision, by: str, reason: str = "") -> ReleaseDecision:
    return ReleaseDecision(
        id=1, release_id=7, round=1, decision=decision, by=by, rule="", reason=reason, notes={}, digest=None,
        validity={}, at=NOON,
    )  # fmt: skip


def item(*, mine: bool, due: bool = True) -> QueueItem:
    return QueueItem(
        summary=summary(),
        waits_for_me=mine,
        moves=(),
        why_not="",
        age=timedelta(hours=1),
        due=NOON + timedelta(days=5, hours=3) if due else None,
    )


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((), "No release is on its way"),
        ((item(mine=True),), "1 release waits for you"),
        ((item(mine=True), item(mine=True), item(mine=False)), "2 releases wait for you"),
        ((item(mine=False),), "Nothing waits for you, 1 release is on its way"),
        ((item(mine=False), item(mine=False)), "Nothing waits for you, 2 releases are on their way"),
    ],
)
def test_the_queue_says_how_many_wait_for_you(items, expected):
    assert findings.queue_title(items) == expected


def test_the_first_of_the_queue_is_named_with_the_time_that_is_left():
    said = findings.queue_sentence((item(mine=True),), NOON)
    assert "waits for 2 of 2 approvals, expires in 5 d 3 h" in said
    assert "expires" not in findings.queue_sentence((item(mine=True, due=False),), NOON)


@pytest.mark.parametrize("state", list(ReleaseState))
def test_every_state_has_a_title_and_a_sentence_without_its_code(state):
    one = detail(state)
    for text in (findings.title(one), findings.sentence(one)):
        assert "_" not in text
    assert "churn" in findings.title(one)


def test_a_share_of_the_traffic_is_not_called_live_without_saying_so():
    assert (
        findings.title(detail(ReleaseState.LIVE, plan=STEPS, step=1)).replace("\\", "") == "churn v2 is live at 5.0 %"
    )
    assert findings.title(detail(ReleaseState.LIVE, plan=STEPS, step=2)) == "churn v2 is live"


def test_a_drill_and_an_unknown_rollback_are_called_what_they_are():
    assert findings.title(detail(environment=DRILL)) == "A rollback of churn v2 to v1 is practised"
    unknown = detail(ReleaseState.UNKNOWN, rollback_to_id=1)
    assert findings.title(unknown) == "Nobody knows whether churn v2 was taken back to v1"


def test_a_blocked_release_names_the_gates_and_a_declined_one_what_was_said():
    said = findings.sentence(detail(ReleaseState.BLOCKED))
    assert said.startswith("Documentation fails; fairness and latency cannot be judged.")
    declined = detail(ReleaseState.BLOCKED, decisions=(decided(Decision.DECLINE, "Vera", "measure it."),))
    assert "measure it. Mend" in findings.sentence(declined).replace("\\", "")


def test_who_broke_the_glass_and_why_stays_said_until_it_is_decided():
    broken = detail(decisions=(decided(Decision.BREAK_GLASS, "Omar", "cannot wait"),), broken_glass=True)
    assert findings.sentence(broken).startswith("Omar broke the glass: cannot wait. Documentation fails; fairness")


def test_a_draft_that_was_sent_back_says_by_whom_and_what_is_missing():
    sent_back = detail(ReleaseState.DRAFT, decisions=(decided(Decision.CHANGES, "Vera", "add the north"),))
    assert findings.sentence(sent_back).startswith("Vera asks for changes: add the north. Dana submits it again")


def test_an_approval_that_counts_no_longer_is_not_told():
    held = Approval(by="Omar", rule="owner", at=NOON, digest=None, reason="", notes={})
    gone = replace(held, by="Ana", rule="")
    one = detail()
    one = replace(one, summary=replace(one.summary, approvals=(held, gone), waits_for=("peer",)))
    gates = "Documentation fails; fairness and latency cannot be judged."
    assert findings.sentence(one) == f"Omar approved as “owner”. {gates} It waits for “peer”."
    passed = replace(one.pack, document={"gates": GATES[:1]})
    assert findings.sentence(replace(one, pack=passed)).endswith(" Every gate passes. It waits for “peer”.")


def test_a_live_release_says_since_when_and_which_step_comes_next():
    since = detail(ReleaseState.LIVE, plan=STEPS, step=1, live_since=NOON)
    said = findings.sentence(since).replace("\\", "")
    assert said.startswith("Live since ")
    assert said.endswith("The next step of its plan is all of the traffic.")
    assert "next step" not in findings.sentence(detail(ReleaseState.LIVE, plan=STEPS, step=2, live_since=NOON))


def test_whoever_asked_for_it_reads_that_first():
    refused = Offer(move=Move.APPROVE, code="not_allowed", why="Your roles (engineer) do not allow this.")
    one = detail(offers=(refused, Offer(move=Move.CANCEL)))
    assert findings.why_not(one, "Dana").startswith("You asked for this release: somebody else has to approve it.")
    assert findings.why_not(one, "Eve") == "Your roles (engineer) do not allow this."
    assert findings.why_not(detail(offers=(Offer(move=Move.APPROVE),)), "Omar") == ""
    assert findings.why_not(detail(offers=()), "Omar") == ""


def test_each_open_rule_is_told_with_the_roles_that_fill_it():
    roles = {"owner": "owner", "peer": "approver or validator"}
    assert findings.can(summary(), roles) == "“owner” (owner) and “peer” (approver or validator)"
