from dataclasses import replace

import pytest

from core.audit.actions import AuditAction
from core.errors import BadInputError, ConflictError
from core.store import records, settings
from core.store.models import model_by_name
from tests.governed import NOW, with_model


def test_a_record_is_written_only_as_it_was_read(both):
    store = with_model(both)
    with store.write() as session:
        read = records.record_of(session, 1)
        assert (read.row_version, read.document) == (0, {})
        records.put_record(session, read, {"owner": "Ana"}, by="Ana", at=NOW)
        with pytest.raises(ConflictError, match="changed by somebody else"):
            records.put_record(session, replace(read, row_version=7), {"owner": "Bea"}, by="Bea", at=NOW)
        records.put_record(session, replace(read, row_version=1), {"owner": "Bea"}, by="Bea", at=NOW)
    with store.read() as session:
        now = records.record_of(session, 1)
    assert (now.document, now.updated_by, now.updated_at, now.row_version) == ({"owner": "Bea"}, "Bea", NOW, 2)


def test_ending_an_override_that_does_not_stand_says_so(both):
    store = with_model(both)
    with store.write() as session:
        assert not records.end_override(session, 1, at=NOW)
        assert records.override_of(session, 1) is None
        assert records.tier_of(session, model_by_name(session, "churn"), NOW).in_force == 3


def test_a_policy_that_this_program_does_not_know_is_no_policy(both):
    with both.write() as session:
        assert records.release_policy(session).name == "standard"
        settings.put(session, records.RELEASE_POLICY, "of a newer one")
        with pytest.raises(BadInputError, match="no policy 'of a newer one'"):
            records.release_policy(session)


def test_entries_come_in_their_order_of_one_model_or_of_all(both):
    store = with_model(with_model(both, name="a"), name="b")
    with store.read() as session:
        added = records.entries_of(session, (AuditAction.MODEL_ADDED, AuditAction.CHAMPION_SET))
        mine = records.entries_of(session, (AuditAction.MODEL_ADDED, AuditAction.CHAMPION_SET), "b")
    assert [entry.object_id for entry in added] == ["a", "a", "b", "b"]
    assert mine == added[2:]
