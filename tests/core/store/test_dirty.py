from datetime import date

from core.log.outcomes import DirtyDay
from core.store.dirty import clear_dirty, dirty_days, mark_dirty
from tests.log_kit import watched

DAY = date(2013, 7, 1)


def test_a_day_that_is_marked_again_keeps_its_mark_when_the_older_one_is_cleared(store):
    watched(store, versions=("v1", "v2"))
    with store.write() as session:
        mark_dirty(session, [(1, "served", DAY), (1, "served", DAY), (2, "shadow", DAY)])
    with store.read() as session:
        seen = dirty_days(session, 1)
    assert seen == (
        DirtyDay(version_id=1, role="served", day=DAY, mark=1),
        DirtyDay(version_id=2, role="shadow", day=DAY, mark=1),
    )
    with store.write() as session:
        mark_dirty(session, [(1, "served", DAY)])
    with store.write() as session:
        assert [clear_dirty(session, one) for one in seen] == [False, True]
        assert dirty_days(session, 1) == (DirtyDay(version_id=1, role="served", day=DAY, mark=2),)


def test_the_marks_of_another_model_are_its_own(store):
    watched(store)
    with store.write() as session:
        mark_dirty(session, [(1, "served", DAY)])
        assert dirty_days(session, 2) == ()
        assert not clear_dirty(session, DirtyDay(version_id=1, role="canary", day=DAY, mark=1))
