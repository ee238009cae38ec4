"""Tiles: what stands under the number, and in which colour."""

from dataclasses import replace

from app.drift import tiles
from core.states import State


def test_features_over_their_limit_are_compared_with_the_last_window(drift_view):
    over = tiles.drift(drift_view)[0]
    assert (over.value, over.note, over.note_more) == ("2 of 12", "+1", "vs last window")
    assert over.state is State.CRITICAL
    fewer = tiles.drift(replace(drift_view, over_before=4))[0]
    assert (fewer.note, fewer.state) == ("−2", State.HEALTHY)


def test_without_a_change_the_tile_says_what_was_not_judged_or_the_limit(drift_view):
    calm = tiles.drift(replace(drift_view, over_before=2))[0]
    assert (calm.note, calm.note_more, calm.state) == ("◌ 1 not judged", "", None)
    judged = replace(drift_view, rows=drift_view.rows[:-1])
    same = tiles.drift(replace(judged, over_before=2))[0]
    assert (same.note, same.note_more) == ("as in last window", "")
    assert tiles.drift(replace(judged, over_before=None))[0].note == "limit 0.10"


def test_a_large_psi_beside_a_green_dot_is_explained(drift_view):
    shown = tiles.drift(drift_view)[1]
    assert (shown.value, shown.note) == ("0.09", "● 0.08 above chance")
    assert "on the same weekdays" in shown.help
    assert "weekdays" not in tiles.drift(replace(drift_view, reference="previous"))[1].help
    noisy = replace(drift_view.score, psi=1.49, judged=0.9, significant=False)
    assert tiles.drift(replace(drift_view, score=noisy))[1].note == "● not significant"
    below = replace(drift_view.score, psi=0.28, judged=-1.2, significant=False)
    assert tiles.drift(replace(drift_view, score=below))[1].note == "● 0.00 above chance"
    unjudged = replace(drift_view.score, judged=None, state=State.NOT_APPLICABLE)
    assert tiles.drift(replace(drift_view, score=unjudged))[1].note == "◌ no data"


def test_the_expected_false_alarms_stand_beside_the_number_of_tests(drift_view):
    alarms = tiles.drift(drift_view)[-1]
    assert (alarms.value, alarms.note, alarms.note_more) == ("0.21", "a month", "11 tests")


def test_a_window_over_its_limit_is_not_green_before_it_is_an_alarm(drift_view):
    waiting = replace(drift_view.score, raw_state=State.CRITICAL, state=State.HEALTHY)
    shown = tiles.drift(replace(drift_view, score=waiting))[1]
    assert (shown.note, shown.state) == ("◌ over limit once", None)
