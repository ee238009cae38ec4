"""The evidence pack of a release: what is frozen, what its gates decide, and what a person must answer for."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from core.inventory.controls import CONDITION
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.states import ReleaseState


def frozen(document: Mapping[str, Any], gates: Sequence[GateResult], profiles: bytes) -> dict[str, Any]:
    """Return the document that the evidence digest is taken of: with the gates and the sha256 of the packed profiles.

    The packed profiles lie beside the document; through their hash no number of the document can be told
    from other counts.
    """
    return {
        **document,
        "gates": [gate.as_json() for gate in gates],
        "profiles_sha256": hashlib.sha256(profiles).hexdigest(),
    }


def outcomes(gates: Sequence[GateResult]) -> dict[str, str]:
    """Return gate → outcome, the field of the validity key: values may move as long as no outcome does."""
    return {gate.gate: gate.outcome.value for gate in gates}


def settled(gates: Sequence[GateResult]) -> ReleaseState:
    """Return where the gates send a release: one that fails blocks, one without an answer needs a person.

    No gate at all is no answer either.
    """
    found = {gate.outcome for gate in gates}
    if GateOutcome.FAILED in found:
        return ReleaseState.BLOCKED
    if GateOutcome.INCONCLUSIVE in found or not found:
        return ReleaseState.NEEDS_HUMAN
    return ReleaseState.PENDING_APPROVAL


def not_passed(document: Mapping[str, Any]) -> dict[str, str]:
    """Return gate → outcome of the gates in a frozen document that did not pass."""
    passed = GateOutcome.PASSED.value
    return {gate["gate"]: gate["outcome"] for gate in document.get("gates", ()) if gate["outcome"] != passed}


def without_note(document: Mapping[str, Any], notes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the gates that did not pass and that `notes` say nothing of."""
    return tuple(gate for gate in not_passed(document) if not notes.get(gate, "").strip())


def asking_for_conditions(document: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the open findings in a frozen document for each of which the tier asks for a condition."""
    gate = next((one for one in document.get("gates", ()) if one["gate"] == "findings"), None)
    found = () if gate is None else gate.get("details", {}).get("open", ())
    return tuple(one["id"] for one in found if one["effect"] == CONDITION)


def why(gates: Sequence[GateResult]) -> str:
    """Return in a sentence why a release stands where its gates sent it; empty when every gate passes.

    >>> from core.releases.gates.gate import GateOutcome, GateResult
    >>> why([GateResult(gate="latency", outcome=GateOutcome.FAILED, measure="", reason="too slow")])
    'latency fails'
    """
    failed = _named(gates, GateOutcome.FAILED)
    unclear = _named(gates, GateOutcome.INCONCLUSIVE)
    parts = [f"{_joined(failed)} fail{'s' * (len(failed) == 1)}"] if failed else []
    return "; ".join([*parts, *([f"{_joined(unclear)} cannot be judged"] if unclear else [])])


def _named(gates: Sequence[GateResult], outcome: GateOutcome) -> list[str]:
    return [gate.gate.replace("_", " ") for gate in gates if gate.outcome is outcome]


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
