import re
from pathlib import Path

from core.audit.actions import AuditAction

ROOT = Path(__file__).parents[3]


def test_every_action_is_spelled_subject_object_action_and_fits_its_column():
    for action in AuditAction:
        assert re.fullmatch(r"[a-z]+:[a-z]+:[a-z_]+", action.value)
        assert len(action.value) <= 64
