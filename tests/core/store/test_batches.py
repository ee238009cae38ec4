from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import ConflictError, NotFoundError
from core.log.outcomes import BatchState, Kind, LogRole, QuarantinedRow
from core.store import batches as stored
from core.store.quarantine import add_quarantined, quarantined_rows
from tests.log_kit import watched

AT = datetime(2013, 7, 1, tzinfo=UTC)


@pytest.fixture
def known(store):
    return watched(store)


def stage(session, content="ab", kind=Kind.PREDICTIONS):
    return stored.stage(
        session,
        model_id=1,
        version_id=1,
        kind=kind,
        role=LogRole.SERVED,
        file="f.csv",
        content_hash=content,
        by="ana",
        at=AT,
    )


def test_a_staged_batch_is_unsettled_and_holds_its_content(known):
    with known.write() as session:
        number = stage(session)
        (batch,) = stored.unsettled(session, 1)
        assert (batch.id, batch.state, batch.version, batch.role) == (number, BatchState.STAGED, "v1", "served")
        assert stored.find_content(session, "ab") == batch == stored.batch_by_id(session, number)
        assert stored.find_content(session, "cd") is None


def test_batches_are_listed_newest_first(known):
    with known.write() as session:
        numbers = [stage(session, content) for content in "abc"]
        assert [batch.id for batch in stored.batches(session, 1)] == numbers[::-1]
        assert stored.batches(session, 2) == ()


def test_a_batch_moves_only_from_the_state_it_was_seen_in(known):
    with known.write() as session:
        number = stage(session)
        stored.move(session, number, seen=BatchState.STAGED, to=BatchState.LANDED, changes={"accepted": 5})
        assert stored.batch_by_id(session, number).accepted == 5
        assert stored.unsettled(session, 1) == ()
        with pytest.raises(ConflictError, match="was changed by somebody else"):
            stored.move(session, number, seen=BatchState.STAGED, to=BatchState.LANDED, changes={})


def test_content_is_there_once_until_it_is_reverted(known):
    with known.write() as session:
        number = stage(session)
        stored.move(session, number, seen=BatchState.STAGED, to=BatchState.REVERTED, changes={})
        assert stored.find_content(session, "ab") is None
        stage(session)
    with pytest.raises(IntegrityError), known.write() as session:
        stage(session)


def test_an_abandoned_batch_leaves_nothing(known):
    with known.write() as session:
        number = stage(session)
        add_quarantined(session, number, [QuarantinedRow(row=1, column="a", rule="r", value="v", fix="f")])
        stored.abandon(session, number)
        assert stored.batches(session, 1) == ()
        assert quarantined_rows(session, number) == ()


def test_an_unknown_batch_says_where_to_look(known):
    with known.read() as session, pytest.raises(NotFoundError, match="batch list"):
        stored.batch_by_id(session, 99)


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
def test_a_number_that_no_batch_can_have_is_unknown_too(known, number):
    with known.read() as session, pytest.raises(NotFoundError, match=f"There is no batch {number};"):
        stored.batch_by_id(session, number)
