import pytest

from core.access.principal import LOCAL
from core.audit.actions import AuditAction
from core.audit.service import record
from core.errors import ConflictError
from core.store.repeats import done_before


def test_a_key_finds_what_was_done_under_it_and_refuses_anything_else(both):
    with both.write() as session:
        assert done_before(session, "k", AuditAction.RECORD_EDITED) is None
        assert done_before(session, None, AuditAction.RECORD_EDITED) is None
        made = record(
            session, LOCAL, AuditAction.RECORD_EDITED, object_type="model", object_id="a", idempotency_key="k"
        )
        assert done_before(session, "k", AuditAction.RECORD_EDITED) == made
        assert done_before(session, "k", AuditAction.RECORD_EDITED, about="a") == made
        with pytest.raises(ConflictError, match="was used before, for inventory:record:edit a"):
            done_before(session, "k", AuditAction.CARD_EDITED)
        with pytest.raises(ConflictError, match="was used before"):
            done_before(session, "k", AuditAction.RECORD_EDITED, about="b")
