from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.serving.serving import METRICS, empty_means_none, milliseconds, seconds_of, serving_of
from core.windows import BATCH_ORIGIN, Grain, Window
from tests.core.impact.test_decisions import series_of
from tests.value_fleet import FAILING_DAY, SERVED_START

DAY = 86_400.0


@pytest.fixture
def loans(valued):
    return series_of(valued, "loans")


def test_requests_a_second_are_the_rows_over_the_seconds(loans):
    ints = loans.current.ints[:2]
    found = serving_of(loans.layout, ints, np.array([DAY, DAY + 3600]))
    assert found.estimates["requests_per_second"].value == pytest.approx([60 / 86_400, 60 / 90_000])
    assert np.isnan(found.estimates["requests_per_second"].low).all()


def test_an_open_window_counts_as_far_as_it_has_gone_and_a_coming_one_has_no_length():
    windows = [Window(date(2024, 4, 1), date(2024, 5, 1)), Window(date(2024, 6, 1), date(2024, 7, 1))]
    found = seconds_of(windows, ZoneInfo("UTC"), Grain.DAY, at=datetime(2024, 4, 3, tzinfo=UTC))
    assert found[0] == 2 * DAY
    assert np.isnan(found[1])
    batch = [Window(BATCH_ORIGIN, date(1970, 1, 2))]
    assert np.isnan(seconds_of(batch, ZoneInfo("UTC"), Grain.BATCH, at=datetime(2024, 4, 3, tzinfo=UTC))).all()


def test_the_error_rate_is_of_requests_whose_error_field_is_known(loans):
    row = loans.current.days.index(SERVED_START.replace(day=1).fromordinal(SERVED_START.toordinal() + FAILING_DAY))
    found = serving_of(loans.layout, loans.current.ints, np.full(len(loans.current.days), DAY))
    one = found.estimates["error_rate"].at(row)
    assert (float(one.n), float(one.value)) == (60, found.n_errors[row] / 60)
    assert one.value > 0.2
    assert one.low < one.value < one.high


def test_an_empty_error_field_counts_as_none_only_where_no_row_says_that_it_succeeded(loans):
    layout = loans.layout
    block = layout.ints["totals"]
    ints = np.zeros(layout.n_ints, np.int64)
    ints[block.start : block.stop] = (1000, 0, 0, 0, 4, 4)
    assert empty_means_none(layout, ints)
    found = serving_of(layout, ints, np.float64(DAY), empty_is_fine=True).estimates["error_rate"]
    assert (float(found.value), float(found.n)) == (0.004, 1000)
    assert "counts as no error" in str(found.remark)
    ints[block.start : block.stop] = (1000, 0, 0, 0, 4, 900)
    assert not empty_means_none(layout, ints)
    found = serving_of(layout, ints, np.float64(DAY)).estimates["error_rate"]
    assert float(found.value) == 4 / 900
    assert "empty in 10.0 % of the rows" in str(found.remark)


def test_what_is_not_logged_says_so(valued):
    series = series_of(valued, "sales")
    found = serving_of(series.layout, series.current.ints[0], np.float64(DAY)).estimates
    assert str(found["error_rate"].reason) == "not applicable: errors are not logged"
    for name in ("latency_p50", "latency_p95", "latency_p99"):
        assert str(found[name].reason) == "not applicable: latency is not logged"
    assert tuple(found) == METRICS


def test_segments_have_requests_and_errors_and_no_latency(loans):
    found = serving_of(loans.layout, loans.current.ints[:1], np.array([DAY]), by_segment=True)
    assert found.n_requests.sum() == 60
    assert "whole population only" in str(found.estimates["latency_p95"].reason[0, 0])
    assert found.at(0).n_requests.shape == (len(loans.layout.binning.segments),)


def test_a_window_without_rows_and_numbered_batches_say_why(loans):
    nothing = np.zeros(loans.layout.n_ints, np.int64)
    found = serving_of(loans.layout, nothing, np.float64(DAY)).estimates
    assert {str(one.reason) for one in found.values()} == {"not applicable: no predictions in this window"}
    batch = serving_of(loans.layout, loans.current.ints[0], np.float64("nan")).estimates["requests_per_second"]
    assert str(batch.reason) == "not applicable: numbered batches have no clock"


def test_missing_latencies_are_told(loans):
    found = serving_of(loans.layout, loans.current.ints.sum(axis=0), np.float64(DAY)).estimates["latency_p95"]
    assert "the latency is empty in 2.0 % of the rows" in found.note


def test_latencies_are_written_with_three_digits():
    assert [milliseconds(one) for one in (0.5, 12.34, 999.4, 12_345)] == ["0.50 ms", "12.3 ms", "999 ms", "12.3 s"]
