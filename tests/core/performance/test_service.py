from datetime import timedelta

import polars as pl
import pytest
from sklearn import metrics as sk

from core.errors import BadInputError
from core.performance.binary import METRICS
from core.performance.service import against_reference, performance_points
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests.small_fleet import DAYS, REFERENCE_START, SERVED_START, SHIFT_DAY, frame

WEEK = Window(SERVED_START + timedelta(days=7), SERVED_START + timedelta(days=14))
LAST = SERVED_START + timedelta(days=DAYS - 1)


def points(store, **changes):
    answer = performance_points(store, MetricQuery(**({"model": "churn"} | changes)))
    return {(p.metric, p.window_start, *p.segment.values()): p for p in answer.points}


@pytest.fixture(scope="module")
def served():
    return frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")


def week_of(served):
    return served.filter(pl.col("at").dt.date().is_between(WEEK.start, WEEK.end, closed="left"))


def test_what_is_exact_agrees_with_scikit_learn(fleet, served):
    found = points(fleet, window=WEEK)
    y, s = week_of(served)["left"].to_numpy(), week_of(served)["score"].to_numpy()
    d = (s >= 0.5).astype(int)
    start = WEEK.start.isoformat()
    expected = {
        "accuracy": sk.accuracy_score(y, d),
        "precision": sk.precision_score(y, d),
        "recall": sk.recall_score(y, d),
        "f1": sk.f1_score(y, d),
        "mcc": sk.matthews_corrcoef(y, d),
        "log_loss": sk.log_loss(y, s),
        "brier_score": sk.brier_score_loss(y, s),
    }
    for metric, value in expected.items():
        assert found[metric, start].value == pytest.approx(value, abs=1e-9), metric


def test_the_binned_auc_agrees_within_its_stated_bound(fleet, served):
    point = points(fleet, window=WEEK)["roc_auc", WEEK.start.isoformat()]
    exact = sk.roc_auc_score(week_of(served)["left"], week_of(served)["score"])
    assert abs(point.value - exact) <= float(point.reason.rpartition(" ")[2])
    assert point.ci_low < point.value < point.ci_high


def test_a_segment_agrees_with_its_own_rows(fleet, served):
    found = points(fleet, window=WEEK, slice=Slice(column="plan"))
    rows = week_of(served).filter(pl.col("plan") == "plus")
    decided = (rows["score"] >= 0.5).cast(pl.Int8)
    start = WEEK.start.isoformat()
    assert found["accuracy", start, "plus"].value == pytest.approx(sk.accuracy_score(rows["left"], decided), abs=1e-9)
    auc = found["roc_auc", start, "plus"]
    exact = sk.roc_auc_score(rows["left"], rows["score"])
    assert abs(auc.value - exact) <= float(auc.reason.partition("at most ")[2].split(";")[0])


def test_days_without_actuals_are_not_applicable_and_say_so(fleet):
    found = points(fleet)
    assert {key[1] for key in found} == {LAST.isoformat()}
    for metric in METRICS:
        point = found[metric, LAST.isoformat()]
        assert (point.value, point.status) == (None, State.NOT_APPLICABLE)
        assert "no actuals yet" in point.reason


def test_months_are_sums_of_their_days(fleet):
    months = points(fleet, every=Every.MONTH)
    assert sorted({start for _, start in months}) == ["2024-03-01", "2024-04-01"]
    assert months["accuracy", "2024-03-01"].n == 31 * 150


def test_the_reference_stands_beside_the_window(fleet):
    reference = frame(REFERENCE_START, DAYS, seed=1)
    point, before = against_reference(fleet, MetricQuery(model="churn", window=WEEK), "roc_auc")
    assert point.value is not None
    assert before == pytest.approx(sk.roc_auc_score(reference["left"], reference["score"]), abs=1e-3)


def test_an_unknown_segment_value_is_refused(fleet):
    with pytest.raises(BadInputError, match="no segment 'gold'"):
        performance_points(fleet, MetricQuery(model="churn", slice=Slice(column="plan", level="gold")))
