from app.audit.told import SAID, changes, did, row
from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry, canonical_json


def entry(**fields) -> AuditEntry:
    known = {
        "seq": 7,
        "event_id": "e",
        "at": "2026-11-21T17:05:03.123456+00:00",
        "actor": "Vera Lind",
        "roles": "owner,validator",
        "action": "model:model:retire",
        "object_type": "model",
        "object_id": "churn",
        "before": "{}",
        "after": "{}",
        "reason": "",
        "idempotency_key": None,
        "app_version": "0.1.0",
        "prev_hash": "a" * 64,
        "hash": "b" * 64,
    }
    return AuditEntry(**(known | fields))


def test_every_action_of_the_chain_is_said_in_words():
    for action in AuditAction:
        said = did(action.value)
        assert not set(":_") & set(said.partition(": ")[0])
        assert " " in said or action.value in SAID
    assert set(SAID) <= {action.value for action in AuditAction}


def test_an_entry_says_who_did_what_when_and_why():
    shown = row(entry(reason="No longer used"))
    assert (shown.who, shown.roles, shown.did, shown.why) == (
        "Vera Lind",
        "owner, validator",
        "retired the model",
        "No longer used",
    )
    assert f"{shown.at:%Y-%m-%d %H:%M}" == "2026-11-21 17:05"


def test_only_what_changed_is_told():
    before = {"state": "ACTIVE", "tier": 2, "owner": "risk", "gone": 1}
    after = {"state": "RETIRED", "tier": 2, "owner": "risk", "new": ["a", "b"]}
    told = [(one.field, one.before, one.after) for one in changes(before, after)]
    assert told == [("gone", "1", None), ("new", None, "a, b"), ("state", "ACTIVE", "RETIRED")]


def test_parts_of_a_record_are_told_each_by_itself_and_values_as_people_write_them():
    told = {one.field: one.after for one in changes({}, {"plan": {"steps": [{"kind": "full"}], "on": True}, "x": None})}
    assert told == {"plan.steps": '[{"kind": "full"}]', "plan.on": "yes", "x": "nothing"}


def test_the_evidence_that_was_seen_is_told():
    assert row(entry(after=canonical_json({"evidence_digest": "c" * 64}))).evidence == "c" * 64
    assert row(entry()).evidence == ""


def test_a_denied_attempt_says_what_was_asked_and_why_it_was_refused():
    after = {"asked": "releases.break_glass", "code": "not_allowed", "why": "It needs the role owner.", "times": 10}
    shown = row(entry(action="access:attempt:deny", after=canonical_json(after)))
    assert (shown.did, shown.why) == ("was refused (break glass)", "It needs the role owner.")
    assert [one.field for one in shown.changes] == ["asked", "code", "times"]


def test_an_entry_that_was_tampered_with_can_still_be_shown():
    shown = row(entry(after="{broken", before="[1]"))
    assert [(one.field, one.before, one.after) for one in shown.changes] == [("unreadable", "[1]", "{broken")]
