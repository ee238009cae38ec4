from datetime import UTC, datetime

import pytest

from core.inventory.records import ModelInfo, ModelState


def test_records_cannot_be_changed():
    info = ModelInfo(
        id=1,
        key="m0001",
        name="churn",
        owner="crm",
        risk_tier=2,
        state=ModelState("active"),
        schema_id=None,
        champion_id=None,
        champion_since=None,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        row_version=1,
    )
    with pytest.raises(AttributeError):
        info.owner = "somebody else"
