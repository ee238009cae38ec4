from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import ConflictError, NotFoundError, RefusedError
from core.releases.release import Decision, EvidencePack
from core.releases.states import ReleaseState
from core.store import releases as stored
from core.store.releases import is_open
from tests.release_kit import governed, pending, requested

S = ReleaseState


def test_a_release_is_moved_only_from_where_it_was_read(both):
    store = governed(both)
    release = requested(store)
    with store.write() as session:
        now = stored.move(session, release, S.CANCELLED, {"why": "x"}, at=store.clock.now())
        assert (now.row_version, now.state) == (release.row_version + 1, S.CANCELLED)
        with pytest.raises(ConflictError, match="a moment ago"):
            stored.move(session, release, S.CANCELLED, {}, at=store.clock.now())
        with pytest.raises(ConflictError):
            stored.change(session, replace(now, state=S.LIVE), {"why": "y"})
        with pytest.raises(RefusedError) as refused:
            stored.move(session, now, S.LIVE, {}, at=store.clock.now())
    assert refused.value.code == "illegal_move"
    with store.read() as session:
        assert stored.release_by_id(session, release.id) == now


@pytest.mark.parametrize("number", [0, -1, 99, 2**40])
def test_a_release_that_is_not_there_is_said_to_be_so(both, number):
    with both.read() as session, pytest.raises(NotFoundError, match=f"no release {number}"):
        stored.release_by_id(session, number)


def test_the_database_itself_holds_one_open_release_and_one_approval_a_person_and_round(both):
    store = governed(both)
    release = pending(store)
    at = store.clock.now()
    with pytest.raises(IntegrityError), store.write() as session:
        stored.add_release(
            session,
            model_id=release.model_id,
            version_id=release.version_id,
            champion_id=None,
            environment="production",
            state=S.DRAFT,
            plan={},
            tier=3,
            policy={},
            reason="",
            by="Dana",
            at=at,
        )
    with store.write() as session:
        stored.add_decision(session, release, Decision.APPROVE, by="Omar", at=at, reason="fine")
    with pytest.raises(IntegrityError), store.write() as session:
        stored.add_decision(session, release, Decision.APPROVE, by="Omar", at=at, reason="fine")
    with store.write() as session:
        for _ in range(2):
            stored.add_decision(session, release, Decision.CHANGES, by="Omar", at=at, reason="more")


def test_what_is_on_its_way_back_holds_no_place():
    assert is_open(S.PENDING_APPROVAL, None)
    assert is_open(S.FAILED, None)
    assert not is_open(S.LIVE, None)
    assert not is_open(S.ROLLING_BACK, 1)
    assert not is_open(S.UNKNOWN, 1)


def test_evidence_is_written_once(both):
    store = governed(both)
    release = pending(store)
    with store.write() as session:
        known = stored.find_pack(session, release.digest)
        stored.add_pack(session, replace(known, document={}), b"other")
        assert stored.packed_profiles(session, release.digest) == b"packed counts"
        assert stored.find_pack(session, release.digest) == known
        assert stored.find_pack(session, None) is None
        assert stored.find_pack(session, "0" * 64) is None
        second = EvidencePack(
            digest="f" * 64, release_id=release.id, document={}, validity={}, created_at=store.clock.now()
        )
        stored.add_pack(session, second, b"")
        assert [stored.find_pack(session, one.digest) for one in (known, second)] == [known, second]


def test_releases_are_found_by_model_environment_and_state(both):
    store = governed(both)
    release = requested(store)
    with store.read() as session:
        assert stored.releases(session, model_id=release.model_id, environment="production") == (release,)
        assert stored.releases(session, environment="drill") == ()
        assert stored.releases(session, states={S.LIVE}) == ()
        assert stored.open_release(session, release.model_id, "production") == release
        assert stored.open_release(session, release.model_id, "drill") is None
