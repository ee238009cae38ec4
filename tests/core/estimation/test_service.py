from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

from core.access.principal import LOCAL, Principal
from core.audit.service import verify
from core.errors import BadInputError, NotEnoughDataError, RefusedError
from core.estimation.points import estimated_metrics
from core.estimation.service import estimate_losses, estimation_detail, estimation_points
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests import small_fleet
from tests import three_tasks as tasks
from tests.small_fleet import DAYS, REFERENCE_START, SERVED_START, SHIFT_DAY, frame

LAST = Window(SERVED_START + timedelta(days=DAYS - 1), SERVED_START + timedelta(days=DAYS))
WEEK = Window(SERVED_START + timedelta(days=7), SERVED_START + timedelta(days=14))


def points(store, **changes):
    answer = estimation_points(store, MetricQuery(**({"model": "churn"} | changes)))
    return {(p.metric, p.window_start, *p.segment.values()): p for p in answer.points}


@pytest.fixture(scope="module")
def chance():
    reference = frame(REFERENCE_START, DAYS, seed=1)
    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(reference["score"], reference["left"])


def test_days_without_actuals_are_estimated_as_the_rows_and_scikit_learn_say(fleet, chance):
    served = frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")
    scores = served.filter(pl.col("at").dt.date() == LAST.start)["score"].to_numpy()
    c, n = chance.predict(scores), len(scores)
    found, start = points(fleet), LAST.start.isoformat()
    exact = roc_auc_score(np.r_[np.ones(n), np.zeros(n)], np.r_[scores, scores], sample_weight=np.r_[c, 1 - c])
    assert found["roc_auc", start].value == pytest.approx(exact, abs=0.005)
    assert found["accuracy", start].value == pytest.approx(np.where(scores >= 0.5, c, 1 - c).mean(), abs=0.005)
    assert found["label_coverage", start].value == 0.0
    assert "assumes that the relation of score to outcome" in found["roc_auc", start].reason
    assert found["roc_auc", start].n == n
    assert found["roc_auc", start].provenance_id


def test_a_window_asked_for_alone_is_the_same_as_among_all(fleet):
    alone, among = points(fleet), points(fleet, every=Every.DAY)
    assert len(among) == DAYS * len(estimated_metrics("binary"))
    for key, point in alone.items():
        assert among[key] == point, key


def test_a_segment_and_a_week_are_estimated_too(fleet):
    found = points(fleet, window=WEEK, slice=Slice(column="plan"))
    start = WEEK.start.isoformat()
    assert found["roc_auc", start, "basic"].value == pytest.approx(0.63, abs=0.08)
    assert found["roc_auc", start, "other"].status is State.NOT_APPLICABLE
    assert found["label_coverage", start, "basic"].value == 1.0


def test_a_model_without_predictions_says_so_for_every_metric(store):
    add_model(store, LOCAL, load_schema(small_fleet.MODEL_YAML))
    found = estimation_points(store, MetricQuery(model="churn")).points
    assert [point.metric for point in found] == list(estimated_metrics("binary"))
    assert {point.status for point in found} == {State.NOT_APPLICABLE}


def test_an_unknown_segment_is_refused(fleet):
    with pytest.raises(BadInputError):
        estimation_detail(fleet, MetricQuery(model="churn", slice=Slice(column="plan", level="gold")))


def test_a_history_that_was_loaded_at_once_has_no_lag_curve(fleet):
    found = estimation_detail(fleet, MetricQuery(model="churn"))
    assert found.lag.curve is None
    assert "loaded at once" in found.lag.why_not
    assert found.by_lag == ()
    assert not found.needs_row_model


def test_several_classes_are_estimated_but_for_macro_f1(three_tasks):
    day = Window(tasks.SERVED_START + timedelta(days=6), tasks.SERVED_START + timedelta(days=7))
    found = points(three_tasks, model="tickets", window=day)
    by_metric = {key[0]: point for key, point in found.items()}
    assert by_metric["accuracy"].value is not None
    assert by_metric["f1_macro"].status is State.NOT_APPLICABLE


def test_a_regression_is_told_by_its_row_model_once(three_tasks):
    query = MetricQuery(model="demand", window=Window(tasks.SERVED_START, tasks.SERVED_START + timedelta(days=7)))
    before = {p.metric: p for p in estimation_points(three_tasks, query).points}
    assert "there is no row model of the errors yet" in before["mae"].reason
    assert estimation_detail(three_tasks, query).needs_row_model
    assert estimate_losses(three_tasks, LOCAL, model="demand") == tasks.DAYS
    assert estimate_losses(three_tasks, LOCAL, model="demand") == 0
    after = {p.metric: p for p in estimation_points(three_tasks, query).points}
    assert after["mae"].value == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.1)
    assert after["rmse"].value == pytest.approx(5.0, rel=0.1)
    assert not estimation_detail(three_tasks, query).needs_row_model
    assert verify(three_tasks).ok


def test_a_version_in_shadow_is_told_by_its_own_role(three_tasks):
    assert estimate_losses(three_tasks, LOCAL, model="demand", version="v2", role="shadow") == tasks.DAYS
    query = MetricQuery(model="demand", version="v2", role="shadow")
    assert {p.metric: p for p in estimation_points(three_tasks, query).points}["mae"].value is not None


def test_progress_is_reported(three_tasks):
    said: list[tuple[float, str]] = []
    estimate_losses(three_tasks, LOCAL, model="demand", report=lambda share, text: said.append((share, text)))
    assert said[0] == (0.0, "learning how large errors are, from the reference")
    assert all(0 <= share <= 1 for share, _ in said)


def test_only_a_regression_has_a_row_model(fleet):
    with pytest.raises(NotEnoughDataError, match="no regression"):
        estimate_losses(fleet, LOCAL, model="churn")


def test_who_may_not_run_an_analysis_is_refused(three_tasks):
    with pytest.raises(RefusedError):
        estimate_losses(three_tasks, Principal(name="eve", roles=frozenset({"viewer"})), model="demand")
