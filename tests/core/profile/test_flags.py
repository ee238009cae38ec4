from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from core.profile.counts import TOTAL_COMPLETE, TOTAL_DECIDED, TOTAL_ERROR_KNOWN, TOTAL_ERRORS, TOTAL_LABELLED
from core.profile.flags import Known, count_arrival, count_latency, count_totals, is_error, latency_places
from core.profile.kernel import profile
from core.profile.latency_grid import ARRIVAL_HOURS, LATENCY_EDGES_MS
from core.profile.layout import Layout
from core.profile.profile import arrival_counts, latency_counts, segment_totals, totals
from core.profile.tally import start_tally

CLOSED = datetime(2013, 4, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", " ", "0", "0.0", "-0", "false", "False", "NO", "ok", "None"])
def test_an_error_field_that_says_so_means_no_error(text):
    assert not is_error(text)


@pytest.mark.parametrize("text", ["1", "500", "-1", "true", "timeout", "not ok", "nan"])
def test_anything_else_in_an_error_field_is_an_error(text):
    assert is_error(text)


@pytest.mark.parametrize(
    ("values", "errors", "known"),
    [
        (pa.array(["", "timeout", None, "no"]), 1, 3),
        (pa.array([True, False, None, True]), 2, 3),
        (pa.array([0.0, 500.0, None, float("nan")]), 1, 2),
        (pa.array([0, 7, None, None]), 1, 2),
    ],
)
def test_errors_are_counted_from_truth_values_numbers_and_texts(with_amount, values, errors, known):
    rows = pa.table({"c_0012": values})
    got = totals(Layout(with_amount.binning), profile(rows, with_amount.binning).ints)
    assert (got[TOTAL_ERRORS], got[TOTAL_ERROR_KNOWN]) == (errors, known)


def test_totals_agree_with_the_rows_in_every_task(case):
    log = case.make(2_000, 5)
    layout, made = Layout(case.binning), profile(log, case.binning)
    got = totals(layout, made.ints)
    declared = [log[case.binning.sources[name]] for name in case.binning.declared]
    complete = [
        all(v is not None and v == v for v in row) for row in zip(*(c.to_pylist() for c in declared), strict=True)
    ]
    said = log["c_0012"].to_pylist()
    assert got[0] == 2_000
    assert got[TOTAL_LABELLED] == 2_000 - log["actual"].null_count
    assert got[TOTAL_COMPLETE] == sum(complete)
    assert got[TOTAL_ERRORS] == sum(one in ("timeout", "500") for one in said)
    assert got[TOTAL_ERROR_KNOWN] == sum(one is not None for one in said)
    by_segment = segment_totals(layout, made.ints)
    assert by_segment[:-4].sum(axis=0).tolist() == by_segment[-4:].sum(axis=0).tolist() == got.tolist()
    regions = log["c_0001"].cast("string").to_pylist()
    place = [(segment.column, segment.level) for segment in case.binning.segments].index(("region", "north"))
    mine = [one for one, region in zip(complete, regions, strict=True) if region == "north"]
    assert by_segment[place, [0, TOTAL_COMPLETE]].tolist() == [len(mine), sum(mine)]


def test_what_is_known_of_a_row_is_counted(binning):
    rows = pa.table({"c_0001": ["north", "south", "north"]})
    tally = start_tally(rows, Layout(binning))
    known = Known(labelled=np.array([True, False, True]), decided=np.array([True, True, True]))
    count_totals(rows, tally, known)
    assert tally.block("totals")[[TOTAL_LABELLED, TOTAL_DECIDED, TOTAL_ERROR_KNOWN]].tolist() == [2, 3, 0]


def test_rows_are_counted_by_the_hours_between_the_end_of_their_unit_and_their_intake(binning):
    hours = np.array([-30, 0, 1, 1.0001, 24, 25, 672, 673])
    moments = [CLOSED + timedelta(hours=hour) for hour in hours.tolist()]
    rows = pa.table({"intake_at": pa.array([*moments, None], pa.timestamp("us", "UTC"))})
    layout = Layout(binning)
    got = arrival_counts(layout, profile(rows, binning, closes_at=CLOSED).ints)
    expected = np.bincount(np.searchsorted(ARRIVAL_HOURS, hours, side="left"), minlength=len(ARRIVAL_HOURS) + 1)
    assert got.tolist() == expected.tolist()
    assert (got[0], got[-1]) == (3, 1)
    assert not arrival_counts(layout, profile(rows, binning).ints).any()


def test_without_a_time_of_intake_no_arrival_is_counted(binning, rows):
    tally = start_tally(rows(10), Layout(binning))
    count_arrival(rows(10), tally, CLOSED)
    assert not tally.ints.any()


def test_latencies_stand_in_right_closed_bins_with_null_last():
    values = np.concatenate([LATENCY_EDGES_MS, np.nextafter(LATENCY_EDGES_MS, np.inf), [-5, np.inf, np.nan]])
    got = latency_places(values)
    assert got.size == 353
    assert got[:2].tolist() == [2, 2]
    assert got[-2:].tolist() == [2, 1]
    assert got.sum() == values.size


def test_latency_is_counted_where_it_is_declared(with_amount, binning):
    log = with_amount.make(300, 1)
    got = latency_counts(Layout(with_amount.binning), profile(log, with_amount.binning).ints)
    assert got.sum() == 300
    assert got[-1] == log["c_0011"].null_count
    tally = start_tally(log, Layout(binning))
    count_latency(log, tally)
    assert not tally.ints.any()
