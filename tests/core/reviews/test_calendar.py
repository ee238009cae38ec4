from datetime import UTC, date, datetime, timedelta

import pytest

from core.inventory.controls import policy
from core.reviews.calendar import Due, calendar, exceptions_given, last_done, review_by, validated
from core.reviews.review import Outcome, Review, ReviewKind

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def review(
    kind=ReviewKind.VALIDATION, days_ago=0, *, done=True, version_id=2, scope="full", outcome=Outcome.PASSED, due=None
):
    day = TODAY - days_ago * DAY
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Review(
        id=1000 - days_ago,
        model_id=1,
        model="churn",
        version_id=version_id,
        version="v2",
        release_id=None,
        kind=kind,
        due=due or day,
        scope=scope,
        outcome=outcome if done else None,
        notes="",
        done_by="Vera Lind" if done else None,
        done_at=moment if done else None,
        created_by="Omar Haddad",
        created_at=moment,
        row_version=1,
    )


def duty(tier, kind, reviews, *, live_since=TODAY - 4_000 * DAY):
    found = calendar(policy()[tier], reviews, live_since=live_since, today=TODAY)
    return next(one for one in found if one.kind is kind)


@pytest.mark.parametrize(
    ("tier", "scope", "independent", "enough"),
    [
        (1, "full", True, True),
        (1, "full", False, False),
        (1, "targeted", True, False),
        (2, "full", False, True),
        (2, "targeted", False, False),
        (3, "targeted", False, True),
        (3, "self_attest", False, False),
        (4, "self_attest", False, True),
    ],
)
def test_a_version_goes_live_on_the_validation_that_its_tier_asks_for(tier, scope, independent, enough):
    found = validated(policy()[tier], [review(scope=scope)], 2, independent=independent)
    assert found.enough is enough
    assert f"tier {tier} asks for" in found.why or enough


def test_a_validation_of_another_version_does_not_count():
    found = validated(policy()[4], [review(version_id=1), review(version_id=None)], 2, independent=True)
    assert (found.enough, found.review_id) == (False, None)
    assert "never validated" in found.why


def test_the_last_validation_of_a_version_decides():
    passed, failed = review(days_ago=5), review(days_ago=3, outcome=Outcome.FAILED)
    assert "failed" in validated(policy()[3], [passed, failed], 2, independent=True).why
    found = validated(policy()[3], [failed, passed, review(days_ago=1)], 2, independent=True)
    assert (found.enough, found.review_id) == (True, 999)
    assert found.why == "full validation by Vera Lind on 2026-11-19: passed"


@pytest.mark.parametrize(("tier", "blocks"), [(1, True), (2, True), (3, False), (4, False)])
def test_live_without_any_validation_is_overdue_and_blocks_the_strict_tiers(tier, blocks):
    found = duty(tier, ReviewKind.VALIDATION, [])
    assert (found.state, found.blocks) == (Due.OVERDUE, blocks)
    assert found.why.startswith("never validated")


@pytest.mark.parametrize(
    ("tier", "days_ago", "state"),
    [
        (1, 300, Due.MET),
        (1, 340, Due.SOON),
        (1, 365, Due.SOON),  # twelve months to the day
        (1, 366, Due.OVERDUE),
        (2, 366, Due.MET),
        (2, 732, Due.OVERDUE),
        (3, 1_000, Due.MET),
        (3, 1_097, Due.OVERDUE),
        (4, 3_000, Due.NOT_ASKED),
    ],
)
def test_a_validation_lasts_as_long_as_its_tier_says(tier, days_ago, state):
    assert duty(tier, ReviewKind.VALIDATION, [review(days_ago=days_ago)]).state is state


def test_a_validation_that_failed_or_was_too_shallow_renews_nothing():
    old = review(days_ago=400)
    assert duty(1, ReviewKind.VALIDATION, [old, review(days_ago=2, outcome=Outcome.FAILED)]).last == TODAY - 400 * DAY
    assert duty(1, ReviewKind.VALIDATION, [old, review(days_ago=2, scope="self_attest")]).state is Due.OVERDUE
    assert duty(1, ReviewKind.VALIDATION, [old, review(days_ago=2)]).state is Due.MET


def test_an_exception_lifts_the_block_until_it_ends():
    given = review(ReviewKind.EXCEPTION, 10, due=TODAY)
    found = duty(1, ReviewKind.VALIDATION, [review(days_ago=400), given])
    assert (found.state, found.blocks) == (Due.EXCEPTED, False)
    ended = review(ReviewKind.EXCEPTION, 10, due=TODAY - DAY)
    assert duty(1, ReviewKind.VALIDATION, [review(days_ago=400), ended]).blocks
    assert exceptions_given(policy()[1], [review(days_ago=400), given, ended]) == 2
    assert exceptions_given(policy()[1], [given, review(days_ago=5)]) == 0
    assert exceptions_given(policy()[1], [given, review(days_ago=5, scope="self_attest")]) == 1


@pytest.mark.parametrize(
    ("tier", "days_ago", "state"),
    [(1, 80, Due.SOON), (1, 93, Due.OVERDUE), (2, 93, Due.MET), (3, 366, Due.OVERDUE), (4, 2_000, Due.NOT_ASKED)],
)
def test_a_drill_is_due_by_tier(tier, days_ago, state):
    assert duty(tier, ReviewKind.DRILL, [review(ReviewKind.DRILL, days_ago)]).state is state


def test_without_a_drill_the_first_is_due_after_going_live():
    assert duty(1, ReviewKind.DRILL, [], live_since=TODAY - 10 * DAY).due == date(2027, 2, 10)


@pytest.mark.parametrize(("tier", "days_ago"), [(1, 32), (2, 93), (3, 185), (4, 366)])
def test_the_owner_reviews_as_often_as_the_tier_says(tier, days_ago):
    assert duty(tier, ReviewKind.OWNER_REVIEW, [review(ReviewKind.OWNER_REVIEW, days_ago)]).state is Due.OVERDUE
    assert duty(tier, ReviewKind.OWNER_REVIEW, [review(ReviewKind.OWNER_REVIEW, 1)]).state is not Due.OVERDUE


def test_of_a_model_that_is_not_live_only_what_is_owed_is_due():
    owed = review(ReviewKind.AFTER_ROLLBACK, 5, done=False, due=TODAY - DAY)
    found = calendar(policy()[1], [owed, review(ReviewKind.AFTER_BREAK_GLASS, 3)], live_since=None, today=TODAY)
    assert [(one.kind, one.state, one.blocks, one.review_id) for one in found] == [
        (ReviewKind.AFTER_ROLLBACK, Due.OVERDUE, False, owed.id)
    ]
    assert found[0].why == "review after the rollback by Omar Haddad on 15 Nov 2026 was due on 19 Nov 2026"


def test_what_is_overdue_stands_first():
    states = [one.state for one in calendar(policy()[1], [review(days_ago=1)], live_since=TODAY - 5 * DAY, today=TODAY)]
    assert states == sorted(states, key=list(Due).index)


def test_what_was_done_in_a_hurry_is_reviewed_in_two_working_days():
    assert review_by(date(2026, 11, 20)) == date(2026, 11, 24)


def test_the_last_that_did_not_fail():
    done = [review(ReviewKind.DRILL, 9), review(ReviewKind.DRILL, 2, outcome=Outcome.FAILED)]
    assert last_done(done, ReviewKind.DRILL) == TODAY - 9 * DAY
    assert last_done(done, ReviewKind.VALIDATION) is None
