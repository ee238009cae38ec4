import pytest

from core.errors import NotFoundError
from core.store import release_talk as stored
from tests.release_kit import governed, later, requested


def test_comments_keep_their_order_and_visits_their_last_time(both):
    store = governed(both)
    release, at = requested(store), store.clock.now()
    with store.write() as session:
        first = stored.add_comment(session, release.id, by="Omar", at=at, text="one")
        second = stored.add_comment(
            session, release.id, by="Vera", at=at, text="", file="x.png", media_type="image/png", sha256="a", size=3
        )
        assert stored.comments(session, release.id) == (first, second)
        assert stored.comment_by_id(session, second.id).file == "x.png"
        assert stored.last_visit(session, release.id, "Omar") is None
        for moment in (at, later(store, hours=1).clock.now()):
            stored.put_visit(session, release.id, "Omar", at=moment)
        assert stored.last_visit(session, release.id, "Omar") == moment


@pytest.mark.parametrize("number", [0, 7, 2**40])
def test_a_comment_that_is_not_there_is_said_to_be_so(both, number):
    with both.read() as session, pytest.raises(NotFoundError, match=f"no comment {number}"):
        stored.comment_by_id(session, number)
