from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import BadInputError, NotEnoughDataError, RefusedError
from core.fairness.points import ALL_METRICS
from core.fairness.service import choose_reference_group, fairness_points, fairness_release, gap_is_released
from core.fairness.suppression import MINIMUM, SHOWN
from core.selection import Every, MetricQuery, Slice
from core.store.series import state_token
from core.windows import Grain, Window, parse_window
from tests.audited import newest

QUERY = MetricQuery(model="churn")
VIEWER = Principal("vera", frozenset({Role.VIEWER}))
ENGINEER = Principal("eli", frozenset({Role.ENGINEER}))
OWNER = Principal("olga", frozenset({Role.OWNER}))


def _rows(served, window):
    at = pl.col("at").dt.date()
    return served.filter((at >= window.start) & (at < window.end))


def _point(points, metric, group=None):
    wanted = {"sex": group} if group else {}
    return next(
        one
        for one in points
        if one.metric == metric and (dict(one.segment) == wanted if group else one.feature == "sex")
    )


def test_rates_by_group_are_those_of_the_rows_of_whole_release_blocks(grouped, served):
    points = fairness_points(grouped, LOCAL, QUERY).points
    found = _point(points, "selection_rate", "F")
    window = parse_window(f"{found.window_start}..{found.window_end}", Grain.DAY)
    rows = _rows(served, window).filter(pl.col("sex") == "F")
    assert found.n == rows.height
    assert found.value == pytest.approx((rows["score"] >= 0.5).mean(), abs=1e-12)
    known = rows.filter(pl.col("left") == 1)
    assert _point(points, "recall", "F").value == pytest.approx((known["score"] >= 0.5).mean(), abs=1e-12)


def test_whether_a_gap_is_released_is_told_without_a_read_and_as_the_points_say(grouped):
    before = newest(grouped, n=1)[0].seq
    assert gap_is_released(grouped, QUERY, ["demographic_parity_difference"])
    assert not gap_is_released(grouped, QUERY, ["no_such_gap"])
    assert not gap_is_released(grouped, replace(QUERY, window=Window(date(2023, 1, 1), date(2023, 1, 2))), ALL_METRICS)
    assert newest(grouped, n=1)[0].seq == before


def test_gaps_agree_with_fairlearn_over_the_groups_that_are_compared(grouped, served):
    from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference

    points = fairness_points(grouped, LOCAL, QUERY).points
    gap = _point(points, "demographic_parity_difference")
    rows = _rows(served, parse_window(f"{gap.window_start}..{gap.window_end}", Grain.DAY)).filter(
        pl.col("sex").is_in(["F", "M"]) & pl.col("left").is_not_null()
    )
    y, decided, sex = rows["left"].to_numpy(), (rows["score"] >= 0.5).to_numpy().astype(int), rows["sex"].to_numpy()
    assert gap.value == pytest.approx(demographic_parity_difference(y, decided, sensitive_features=sex), abs=1e-9)
    odds = _point(points, "equalized_odds_difference")
    assert odds.value == pytest.approx(equalized_odds_difference(y, decided, sensitive_features=sex), abs=1e-9)


def test_every_metric_of_the_family_is_answered_for_every_protected_column(grouped):
    points = fairness_points(grouped, LOCAL, QUERY).points
    for column in ("sex", "region"):
        names = {one.metric for one in points if column in one.segment or one.feature == column}
        assert set(ALL_METRICS) <= names


def test_small_groups_are_withheld_and_no_total_gives_them_back(grouped, served):
    release = fairness_release(grouped, LOCAL, QUERY)
    region = release.columns["region"]
    island = region.counts.labels.index("island")
    assert (region.mask[:, island] != SHOWN).any()
    for place, block in enumerate(region.blocks):
        hidden = region.mask[place] != SHOWN
        if not hidden.any():
            continue
        shown = int(region.counts.confusion[place].sum())
        everybody = _rows(served, block).height
        assert everybody - shown >= MINIMUM
        assert int(hidden.sum()) >= 2 or shown == 0


def test_a_window_is_answered_by_the_blocks_inside_it_and_says_which(grouped):
    release = fairness_release(grouped, LOCAL, QUERY)
    first, last = release.columns["region"].blocks[0], release.columns["region"].blocks[-1]
    wide = Window(first.start, last.end.replace(day=last.end.day + 1))
    found = fairness_points(grouped, LOCAL, replace(QUERY, window=wide)).points
    told = next(one for one in found if one.segment == {"region": "city"} and one.metric == "selection_rate")
    assert told.reason == f"shown: {first.start}..{last.end}, whole release blocks"
    narrow = Window(first.start, first.start.replace(day=first.start.day + 1))
    if first.days > 1:
        found = fairness_points(grouped, LOCAL, replace(QUERY, window=narrow)).points
        none = next(one for one in found if one.feature == "region")
        assert none.value is None
        assert "no whole release block" in none.reason


def test_windows_in_a_row_are_answered_one_by_one(grouped):
    points = fairness_points(grouped, LOCAL, replace(QUERY, every=Every.WEEK)).points
    starts = {one.window_start for one in points}
    assert len(starts) >= 4
    assert any(one.value is not None for one in points)


def test_groups_inside_a_declared_segment_come_from_the_table_of_both(grouped, served):
    points = fairness_points(grouped, LOCAL, replace(QUERY, slice=Slice(column="plan", level="basic"))).points
    assert {one.segment.get("plan") for one in points if one.segment} == {"basic"}
    found = next(
        one for one in points if one.segment == {"sex": "M", "plan": "basic"} and one.metric == "selection_rate"
    )
    window = parse_window(f"{found.window_start}..{found.window_end}", Grain.DAY)
    rows = _rows(served, window).filter((pl.col("sex") == "M") & (pl.col("plan") == "basic"))
    assert found.value == pytest.approx((rows["score"] >= 0.5).mean(), abs=1e-12)


def test_a_protected_column_is_no_segment_and_an_unknown_value_is_refused(grouped):
    with pytest.raises(BadInputError, match="not a segment column"):
        fairness_points(grouped, LOCAL, replace(QUERY, slice=Slice(column="sex", level="F")))
    with pytest.raises(BadInputError, match="has no segment"):
        fairness_points(grouped, LOCAL, replace(QUERY, slice=Slice(column="plan", level="gold")))


def test_blocks_without_their_labels_are_not_released(grouped):
    release = fairness_release(grouped, LOCAL, QUERY)
    assert max(one.blocks[-1].end for one in release.columns.values()) <= datetime(2024, 4, 8, tzinfo=UTC).date()


def test_a_saved_segment_is_not_answered(grouped):
    with pytest.raises(NotEnoughDataError, match="two filters"):
        fairness_release(grouped, LOCAL, replace(QUERY, saved="mine"))


def test_one_live_role_is_answered_where_there_is_no_other(grouped):
    assert fairness_release(grouped, LOCAL, replace(QUERY, role="served")).columns
    with pytest.raises(BadInputError, match="together"):
        fairness_release(grouped, LOCAL, replace(QUERY, role="canary"))


def test_a_model_that_is_not_binary_or_has_no_protected_column_says_so(three_tasks, fleet):
    tasks = {one.model: one for one in map(_first, (three_tasks,))}
    assert tasks
    answer = fairness_points(fleet, LOCAL, QUERY)
    assert {one.value for one in answer.points} == {None}
    assert "no protected column" in answer.points[0].reason


def _first(store):
    from core.inventory.service import model_details

    found = [one for one in model_details(store) if one.schema.task != "binary"]
    with pytest.raises(NotEnoughDataError, match="binary models"):
        fairness_release(store, LOCAL, MetricQuery(model=found[0].model.name))
    return MetricQuery(model=found[0].model.name)


def test_reading_needs_the_right_and_is_written_down_without_moving_the_caches(grouped):
    with pytest.raises(RefusedError):
        fairness_points(grouped, VIEWER, QUERY)
    with grouped.read() as session:
        before = state_token(session)
    fairness_points(grouped, ENGINEER, QUERY)
    entry = newest(grouped, n=1)[0]
    assert (entry.actor, entry.action, entry.object_id) == ("eli", "fairness:groups:read", "churn")
    assert "region" in entry.after
    assert "island" not in entry.after
    with grouped.read() as session:
        assert state_token(session) == before


def test_a_chosen_reference_group_is_stored_audited_and_compared_with(grouped):
    choose_reference_group(grouped, OWNER, model="churn", column="sex", group="M", reason="largest, with counsel")
    entry = newest(grouped, n=1)[0]
    assert (entry.actor, entry.action, entry.reason) == ("olga", "fairness:group:choose", "largest, with counsel")
    points = fairness_points(grouped, LOCAL, QUERY).points
    impact = _point(points, "disparate_impact_ratio")
    rates = {group: _point(points, "selection_rate", group).value for group in ("F", "M")}
    assert impact.value == pytest.approx(rates["F"] / rates["M"], abs=1e-12)
    choose_reference_group(grouped, OWNER, model="churn", column="sex", group=None, reason="asked to")
    assert _point(fairness_points(grouped, LOCAL, QUERY).points, "disparate_impact_ratio").value is None


def test_a_choice_needs_the_right_a_reason_a_protected_column_and_a_group(grouped):
    ask = {"model": "churn", "column": "sex", "group": "M", "reason": "because"}
    with pytest.raises(RefusedError):
        choose_reference_group(grouped, ENGINEER, **ask)
    with pytest.raises(BadInputError, match="Say why"):
        choose_reference_group(grouped, OWNER, **(ask | {"reason": "  "}))
    with pytest.raises(BadInputError, match="not a protected column"):
        choose_reference_group(grouped, OWNER, **(ask | {"column": "plan"}))
    with pytest.raises(BadInputError, match="no such group"):
        choose_reference_group(grouped, OWNER, **(ask | {"group": "X"}))
