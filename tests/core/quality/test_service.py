from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from core.errors import NotEnoughDataError
from core.quality.service import intake, quality_detail, quality_history, quality_points, quarantine_page
from core.quality.shares import METRICS
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests.small_fleet import DAYS, REFERENCE_START, SERVED_START, SHIFT_DAY, frame
from tests.troubled_fleet import BROKEN, LAST_DAY, LATE_DAY, ROUNDED_DAY, THIN_DAY, UNIT_DAY, served

SHIFTED = Window(SERVED_START + timedelta(days=SHIFT_DAY), SERVED_START + timedelta(days=DAYS))


def one(day):
    return Window(day, day + timedelta(days=1))


def points(store, **changes):
    answer = quality_points(store, MetricQuery(**({"model": "churn"} | changes)))
    return {(p.feature, p.metric): p for p in answer.points}


def test_the_share_out_of_range_is_counted_against_the_reference(fleet):
    reference = frame(REFERENCE_START, DAYS, seed=1)["income"]
    served = frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")["income"][SHIFT_DAY * 150 :]
    outside = float(((served < reference.min()) | (served > reference.max())).mean())
    point = points(fleet, window=SHIFTED)["income", "out_of_range_share"]
    assert point.value == pytest.approx(outside, abs=1e-12)
    assert point.n == 10 * 150
    assert point.ci_low <= point.value <= point.ci_high


def test_what_does_not_apply_says_why(fleet):
    found = points(fleet)
    assert found["plan", "out_of_range_share"].status is State.NOT_APPLICABLE
    assert "no range" in found["plan", "out_of_range_share"].reason
    assert "no levels" in found["income", "unseen_share"].reason
    assert "no number" in found["plan", "scale_ratio"].reason
    assert all(point.reason for point in found.values() if point.value is None)


def test_every_metric_is_answered_in_every_window(troubled):
    answer = quality_points(troubled, MetricQuery(model="churn", every=Every.DAY))
    assert len({point.window_start for point in answer.points}) == DAYS
    assert {point.metric for point in answer.points} == set(METRICS)


def test_a_changed_unit_type_and_rounding_are_measured(troubled):
    found = points(troubled, window=one(UNIT_DAY))["income", "scale_ratio"]
    assert found.value == pytest.approx(1_000, rel=0.1)
    rounded = points(troubled, window=one(ROUNDED_DAY))
    assert rounded["age", "integer_share"].value == 0
    assert rounded["income", "decimals_distance"].value == 1


def test_volume_completeness_and_freshness_are_those_of_the_rows(troubled):
    thin = points(troubled, window=one(THIN_DAY))
    assert thin[None, "volume"].value == 55
    assert thin[None, "volume_ratio"].value == pytest.approx(55 / 150)
    assert thin[None, "volume_ratio"].ci_high < 1
    assert points(troubled, window=one(LATE_DAY))[None, "freshness_hours"].value == 48
    assert thin[None, "freshness_hours"].value == 6
    rows = served().filter((pl.col("day") == LAST_DAY) & (pl.col("score") <= 1))
    complete = points(troubled, window=one(LAST_DAY))[None, "completeness"]
    assert complete.value == pytest.approx(rows["plan"].is_not_null().mean(), abs=1e-12)
    assert complete.n == len(rows)


def test_a_history_loaded_at_once_has_no_freshness(troubled):
    found = points(troubled, window=one(SERVED_START + timedelta(days=30)))[None, "freshness_hours"]
    assert found.value is None
    assert found.reason == "not applicable: loaded as history"


def test_volume_of_longer_windows_is_not_compared(troubled):
    found = points(troubled, window=Window(UNIT_DAY, LAST_DAY))
    assert found[None, "volume"].value == 3 * 150 + 55
    assert "day by day" in found[None, "volume_ratio"].reason


def test_silence_is_told_of_the_last_window(troubled):
    answer = quality_points(troubled, MetricQuery(model="churn", every=Every.DAY)).points
    silent = [point for point in answer if point.metric == "silence_units"]
    assert [point.value for point in silent[-2:]] == [None, 0.0]
    assert "to now" in silent[0].reason


def test_a_segment_is_answered_with_what_is_counted_there(troubled):
    found = points(troubled, window=one(LAST_DAY), slice=Slice(column="channel", level="phone"))
    rows = served().filter((pl.col("day") == LAST_DAY) & (pl.col("score") <= 1) & (pl.col("channel") == "phone"))
    assert found["plan", "missing_share"].value == 1
    assert found[None, "volume"].value == len(rows)
    assert found[None, "completeness"].value == 0
    assert "whole population" in found["income", "scale_ratio"].reason
    assert "whole population" in found[None, "freshness_hours"].reason


def test_segments_add_up_to_the_whole(troubled):
    asked = MetricQuery(model="churn", window=one(LAST_DAY), slice=Slice(column="channel"))
    parts = [p.n for p in quality_points(troubled, asked).points if p.metric == "volume"]
    assert sum(parts) == points(troubled, window=one(LAST_DAY))[None, "volume"].n


def test_the_detail_holds_the_shares_of_window_and_reference(troubled):
    found = quality_detail(troubled, MetricQuery(model="churn", window=one(LAST_DAY)))
    before = {(p.feature, p.metric): p.value for p in found.reference_points}
    assert before["plan", "missing_share"] == 0
    assert before["age", "integer_share"] == 1
    assert before["income", "scale_ratio"] == pytest.approx(1)
    assert found.silence.state is State.HEALTHY
    assert found.provenance_id


def test_the_history_agrees_with_the_points_of_each_day(troubled):
    found = quality_history(troubled, MetricQuery(model="churn", window=one(LAST_DAY)), count=20)
    assert len(found.starts) == 20
    assert found.n[-3:] == (55, 150, 143)
    missing = found.shares["plan", "missing_share"]
    assert missing.value[-1] == points(troubled, window=one(LAST_DAY))["plan", "missing_share"].value
    assert found.rules[0].name.startswith("income: ")
    assert found.rules[0].count[-5] == 150
    assert found.expected[-1] == pytest.approx(150)
    assert found.expected_low[-1] < 150 < found.expected_high[-1]


def test_the_history_ends_with_the_window(troubled):
    found = quality_history(troubled, MetricQuery(model="churn", window=one(UNIT_DAY)), count=20)
    assert found.starts[-1] == UNIT_DAY
    with pytest.raises(NotEnoughDataError, match="up to the end"):
        quality_history(troubled, MetricQuery(model="churn", window=one(REFERENCE_START)), count=20)


def test_what_stayed_out_is_told_with_its_rule_and_its_file(troubled):
    found = intake(troubled, model="churn")
    assert [(one.column, one.rule, one.n) for one in found.quarantined] == [("score", "score_range", BROKEN)]
    assert found.n_entries == BROKEN
    assert found.contract is not None
    assert found.contract.accepted_by == "local"
    page = quarantine_page(troubled, model="churn", offset=2, count=3)
    assert [row.row for _, row in page] == [3, 4, 5]
    assert page[0][0].endswith(f"{LAST_DAY}.parquet")


def test_the_score_is_measured_too(fleet):
    assert points(fleet)["score", "missing_share"].value == 0
    assert np.isfinite(points(fleet)["score", "out_of_range_share"].value)
