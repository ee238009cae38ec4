from datetime import date

import numpy as np
import polars as pl
import pytest

from core.errors import NotEnoughDataError
from core.inventory.service import add_model, add_version
from core.log.schema import load_schema
from core.profile.latency_grid import LATENCY_BOUND
from core.selection import Every, MetricQuery, Slice
from core.serving.service import service_detail, service_points
from core.serving.serving import METRICS
from core.states import State
from core.windows import Window
from tests.value_fleet import DAYS, LOANS, SERVED_START, loans

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))


def points(store, model, **changes):
    answer = service_points(store, MetricQuery(model=model, **changes))
    return {(one.metric, one.window_start, *one.segment.values()): one for one in answer.points}


def test_the_month_agrees_with_its_rows(valued):
    served = loans(SERVED_START, DAYS, seed=2)
    rows = served.filter(pl.col("at").dt.date().is_between(MARCH.start, MARCH.end, closed="left"))
    found = points(valued, "loans", window=MARCH)
    assert found["requests_per_second", "2024-03-01"].value == pytest.approx(rows.height / (31 * 86_400))
    assert found["error_rate", "2024-03-01"].value == pytest.approx(rows["failed"].mean(), abs=1e-12)
    took = rows["took"].drop_nulls().to_numpy()
    for name, share in (("latency_p50", 0.5), ("latency_p95", 0.95), ("latency_p99", 0.99)):
        one, exact = found[name, "2024-03-01"], np.quantile(took, share, method="inverted_cdf")
        assert abs(one.value / exact - 1) <= LATENCY_BOUND
        assert one.ci_low <= exact <= one.ci_high
        assert "binning error at most" in one.reason


def test_segments_of_the_source_have_requests_and_errors(valued):
    found = points(valued, "loans", window=MARCH, slice=Slice(column="channel"))
    app, branch = (found["requests_per_second", "2024-03-01", one].n for one in ("app", "branch"))
    assert app + branch == 31 * 60
    assert found["latency_p95", "2024-03-01", "app"].status is State.NOT_APPLICABLE


def test_a_log_without_latency_and_errors_says_so_and_still_counts_requests(valued):
    found = points(valued, "sales")
    assert found["requests_per_second", "2024-04-02"].value == pytest.approx(60 / 86_400)
    assert found["latency_p95", "2024-04-02"].reason == "not applicable: latency is not logged"
    assert found["error_rate", "2024-04-02"].reason == "not applicable: errors are not logged"


def test_every_metric_of_every_week_is_answered(valued):
    found = points(valued, "loans", every=Every.WEEK)
    assert {key[0] for key in found} == set(METRICS)
    assert len({key[1] for key in found}) == 10


def test_the_detail_ends_with_its_window_and_begins_with_the_log(valued):
    detail = service_detail(valued, MetricQuery(model="loans"))
    assert detail.windows[-1] == detail.window == Window(date(2024, 4, 2), date(2024, 4, 3))
    assert len(detail.windows) == 60
    assert detail.history.n_requests.tolist() == [60] * 60
    whole = service_detail(valued, MetricQuery(model="loans", window=Window(date(2024, 2, 5), date(2024, 2, 12))))
    assert whole.history.n_requests.tolist() == [240, 420]
    part = service_detail(valued, MetricQuery(model="loans", slice=Slice(column="channel", level="app")))
    assert part.history.n_requests.sum() < detail.history.n_requests.sum()


def test_a_model_without_a_log_has_no_service(store, admin):
    schema = load_schema(LOANS)
    add_model(store, admin, schema)
    with pytest.raises(NotEnoughDataError, match="no version"):
        service_detail(store, MetricQuery(model="loans"))
    add_version(store, admin, model="loans", version="v1", artifact_sha256=None, has_reference=False)
    with pytest.raises(NotEnoughDataError, match="no closed day"):
        service_detail(store, MetricQuery(model="loans"))
    assert all(one.value is None for one in service_points(store, MetricQuery(model="loans")).points)
