import hashlib

from core.audit.chain import content_hash
from core.releases.evidence import asking_for_conditions, frozen, not_passed, outcomes, settled, why, without_note
from core.releases.states import ReleaseState
from tests.release_kit import gates


def test_gates_send_a_release_where_the_worst_of_them_says():
    assert settled(gates()) is ReleaseState.PENDING_APPROVAL
    assert settled(gates(unclear=("fairness",))) is ReleaseState.NEEDS_HUMAN
    assert settled(gates(unclear=("fairness",), failed=("latency",))) is ReleaseState.BLOCKED
    assert settled([]) is ReleaseState.NEEDS_HUMAN


def test_the_digest_covers_document_gates_and_the_packed_counts():
    base = content_hash(frozen({"rows": 4}, gates(), b"counts"))
    assert content_hash(frozen({"rows": 4}, gates(), b"counts")) == base
    assert content_hash(frozen({"rows": 5}, gates(), b"counts")) != base
    assert content_hash(frozen({"rows": 4}, gates(value=0.81), b"counts")) != base
    assert content_hash(frozen({"rows": 4}, gates(), b"other counts")) != base
    assert frozen({}, [], b"counts")["profiles_sha256"] == hashlib.sha256(b"counts").hexdigest()


def test_outcomes_are_without_values():
    assert outcomes(gates(value=0.8)) == outcomes(gates(value=0.7))
    assert outcomes(gates(failed=("latency",)))["latency"] == "fail"


def test_every_gate_that_did_not_pass_needs_a_note():
    document = frozen({}, gates(failed=("latency",), unclear=("fairness",)), b"")
    assert not_passed(document) == {"fairness": "inconclusive", "latency": "fail"}
    assert without_note(document, {"fairness": "  ", "latency": "known"}) == ("fairness",)
    assert without_note(frozen({}, gates(), b""), {}) == ()


def test_the_reason_names_the_failing_gates_first():
    found = gates(failed=("latency",), unclear=("worst_segment", "fairness", "schema"))
    assert why(found) == "latency fails; worst segment, fairness and schema cannot be judged"
    assert why(gates()) == ""


def test_the_findings_that_ask_for_a_condition_are_told_by_their_number():
    standing = [{"id": 3, "severity": "high", "effect": "condition"}, {"id": 4, "severity": "low", "effect": "note"}]
    gates = [{"gate": "latency", "outcome": "pass"}, {"gate": "findings", "details": {"open": standing}}]
    assert asking_for_conditions({"gates": gates}) == (3,)
    assert asking_for_conditions({"gates": gates[:1]}) == asking_for_conditions({}) == ()
