"""What of frozen evidence is kept from a person who may not read the figures of protected groups."""

from collections.abc import Mapping
from typing import Any

WHY = "Figures of protected groups are for those who may read fairness."
GATE = "fairness"


def without_groups(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an evidence document without any figure of a protected group; what the gate decided stays.

    The digest names the whole document: what is shown here no longer hashes to it.
    """
    return {
        **document,
        "fairness": {"columns": [], "gaps": [], "why": WHY},
        "worse_first": [one for one in document.get("worse_first", ()) if one.get("gate") != GATE],
        "gates": [_gate(one) for one in document.get("gates", ())],
        "further_gates": [_gate(one) for one in document.get("further_gates", ())],
        "card": None,
    }


def _gate(gate: Mapping[str, Any]) -> dict[str, Any]:
    if gate["gate"] != GATE:
        return dict(gate)
    numbers = dict.fromkeys(("value", "ci_low", "ci_high", "n"))
    return {**gate, **numbers, "reason": WHY, "details": {}}
