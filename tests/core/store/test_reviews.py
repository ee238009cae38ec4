import pytest

from core.errors import ConflictError, NotFoundError
from core.reviews.review import ReviewKind, done_review
from core.store import reviews
from tests.governed import NOW, with_model


def test_a_review_is_owed_and_then_done_once(both):
    store = with_model(both)
    done = done_review(kind="after_rollback", scope="", outcome="passed", notes="fine")
    with store.write() as session:
        owed = reviews.owe_review(session, ReviewKind.AFTER_ROLLBACK, model_id=1, by="Omar", at=NOW, version_id=1)
        assert (owed.is_done, owed.passed, owed.version, owed.outcome) == (False, False, "v1", None)
        made = reviews.finish_review(session, owed, done, by="Vera", at=NOW)
        assert (made.is_done, made.passed, made.done_by) == (True, True, "Vera")
        with pytest.raises(ConflictError):
            reviews.finish_review(session, owed, done, by="Ana", at=NOW)
        with pytest.raises(NotFoundError):
            reviews.review_by_id(session, 99)
        assert reviews.reviews(session, model_id=1) == reviews.reviews(session) == (made,)


def test_a_drill_is_done_on_the_day(both):
    store = with_model(both)
    with store.write() as session:
        drill = done_review(kind="drill", scope="alias", outcome="passed", notes="")
        made = reviews.add_review(session, drill, model_id=1, by="Dana", at=NOW)
    assert (made.due, made.done_at, made.kind) == (NOW.date(), NOW, ReviewKind.DRILL)
