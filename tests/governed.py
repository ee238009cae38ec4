"""People, a model without a log and a complete record, for the tests of governance."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.access.principal import LOCAL, Principal, Role
from core.clock import Clock
from core.inventory.field_types import FieldType
from core.inventory.fields import FIELDS, TIERS
from core.inventory.service import add_model, add_version
from core.log.document import validate
from core.log.schema import from_document
from core.store.database import Store

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ENGINEER = Principal("Dana Reyes", frozenset({Role.ENGINEER}))
OWNER = Principal("Omar Haddad", frozenset({Role.OWNER}))
VALIDATOR = Principal("Vera Lind", frozenset({Role.VALIDATOR}))
APPROVER = Principal("Ana Prior", frozenset({Role.APPROVER}))
ADMINISTRATOR = Principal("Adam Stone", frozenset({Role.ADMINISTRATOR}))
VIEWER = Principal("Vic Tran", frozenset({Role.VIEWER}))
RISK: Mapping[str, Any] = {
    "exposure_amount": 3_000_000,
    "decisions_per_year": 330_000,
    "purpose": "operations",
    "harm": "inconvenience",
    "automation": "human_in_loop",
    "complexity": "ensemble",
    "data_doubt": "own_gaps",
    "ai_act_class": "minimal",
    "regulatory_capital": False,
    "affects_persons": False,
    "adverse_to_persons": False,
}
"""Risk inputs that compute to 44 points: tier 3."""
_SAMPLE: Mapping[FieldType, Any] = {
    FieldType.LINE: "a line",
    FieldType.TEXT: "a text",
    FieldType.LIST: ["an entry"],
    FieldType.DATE: "2027-01-31",
    FieldType.YES_NO: True,
}
WHOLE: Mapping[str, Any] = {
    **{
        field.code: next(iter(field.choices)) if field.choices else _SAMPLE.get(field.type, 1)
        for field in FIELDS
        if field.required_to in TIERS
    },
    **RISK,
    "owner": OWNER.name,
    "developer": ENGINEER.name,
    "validator": VALIDATOR.name,
    "status": "approved",
}
"""A record that every tier finds complete."""


def at(store: Store, moment: datetime) -> Store:
    """Return the store with its clock at a moment."""
    return replace(store, clock=Clock(moment))


def with_model(store: Store, *, name: str = "churn", tier: int = 3, versions: tuple[str, ...] = ("v1", "v2")) -> Store:
    """Return the store at `NOW` with a model and versions added by the engineer; the first is live."""
    opened = at(store, NOW)
    document = validate(
        {
            "model": name,
            "task": "binary",
            "owner": "team",
            "risk_tier": tier,
            "columns": {"prediction_id": "i", "timestamp": "t", "score": "s", "features": {"numeric": ["a"]}},
        },
        "model.yaml",
    )
    add_model(opened, LOCAL, from_document(document.model_dump(mode="json")))
    for version in versions:
        add_version(opened, ENGINEER, model=name, version=version, artifact_sha256=None, has_reference=False)
    return opened
