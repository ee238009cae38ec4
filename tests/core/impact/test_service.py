from datetime import date

import numpy as np
import polars as pl
import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError, NotFoundError
from core.impact.impact import METRICS
from core.impact.service import impact_points, impact_report
from core.profile.service import count_segments
from core.segments.filters import Condition, Filter, to_text
from core.segments.service import save_segment
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests.value_fleet import DAYS, SERVED_START, loans, sales

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))


def points(store, model, **changes):
    answer = impact_points(store, MetricQuery(model=model, **changes))
    return {(one.metric, one.window_start, *one.segment.values()): one for one in answer.points}


def of_march(rows):
    return rows.filter(pl.col("at").dt.date().is_between(MARCH.start, MARCH.end, closed="left"))


def test_the_value_per_amount_equals_the_recomputation_row_by_row(valued):
    rows = of_march(loans(SERVED_START, DAYS, seed=2))
    decided, bad = (rows["score"] >= 0.5).cast(int).to_numpy(), rows["bad"].to_numpy()
    amount = rows["amount"].to_numpy()
    factor = np.array([[0.05, -0.6], [-0.05, 0.4]])[decided, bad]
    always = np.array([-0.05, 0.4])[bad]
    found = points(valued, "loans", window=MARCH)
    assert found["net_value", "2024-03-01"].value == pytest.approx(np.nansum(factor * amount), rel=1e-12)
    versus = found["net_value_vs_baseline", "2024-03-01"]
    assert versus.value == pytest.approx(np.nansum((factor - always) * amount), rel=1e-12)
    assert versus.n == int(np.isfinite(amount).sum())
    assert found["decisions", "2024-03-01"].value == decided.sum()
    assert found["decision_rate", "2024-03-01"].value == pytest.approx(decided.mean(), abs=1e-12)


def test_the_value_of_a_regression_equals_the_recomputation_row_by_row(valued):
    rows = of_march(sales(SERVED_START, DAYS, seed=2))
    e = (rows["forecast"] - rows["sold"]).to_numpy()
    cost = 2 * np.maximum(e, 0) + 5 * np.maximum(-e, 0)
    found = points(valued, "sales", window=MARCH)["net_value", "2024-03-01"]
    assert found.value == pytest.approx(-cost.sum(), rel=1e-9)
    half = found.ci_high - found.value
    assert half == pytest.approx(1.9613 * cost.std(ddof=1) * np.sqrt(e.size), rel=1e-3)


def test_source_currency_baseline_and_coverage_are_told_beside_every_amount(valued):
    told = points(valued, "loans", window=MARCH)["net_value", "2024-03-01"].reason
    for words in ("measured values in EUR", "all_positive", "100.0 % of rows", "without an amount are left out"):
        assert words in told


def test_days_whose_labels_arrive_are_left_out_of_totals_and_said(valued):
    april = points(valued, "loans", window=Window(date(2024, 4, 1), date(2024, 4, 3)))["net_value", "2024-04-01"]
    first = points(valued, "loans", window=Window(date(2024, 4, 1), date(2024, 4, 2)))["net_value", "2024-04-01"]
    assert april.value == first.value
    assert "1 of 2 units left out: labels still arriving" in april.reason
    assert "over the 50.0 % of rows" in april.reason


def test_decisions_are_known_before_any_actual_and_values_are_not(valued):
    found = points(valued, "loans")
    assert found["decisions", "2024-04-02"].value is not None
    value = found["net_value", "2024-04-02"]
    assert (value.value, value.status) == (None, State.NOT_APPLICABLE)
    assert value.reason.startswith("not applicable: ")


def test_a_multiclass_model_has_decisions_and_says_whom_to_ask_for_a_value(valued):
    found = points(valued, "tickets", window=MARCH)
    assert "desk-ml" in found["net_value", "2024-03-01"].reason
    assert found["decisions", "2024-03-01"].value == 31 * 60


def test_segments_add_up_and_amounts_are_for_the_whole_only(valued):
    whole = points(valued, "sales", window=MARCH)["net_value", "2024-03-01"].value
    parts = points(valued, "sales", window=MARCH, slice=Slice(column="shop"))
    found = [one.value for key, one in parts.items() if key[0] == "net_value" and one.value is not None]
    assert sum(found) == pytest.approx(whole, rel=1e-9)
    loans_by = points(valued, "loans", window=MARCH, slice=Slice(column="channel", level="app"))
    assert "whole population only" in loans_by["net_value", "2024-03-01", "app"].reason


def test_a_model_without_a_value_model_names_its_owner(fleet):
    found = points(fleet, "churn")
    assert "the model's owner, team-crm, can add one" in found["net_value", "2024-04-09"].reason


def test_the_report_tells_the_last_full_month_against_the_one_before(valued):
    report = impact_report(valued, model="loans", every=Every.MONTH)
    assert [one.window.start.month for one in report.periods] == [2, 3]
    assert report.periods[-1].window == MARCH
    difference = (
        report.periods[-1].impact.estimates["net_value"].value - report.before.impact.estimates["net_value"].value
    )
    assert report.change.difference == pytest.approx(float(difference))


def test_the_report_of_a_model_without_a_log_says_why(store, admin):
    from core.inventory.service import add_model
    from core.log.schema import load_schema
    from tests.value_fleet import LOANS

    add_model(store, admin, load_schema(LOANS))
    report = impact_report(store, model="loans", every=Every.MONTH)
    assert (report.periods, "no version" in report.reason) == ((), True)
    assert all(one.value is None for one in impact_points(store, MetricQuery(model="loans")).points)


def test_an_unknown_model_and_an_unknown_segment_are_refused(valued):
    with pytest.raises(NotFoundError):
        impact_report(valued, model="nobody", every=Every.MONTH)
    with pytest.raises(BadInputError, match="no segment"):
        impact_points(valued, MetricQuery(model="loans", slice=Slice(column="channel", level="fax")))


def test_every_metric_is_answered(valued):
    assert {key[0] for key in points(valued, "sales", every=Every.WEEK)} == set(METRICS)


def test_the_worth_of_a_saved_segment_and_of_the_rest_add_up_to_that_of_all_rows(valued):
    middle = float(np.median(loans(SERVED_START, DAYS, seed=2)["income"]))
    parts = {"cheap": Condition(column="income", high=middle), "dear": Condition(column="income", low=middle)}
    for name, condition in parts.items():
        where = to_text(Filter(conditions=(condition,)))
        save_segment(valued, LOCAL, model="loans", name=name, where=where)
    waiting = impact_report(valued, model="loans", every=Every.MONTH, saved="cheap")
    assert "the saved segment @cheap is still being counted" in waiting.reason
    assert waiting.periods == ()
    count_segments(valued, LOCAL, model="loans")
    whole = impact_report(valued, model="loans", every=Every.DAY)
    found = [impact_report(valued, model="loans", every=Every.DAY, saved=name) for name in parts]
    by_day = [{one.window.start: one.impact.estimates["decisions"].value for one in each.periods} for each in found]
    for period in whole.periods:
        day = period.window.start
        assert float(by_day[0][day]) + float(by_day[1][day]) == float(period.impact.estimates["decisions"].value)
