import json

from core.releases.gates.gate import GateOutcome, GateResult


def test_a_gate_is_told_in_full_as_json():
    gate = GateResult(
        gate="latency", outcome=GateOutcome.INCONCLUSIVE, measure="latency p95", reason="not logged", details={"a": 1}
    )
    told = gate.as_json()
    assert json.loads(json.dumps(told)) == told
    assert (told["outcome"], told["value"], told["limit_kind"], told["details"]) == (
        "inconclusive",
        None,
        "none",
        {"a": 1},
    )
