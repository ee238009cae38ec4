from datetime import timedelta

import polars as pl
import pytest
from sklearn import metrics as sk

from core.errors import BadInputError
from core.performance.binary import METRICS
from core.performance.of_task import METRICS_OF
from core.performance.service import against_reference, compare_versions, performance_detail, performance_points
from core.selection import Every, MetricQuery, Reference, ReferenceKind, Slice
from core.states import State
from core.windows import Window
from tests import three_tasks as tasks
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


def of_task(store, model, **changes):
    answer = performance_points(store, MetricQuery(model=model, window=TASK_WEEK, **changes))
    return {(p.metric, *p.segment.values()): p for p in answer.points}


TASK_WEEK = Window(tasks.SERVED_START + timedelta(days=5), tasks.SERVED_START + timedelta(days=12))


def task_rows(made, **known):
    rows = made(tasks.SERVED_START, seed=2, prefix="s", spoiled=True)
    chosen = rows.filter(pl.col("at").dt.date().is_between(TASK_WEEK.start, TASK_WEEK.end, closed="left"))
    return chosen.filter(**known) if known else chosen


def test_a_regression_agrees_with_scikit_learn_whole_and_by_segment(three_tasks):
    for found, rows in (
        (of_task(three_tasks, "demand"), task_rows(tasks.demand)),
        (
            of_task(three_tasks, "demand", slice=Slice(column="shop", level="south")),
            task_rows(tasks.demand, shop="south"),
        ),
    ):
        by_name = {key[0]: point for key, point in found.items()}
        assert tuple(by_name) == METRICS_OF["regression"]
        y, p = rows["sold"].to_numpy(), rows["expected"].to_numpy()
        assert by_name["mae"].value == pytest.approx(sk.mean_absolute_error(y, p), abs=1e-9)
        assert by_name["rmse"].value == pytest.approx(sk.root_mean_squared_error(y, p), abs=1e-9)
        assert by_name["r2"].value == pytest.approx(sk.r2_score(y, p), abs=1e-9)
        assert by_name["mape"].value == pytest.approx(sk.mean_absolute_percentage_error(y, p), abs=1e-9)
        assert by_name["mae"].n == len(rows)
        median = by_name["median_absolute_error"]
        assert (
            abs(median.value - sk.median_absolute_error(y, p)) <= float(median.reason.partition("at most ")[2]) * 1.05
        )


def test_several_classes_agree_with_scikit_learn_whole_and_by_segment(three_tasks):
    whole, parts = of_task(three_tasks, "tickets"), of_task(three_tasks, "tickets", slice=Slice(column="shop"))
    for shop, found in ((None, whole), ("north", {(k[0],): p for k, p in parts.items() if k[1] == "north"})):
        rows = task_rows(tasks.tickets, **({} if shop is None else {"shop": shop}))
        scores = rows.select(f"p{k}" for k in range(4)).to_numpy()
        y, called = rows["team"].to_list(), [tasks.CLASSES[k] for k in scores.argmax(1)]
        assert found[("accuracy",)].value == pytest.approx(sk.accuracy_score(y, called), abs=1e-9)
        assert found[("f1_macro",)].value == pytest.approx(sk.f1_score(y, called, average="macro"), abs=1e-9)
        assert found[("f1_weighted",)].value == pytest.approx(sk.f1_score(y, called, average="weighted"), abs=1e-9)
        loss = sk.log_loss([tasks.CLASSES.index(one) for one in y], scores, labels=range(4))
        assert found[("log_loss",)].value == pytest.approx(loss, abs=1e-9)
    assert whole["roc_auc_ovr_macro",].value is not None
    assert "not kept by segment" in parts["roc_auc_ovr_macro", "north"].reason


def test_windows_without_actuals_and_without_rows_say_which(three_tasks):
    day = Window(tasks.SERVED_START + timedelta(days=15), tasks.SERVED_START + timedelta(days=16))
    found = performance_points(three_tasks, MetricQuery(model="demand", window=day)).points
    assert {point.reason for point in found} == {"not applicable: no actuals yet"}
    empty = Window(day.end + timedelta(days=5), day.end + timedelta(days=6))
    found = performance_points(three_tasks, MetricQuery(model="demand", window=empty)).points
    assert {point.reason for point in found} == {"not applicable: no predictions in this window"}


def test_a_detail_holds_the_windows_before_with_their_maturity(fleet):
    last = Window(LAST, LAST + timedelta(days=1))
    found = performance_detail(fleet, MetricQuery(model="churn", window=last))
    assert (len(found.windows), found.windows[-1]) == (DAYS, last)
    assert [one.mature for one in found.maturities[-3:]] == [True, False, False]
    assert found.performance.estimates["recall"].value.shape == (DAYS,)
    assert float(found.reference.estimates["recall"].value) > 0.4


def test_a_detail_of_a_segment_says_what_the_points_of_the_segment_say(fleet):
    plus = Slice(column="plan", level="plus")
    found = performance_detail(fleet, MetricQuery(model="churn", window=WEEK, slice=plus))
    point = points(fleet, window=WEEK, slice=plus)["accuracy", WEEK.start.isoformat(), "plus"]
    assert float(found.performance.estimates["accuracy"].value[-1]) == pytest.approx(point.value, abs=1e-12)
    assert float(found.by_segment.estimates["accuracy"].value[found.place]) == pytest.approx(point.value, abs=1e-12)


@pytest.mark.parametrize("kind", [ReferenceKind.PREVIOUS, ReferenceKind.SAME_WEEKDAY, ReferenceKind.RANGE])
def test_the_reference_of_a_detail_is_the_one_asked_for(fleet, served, kind):
    before = Window(SERVED_START, WEEK.start)
    asked = Reference(kind=kind, window=before if kind is ReferenceKind.RANGE else None)
    found = performance_detail(fleet, MetricQuery(model="churn", window=WEEK, reference=asked))
    rows = frame(REFERENCE_START, DAYS, seed=1)
    if kind is not ReferenceKind.SAME_WEEKDAY:
        rows = served.filter(pl.col("at").dt.date() < WEEK.start)
    exact = sk.accuracy_score(rows["left"], (rows["score"] >= 0.5).cast(pl.Int8))
    assert float(found.reference.estimates["accuracy"].value) == pytest.approx(exact, abs=1e-9)


def test_a_detail_needs_one_window(fleet):
    with pytest.raises(BadInputError, match="needs one window"):
        performance_detail(fleet, MetricQuery(model="churn"))


def test_the_champion_stands_beside_another_version_with_the_difference(three_tasks):
    late = Window(tasks.SERVED_START + timedelta(days=12), tasks.SERVED_START + timedelta(days=15))
    found = compare_versions(three_tasks, MetricQuery(model="demand", window=late))
    assert (found.champion.version, found.champion.role) == ("v1", "served + canary")
    assert [(one.version, one.role) for one in found.others] == [("v2", "shadow")]
    gap = found.others[0].differences["mae"]
    assert float(gap.high[-1]) < -1
    mine = float(found.champion.performance.estimates["mae"].value[-1])
    theirs = float(found.others[0].performance.estimates["mae"].value[-1])
    assert float(gap.value[-1]) == pytest.approx(theirs - mine)


def test_a_model_of_one_version_has_nothing_beside_it(three_tasks):
    assert compare_versions(three_tasks, MetricQuery(model="tickets", window=TASK_WEEK)).others == ()


def test_versions_are_compared_in_one_segment_too(three_tasks):
    south = Slice(column="shop", level="south")
    found = compare_versions(three_tasks, MetricQuery(model="demand", window=TASK_WEEK, slice=south))
    assert found.others[0].performance.n_rows.tolist() == found.champion.performance.n_rows.tolist()
