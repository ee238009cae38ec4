from datetime import date

import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError
from core.fairness.points import ALL_METRICS, blocks_words, nothing, release_points
from core.fairness.service import fairness_release
from core.selection import MetricQuery, Slice
from core.states import State
from core.windows import Grain, Window

WEEK = Window(date(2024, 3, 4), date(2024, 3, 11))


@pytest.fixture
def release(grouped):
    return fairness_release(grouped, LOCAL, MetricQuery(model="churn"))


def test_blocks_are_named_where_they_do_not_fill_the_window():
    assert blocks_words(WEEK, WEEK, Grain.DAY) == ""
    assert blocks_words(WEEK, Window(date(2024, 3, 1), date(2024, 3, 12)), Grain.DAY) == (
        "shown: 2024-03-04..2024-03-11, whole release blocks"
    )


def test_a_point_without_a_number_says_why_and_is_not_green():
    point = nothing("selection_rate", WEEK, Grain.DAY, reason="not applicable: nobody", feature="sex")
    assert (point.value, point.status, point.reason) == (None, State.NOT_APPLICABLE, "not applicable: nobody")


def test_every_point_has_a_number_with_interval_or_a_reason(release):
    for point in release_points(release, None, None):
        if point.value is None:
            assert point.status is State.NOT_APPLICABLE
            assert point.reason.startswith("not applicable: ")
        else:
            assert point.provenance_id


def test_withheld_groups_are_listed_without_their_number_of_rows(release):
    island = [one for one in release_points(release, None, None) if one.segment == {"region": "island"}]
    assert island
    assert {one.n for one in island} == {0}
    assert all("withheld" in one.reason for one in island)


def test_a_window_before_the_log_names_every_metric_and_where_blocks_lie(release):
    found = list(release_points(release, Window(date(2023, 1, 1), date(2023, 2, 1)), None))
    assert {one.metric for one in found if one.feature == "sex"} == set(ALL_METRICS)
    assert all("no whole release block" in one.reason for one in found)


def test_refused_are_columns_that_are_no_segments_and_values_that_do_not_exist(release):
    with pytest.raises(BadInputError, match="not a segment column"):
        list(release_points(release, None, Slice(column="region")))
    with pytest.raises(BadInputError, match="has no segment"):
        list(release_points(release, None, Slice(column="plan", level="gold")))
