"""Tiles of the Fleet: what stands under the number, and in which colour."""

from dataclasses import replace

from app.fleet import tiles
from core.states import State


def test_more_critical_models_are_bad_and_fewer_are_good(fleet_view):
    row = replace(fleet_view.rows[0], state=State.CRITICAL, state_before=State.HEALTHY)
    critical, _, healthy, *_ = tiles.fleet(replace(fleet_view, rows=(row,)))
    assert (critical.note, critical.state) == ("↑ 1", State.CRITICAL)
    assert (healthy.note, healthy.state) == ("↓ 1", State.CRITICAL)
    better = replace(row, state=State.HEALTHY, state_before=State.CRITICAL)
    critical, _, healthy, *_ = tiles.fleet(replace(fleet_view, rows=(better,)))
    assert (critical.note, critical.state) == ("↓ 1", State.HEALTHY)
    assert (healthy.note, healthy.state) == ("↑ 1", State.HEALTHY)


def test_no_data_changes_are_neither_good_nor_bad(fleet_view):
    row = replace(fleet_view.rows[0], state=State.NOT_APPLICABLE, state_before=State.NOT_APPLICABLE)
    silent = tiles.fleet(replace(fleet_view, rows=(row,)))[3]
    assert (silent.value, silent.note, silent.state) == ("1", "no change", None)


def test_volume_is_compared_with_the_week_before_when_there_was_one(fleet_view):
    assert tiles.fleet(fleet_view)[-1].note == "+2.2 %"
    fewer = replace(fleet_view, predictions=500, predictions_week_before=1_000)
    assert tiles.fleet(fewer)[-1].note == "−50.0 %"
    first = replace(fleet_view, predictions_week_before=None)
    assert tiles.fleet(first)[-1].note == "no week before"


def test_a_fleet_without_days_does_not_speak_of_a_day(fleet_view):
    volume = tiles.fleet(replace(fleet_view, by_day=False, predictions_week_before=None))[-1]
    assert volume.label == "predictions, last unit"
    assert "day" not in volume.help
