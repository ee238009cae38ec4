"""The validity key: thirteen fields an approval rests on, and which of them differ now.

An approval is about one state of the world. Anything that could change the decision is a field here; a new
batch of rows, a comment or a better description is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "model": "model",
        "version": "version",
        "artifact_sha256": "artefact",
        "schema": "schema",
        "datasets": "training and reference data",
        "gate_outcomes": "outcomes of the gates",
        "limits": "limits",
        "gate_policy": "gate policy",
        "tier": "risk tier",
        "plan": "rollout plan",
        "target": "target",
        "blocking_findings": "open blocking findings",
        "kernel": "way of counting (kernel)",
    }
)
"""The thirteen fields and what a person calls them."""

FIELDS = tuple(TITLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that is no longer what it was when the evidence was frozen."""

    field: str
    was: Any
    now: Any

    def as_json(self) -> dict[str, Any]:
        """Return the difference as an audit entry and the dossier show it."""
        return {"field": self.field, "was": self.was, "now": self.now}


def validity_key(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` in the order of the fields.

    Raises
    ------
    ValueError
        When a field is missing or there is one too many: a key with a hole would let everything pass.
    """
    if set(values) != set(FIELDS):
        wrong = sorted(set(values) ^ set(FIELDS))
        raise ValueError(f"A validity key has the thirteen fields of core/releases/validity.py; wrong are {wrong}.")
    return {name: values[name] for name in FIELDS}


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return the fields in which two validity keys differ; a field that one of them lacks differs.

    >>> [one.field for one in differences({"tier": 2}, {"tier": 1})]
    ['tier']
    """
    return tuple(
        Difference(field=name, was=was.get(name), now=now.get(name))
        for name in FIELDS
        if was.get(name) != now.get(name)
    )


def told(found: tuple[Difference, ...]) -> str:
    """Return the differing fields as a part of a sentence: ``risk tier (2 → 1), schema (ab12… → cd34…)``."""
    return ", ".join(f"{TITLES[one.field]} ({_short(one.was)} → {_short(one.now)})" for one in found)


def _short(value: Any, limit: int = 40) -> str:
    if isinstance(value, Mapping):
        value = ", ".join(f"{name} {part}" for name, part in value.items())
    elif isinstance(value, list | tuple):
        value = ", ".join(map(str, value)) or "none"
    text = "none" if value is None else str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
