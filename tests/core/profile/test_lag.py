from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from core.profile import profile as read
from core.profile.kernel import profile
from core.profile.lag_grid import LAG_DAYS
from core.profile.layout import Layout

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def lagged(rows, binning, moments, *, actual=None):
    n = len(moments)
    log = rows(n, 2)
    place = log.column_names.index("actual")
    log = log.set_column(place, "actual", pa.array([1] * n if actual is None else actual, pa.int8()))
    log = log.append_column("at", pa.array([AT] * n, INSTANT)).append_column("actual_at", pa.array(moments, INSTANT))
    return read.lag_counts(Layout(binning), profile(log, binning).ints)


def test_a_lag_is_counted_in_days_with_the_edge_belonging_to_the_day_before(rows, binning):
    second = timedelta(seconds=1)
    lags = [timedelta(0), -second, second, timedelta(days=1), timedelta(days=1) + second, timedelta(days=366)]
    counted = lagged(rows, binning, [AT + lag for lag in lags])
    assert {place: int(counted[place]) for place in np.flatnonzero(counted)} == {0: 2, 1: 2, 2: 1, len(LAG_DAYS): 1}


def test_rows_without_an_actual_or_without_its_time_are_not_counted(rows, binning):
    moments = [AT, AT, None]
    assert lagged(rows, binning, moments, actual=[1, None, 0]).sum() == 1


def test_without_both_times_nothing_is_counted(rows, binning):
    made = profile(rows(50, 2), binning)
    assert read.lag_counts(Layout(binning), made.ints).tolist() == [0] * (len(LAG_DAYS) + 1)


def test_every_task_counts_the_lag(case):
    log = case.make(40, 1)
    log = log.drop_columns([name for name in ("at", "actual_at") if name in log.column_names])
    log = log.append_column("at", pa.array([AT] * 40, INSTANT))
    log = log.append_column("actual_at", pa.array([AT + timedelta(days=3)] * 40, INSTANT))
    counted = read.lag_counts(Layout(case.binning), profile(log, case.binning).ints)
    assert counted[3] == counted.sum() == 40 - log["actual"].null_count
