import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit.chain import canonical_json
from core.inventory.as_of import EventKind, InventoryEvent, end_of, replay, when
from core.inventory.record import edit
from core.inventory.records import ModelState

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def event(kind, days=0, model="m", reason="", **after):
    return InventoryEvent(seq=days, at=NOON + days * DAY, by="Ana", kind=kind, model=model, after=after, reason=reason)


HISTORY = [
    event(EventKind.ADDED, 0, owner="team", risk_tier=3),
    event(EventKind.CHAMPION, 0, champion="v1"),
    event(EventKind.EDITED, 1, fields={"owner": "Ana", "exposure_amount": "0.5"}),
    event(
        EventKind.OVERRIDDEN,
        2,
        reason="close to a limit",
        tier=1,
        expires_at="2026-12-01T00:00:00+00:00",
        id=4,
        model_id=9,
    ),
    event(EventKind.EDITED, 3, fields={"owner": None}),
    event(EventKind.CHAMPION, 4, champion="v2"),
    event(EventKind.RESTORED, 5, tier=3),
    event(EventKind.REVISED, 6, owner="other", risk_tier=2, revision=2),
    event(EventKind.RETIRED, 7, state="retired"),
]


def on(days):
    return replay(HISTORY, NOON + days * DAY)["m"]


def test_a_model_is_not_there_before_it_was_added():
    assert replay(HISTORY, NOON - DAY) == {}


def test_each_day_shows_what_had_happened_by_then():
    assert (on(0).owner, on(0).declared_tier, on(0).champion, on(0).champion_since) == ("team", 3, "v1", NOON)
    assert on(0).document == {}
    assert on(1).document == {"owner": "Ana", "exposure_amount": 0.5}
    assert (on(1).tier.in_force, on(2).tier.in_force, on(2).tier.override.reason) == (3, 1, "close to a limit")
    assert on(3).document == {"exposure_amount": 0.5}
    assert (on(3).champion, on(4).champion, on(4).champion_since) == ("v1", "v2", NOON + 4 * DAY)
    assert (on(4).tier.in_force, on(5).tier.in_force) == (1, 3)
    assert (on(6).owner, on(6).tier.in_force) == ("other", 2)
    assert [on(days).state for days in (6, 7)] == [ModelState.ACTIVE, ModelState.RETIRED]


def test_a_lapsed_override_no_longer_counts_without_anybody_ending_it():
    kept = [entry for entry in HISTORY if entry.kind is not EventKind.RESTORED]
    assert replay(kept, datetime(2026, 11, 30, tzinfo=UTC))["m"].tier.source == "override"
    assert replay(kept, datetime(2026, 12, 1, tzinfo=UTC))["m"].tier.source == "declared"


def test_a_revision_of_an_earlier_watchroom_leaves_owner_and_tier():
    found = replay([HISTORY[0], event(EventKind.REVISED, 1, revision=2)], NOON + DAY)["m"]
    assert (found.owner, found.declared_tier) == ("team", 3)


def test_what_was_missing_then_is_named():
    assert "description" in on(0).missing
    assert "owner" in on(0).missing
    assert "owner" not in on(1).missing


def test_models_do_not_mix_and_come_by_name():
    history = [event(EventKind.ADDED, model=name, owner=name, risk_tier=4) for name in ("b", "a")]
    found = replay(history, NOON)
    assert [(name, model.owner) for name, model in found.items()] == [("a", "a"), ("b", "b")]


@pytest.mark.parametrize(("hour", "counts"), [(0, True), (23, True), (24, False)])
def test_a_day_holds_what_happened_on_it(hour, counts):
    start = datetime(2026, 11, 21, tzinfo=UTC)
    assert (start + timedelta(hours=hour) <= end_of(date(2026, 11, 21))) is counts


def test_the_time_of_the_store_counts_where_an_entry_tells_it():
    told = when({"at": "2014-01-01T05:00:00+00:00"}, NOON)
    assert (told, when({}, NOON)) == (datetime(2014, 1, 1, 5, tzinfo=UTC), NOON)


EDITS = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.sampled_from(["Ana", "0.5", None]),
        "users": st.sampled_from([["a"], ["a", "b"], [], None]),
        "in_scope": st.sampled_from([True, False, None]),
        "exposure_amount": st.none() | st.integers(0, 10**6) | st.floats(0, 1e15),
    },
)


@settings(max_examples=1_000)
@given(st.lists(st.tuples(EDITS, st.integers(0, 3)), min_size=1, max_size=8))
def test_a_thousand_random_histories_replay_to_what_was_stored_on_each_day(edits):
    document, moment, events, stored = {}, NOON, [event(EventKind.ADDED, owner="team", risk_tier=3)], {NOON: {}}
    for changes, days in edits:
        made = edit(document, changes)
        document, moment = made.document, moment + days * DAY
        after = json.loads(canonical_json({"at": moment, "fields": made.after}))
        events.append(replace(event(EventKind.EDITED, **after), at=when(after, NOON)))
        stored[moment] = document
    assert {day: replay(events, day)["m"].document for day in stored} == stored
