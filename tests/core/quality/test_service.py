from datetime import timedelta

import pytest

from core.errors import BadInputError
from core.quality.service import quality_points
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests.small_fleet import DAYS, REFERENCE_START, SERVED_START, SHIFT_DAY, frame

SHIFTED = Window(SERVED_START + timedelta(days=SHIFT_DAY), SERVED_START + timedelta(days=DAYS))


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


def test_a_clean_log_has_nothing_missing_and_nothing_unseen(fleet):
    found = points(fleet)
    assert found["plan", "unseen_share"].value == 0.0
    assert found["age", "missing_share"].value == 0.0


def test_every_window_is_answered(fleet):
    answer = quality_points(fleet, MetricQuery(model="churn", every=Every.DAY))
    assert len({point.window_start for point in answer.points}) == DAYS


def test_segments_are_refused_because_they_are_not_counted(fleet):
    with pytest.raises(BadInputError, match="whole population"):
        quality_points(fleet, MetricQuery(model="churn", slice=Slice(column="plan")))
