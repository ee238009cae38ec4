from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.audit.denials import LONGEST_ID, MOST_SINGLY, Denial, key_of, object_of, times_to_write
from core.selection import MetricQuery

AT = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
DENIAL = Denial(
    actor="vic",
    asked="releases.approve",
    object_type="release",
    object_id="7",
    code="self_approval",
    why="You requested it.",
)


def test_the_same_attempt_is_written_at_powers_of_ten_within_a_minute():
    counts = Counter()
    written = [times for _ in range(1_500) if (times := times_to_write(counts, "home", DENIAL, AT)[1])]
    assert written == [1, 10, 100, 1_000]


def test_the_next_minute_begins_anew_and_the_last_one_is_forgotten():
    counts = Counter()
    times_to_write(counts, "home", DENIAL, AT)
    assert times_to_write(counts, "home", DENIAL, AT + timedelta(seconds=60))[1] == 1
    assert len(counts) == 1


def test_another_reason_in_words_does_not_make_it_another_attempt():
    counts = Counter()
    times_to_write(counts, "home", DENIAL, AT)
    assert times_to_write(counts, "home", replace(DENIAL, why="It expired 3 s ago."), AT)[1] == 0


def test_persons_objects_and_stores_are_counted_apart():
    counts = Counter()
    for denial in (
        DENIAL,
        replace(DENIAL, actor="ana"),
        replace(DENIAL, object_id="8"),
        replace(DENIAL, code="expired"),
    ):
        assert times_to_write(counts, "home", denial, AT)[1] == 1
    assert times_to_write(counts, "other", DENIAL, AT)[1] == 1


def test_who_tries_everything_is_told_once_for_all_that_comes_after_the_first():
    counts = Counter()
    written = []
    for n in range(10_000):
        denial, times = times_to_write(counts, "home", replace(DENIAL, object_id=str(n)), AT)
        if times:
            written.append((denial.object_id, times))
    assert written[:MOST_SINGLY] == [(str(n), 1) for n in range(MOST_SINGLY)]
    assert written[MOST_SINGLY:] == [("vic", 1), ("vic", 10), ("vic", 100), ("vic", 1_000)]
    assert len(counts) == MOST_SINGLY + 1
    assert times_to_write(counts, "home", replace(DENIAL, actor="ana"), AT)[0].actor == "ana"


def test_keys_fit_their_column_and_tell_attempts_minutes_and_numbers_apart():
    keys = {
        key_of(DENIAL, 1, AT),
        key_of(DENIAL, 10, AT),
        key_of(DENIAL, 1, AT + timedelta(minutes=1)),
        key_of(replace(DENIAL, object_id="8"), 1, AT),
        key_of(replace(DENIAL, actor="ana"), 10**12, AT),
    }
    assert len(keys) == 5
    assert max(map(len, keys)) <= 64
    assert key_of(DENIAL, 1, AT) == key_of(replace(DENIAL, why="other"), 1, AT + timedelta(seconds=50))


def test_the_object_is_the_narrowest_thing_that_was_named():
    assert object_of({"release_id": 7, "model": "churn"}) == ("release", "7")
    assert object_of({"model": "churn", "batch_id": 3}) == ("batch", "3")
    assert object_of({"model": "churn"}) == ("model", "churn")
    assert object_of({"query": MetricQuery(model="churn", version="v1")}) == ("version", "churn/v1")
    assert object_of({"query": MetricQuery(model="churn")}) == ("model", "churn")
    assert object_of({"model": None}) == ("store", "store")


def test_a_hostile_name_is_shortened_and_can_be_kept():
    kind, name = object_of({"model": "\ud800" + "x" * 10_000})
    assert (kind, len(name)) == ("model", LONGEST_ID)
    name.encode()
