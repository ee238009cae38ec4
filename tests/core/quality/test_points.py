from dataclasses import replace

import numpy as np

from core.profile.layout import Layout
from core.profile.summing import window_sums
from core.quality.points import Asked, Place, feature_shares, place_totals, quality_rows, recent_arrivals
from core.quality.shares import METRICS, SHARES
from core.selection import MetricQuery
from core.states import State
from core.store.series import load_series
from core.windows import Grain
from tests.troubled_fleet import HISTORY_DAYS


def asked_of(store):
    with store.read() as session:
        series = load_series(session, MetricQuery(model="churn"), store.clock.now())
    return Asked(
        layout=series.layout,
        grain=Grain.DAY,
        windows=series.windows,
        sums=window_sums(series.current, series.windows),
        days=series.current,
        reference=series.reference,
        places=(Place(),),
    )


def test_every_metric_stands_once_for_each_feature_or_for_all(troubled):
    points = list(quality_rows(asked_of(troubled), 0))
    assert len({(one.metric, one.feature) for one in points}) == len(points)
    assert {one.metric for one in points if one.feature == "income"} == set(METRICS[:7])
    assert {one.metric for one in points if one.feature is None} == set(METRICS[7:])


def test_a_point_without_a_value_is_not_applicable_and_says_why(troubled):
    for one in quality_rows(asked_of(troubled), None):
        assert (one.value is None) == (one.status is State.NOT_APPLICABLE)
        assert one.value is not None or one.reason.startswith("not applicable: ")


def test_numbered_batches_have_no_volume_freshness_or_silence(troubled):
    asked = asked_of(troubled)
    batches = replace(asked, grain=Grain.BATCH)
    found = {one.metric: one.reason for one in quality_rows(batches, None) if one.feature is None}
    assert "no days" in found["volume_ratio"]
    assert "logs of days" in found["freshness_hours"]
    assert "no clock" in found["silence_units"]


def test_a_feature_that_is_not_counted_by_segment_says_so(troubled):
    asked = asked_of(troubled)
    bare = replace(asked.layout.binning, segment_features=())
    places = Place(segment={"channel": "phone"}, place=0)
    without = replace(asked, layout=Layout(bare), places=(places,))
    ints = np.zeros((1, without.layout.n_ints), np.int64)
    shares = feature_shares(without, "income", places, ints, np.zeros((1, without.layout.n_floats)))
    assert [one.metric for one in shares] == list(SHARES)
    assert all("segment_features" in one.reason for one in shares)


def test_the_rows_of_segments_add_up(troubled):
    asked = asked_of(troubled)
    channels = [
        Place(place=place) for place, one in enumerate(asked.layout.binning.segments) if one.column == "channel"
    ]
    parts = sum(place_totals(asked, one, asked.days.ints) for one in channels)
    assert (parts == place_totals(asked, Place(), asked.days.ints)).all()


def test_arrivals_of_a_history_are_put_aside(troubled):
    asked = asked_of(troubled)
    found = recent_arrivals(asked.layout, asked.days)
    assert (found[:HISTORY_DAYS, :-1] == 0).all()
    assert (found[HISTORY_DAYS:, -1] == 0).all()
    assert (found.sum(axis=1) == asked.layout.ints["totals"].of(asked.days.ints)[:, 0]).all()
