from dataclasses import replace
from datetime import timedelta

import pytest

from core import figures
from core.quality.figures import rows_over_windows, share_over_windows, violation_bars
from core.quality.service import quality_history
from core.selection import MetricQuery
from core.states import State
from core.windows import BATCH_ORIGIN, Grain


@pytest.fixture(scope="session")
def history(troubled):
    return quality_history(troubled, MetricQuery(model="churn"), count=30)


def traces(drawn):
    return {trace.name: trace for trace in drawn.data}


def test_the_share_is_drawn_with_interval_reference_and_limits(history):
    series = history.shares["plan", "missing_share"]
    limits = [("warning", 0.01, State.WARNING), ("critical", 0.05, State.CRITICAL)]
    drawn = share_over_windows(history, series, limits)
    assert tuple(traces(drawn)["share of rows"].y) == series.value
    assert set(traces(drawn)) == {"predictions", "95 % interval", "share of rows", "reference"}
    assert [note.text for note in drawn.layout.annotations] == ["warning 1.0 %", "critical 5.0 %"]
    assert drawn.layout.yaxis.range[1] > max(series.value)


def test_without_a_reference_there_is_no_line_for_it(history):
    series = replace(history.shares["plan", "missing_share"], reference=None)
    assert "reference" not in traces(share_over_windows(history, series, []))


def test_broken_rules_are_stacked_shares_of_the_rows(history):
    drawn = violation_bars(history)
    assert drawn.layout.barmode == "stack"
    first = history.rules[0]
    assert drawn.data[0].y[-5] == first.count[-5] / history.n[-5]
    assert drawn.data[0].marker.color == figures.CURRENT
    assert drawn.layout.yaxis.tickformat == ".1~%"


def test_rows_are_drawn_beside_what_is_usual(history):
    drawn = rows_over_windows(history)
    assert tuple(traces(drawn)["rows"].y) == history.n
    assert "same weekday, 28 days before" in traces(drawn)


def test_a_young_log_has_no_usual_rows(history):
    young = replace(history, expected=(None,) * 30)
    assert set(traces(rows_over_windows(young))) == {"rows"}


def test_numbered_batches_have_their_numbers_and_no_dates(history):
    slices = tuple(BATCH_ORIGIN + timedelta(days=number) for number in range(1, 31))
    drawn = rows_over_windows(replace(history, grain=Grain.BATCH, starts=slices))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert list(drawn.data[0].x) == list(range(1, 31))
