import pytest

from core.access.principal import LOCAL, WORKER
from core.audit.actions import AuditAction
from core.audit.service import record
from core.errors import ConflictError
from core.store.repeats import done_before


def test_a_key_finds_what_was_done_under_it_and_refuses_anything_else(both):
    with both.write() as session:
        assert done_before(session, LOCAL, "k", AuditAction.RECORD_EDITED) is None
        assert done_before(session, LOCAL, None, AuditAction.RECORD_EDITED) is None
        made = record(
            session, LOCAL, AuditAction.RECORD_EDITED, object_type="model", object_id="a", idempotency_key="k"
        )
        assert done_before(session, LOCAL, "k", AuditAction.RECORD_EDITED) == made
        assert done_before(session, LOCAL, "k", AuditAction.RECORD_EDITED, about="a") == made
        with pytest.raises(ConflictError, match="was used before, for inventory:record:edit a"):
            done_before(session, LOCAL, "k", AuditAction.CARD_EDITED)
        with pytest.raises(ConflictError, match="was used before"):
            done_before(session, LOCAL, "k", AuditAction.RECORD_EDITED, about="b")


def test_a_key_is_of_one_person_and_one_model(both):
    with both.write() as session:
        record(session, LOCAL, AuditAction.FINDING_RAISED, object_type="finding", object_id="a/7", idempotency_key="f")
        record(
            session,
            LOCAL,
            AuditAction.RELEASE_REQUESTED,
            object_type="release",
            object_id="1",
            after={"model": "a"},
            idempotency_key="r",
        )
        for key, action in (("f", AuditAction.FINDING_RAISED), ("r", AuditAction.RELEASE_REQUESTED)):
            assert done_before(session, LOCAL, key, action, model="a") is not None
            with pytest.raises(ConflictError, match="was used before"):
                done_before(session, LOCAL, key, action, model="b")
            with pytest.raises(ConflictError, match="by local"):
                done_before(session, WORKER, key, action, model="a")
