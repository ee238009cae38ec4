"""What stands in no row of the Drift page's table: drift within segments, and slow drift."""

from dataclasses import replace
from datetime import date

import pytest

from app.drift.further import further, words_of
from core.checks.verdicts import Verdict
from core.states import State
from core.windows import Grain


@pytest.fixture
def verdict() -> Verdict:
    return Verdict(
        family="drift",
        check="feature_drift",
        feature="origin",
        window_start=date(2013, 12, 29),
        window_end=date(2013, 12, 30),
        value=0.4,
        limit=0.25,
        n=888,
        state=State.CRITICAL,
        raw_state=State.CRITICAL,
        reason="PSI excess 0.4 over the limit",
        since=date(2013, 9, 4),
    )


def test_a_row_of_the_table_is_not_told_again(verdict):
    assert further([verdict]) == ()


def test_drift_within_a_segment_is_named_with_its_segment_and_day(verdict):
    (told,) = further([replace(verdict, segment={"carrier": "9E"})])
    assert words_of(told).replace("\\", "") == "origin drifted within carrier = 9E since 4 Sep 2013"


def test_slow_drift_of_the_predictions_is_told_in_words(verdict):
    slow = replace(verdict, check="feature_drift_ewma", feature="score", state=State.WARNING)
    assert words_of(further([slow])[0]).startswith("the predictions drifted slowly")


def test_critical_comes_before_warning_and_healthy_is_left_out(verdict):
    within = replace(verdict, segment={"carrier": "9E"})
    other = replace(within, feature="dest", state=State.WARNING)
    found = further([other, replace(other, feature="hour", state=State.HEALTHY), within])
    assert [one.state for one in found] == [State.CRITICAL, State.WARNING]


def test_segments_of_one_feature_share_a_line(verdict):
    found = further([replace(verdict, segment={"carrier": name}) for name in ("9E", "DL", "UA")])
    assert [one.segments for one in found] == [("carrier = 9E", "carrier = DL", "carrier = UA")]
    assert "within carrier = 9E, carrier = DL and 1 more" in words_of(found[0]).replace("\\", "")


def test_segments_of_a_feature_that_drifted_as_a_whole_are_not_told_again(verdict):
    assert further([verdict, replace(verdict, segment={"carrier": "9E"})]) == ()


def test_drift_within_a_segment_of_a_log_without_days_names_the_slice(verdict):
    numbered = replace(verdict, segment={"SCHL": "18"}, since=date(1970, 1, 22), grain=Grain.BATCH)
    (told,) = further([replace(numbered, reason="open since 1970-01-22; day-to-day variation unknown")])
    assert words_of(told).endswith("since slice 21")
    assert told.reason == "open since slice 21; slice-to-slice variation unknown"
