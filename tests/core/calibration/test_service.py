from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import special
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from core.access.principal import LOCAL
from core.calibration.calibration import METRICS
from core.calibration.service import calibration_detail, calibration_history, calibration_points
from core.errors import BadInputError, NotEnoughDataError
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.selection import Every, MetricQuery, Slice
from core.states import State
from core.windows import Window
from tests import small_fleet
from tests.small_fleet import DAYS, MODEL_YAML, SERVED_START, SHIFT_DAY, frame

WEEK = Window(SERVED_START + timedelta(days=7), SERVED_START + timedelta(days=14))
LAST = Window(SERVED_START + timedelta(days=DAYS - 1), SERVED_START + timedelta(days=DAYS))


def points(store, **changes):
    answer = calibration_points(store, MetricQuery(**({"model": "churn"} | changes)))
    return {(p.metric, p.window_start, *p.segment.values()): p for p in answer.points}


@pytest.fixture(scope="module")
def week():
    served = frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")
    rows = served.filter(pl.col("at").dt.date().is_between(WEEK.start, WEEK.end, closed="left"))
    return rows["left"].to_numpy(), rows["score"].to_numpy(), rows["plan"].to_numpy()


def test_what_is_exact_agrees_with_scikit_learn(fleet, week):
    y, p, _ = week
    found, start = points(fleet, window=WEEK), WEEK.start.isoformat()
    assert found["brier_score", start].value == pytest.approx(brier_score_loss(y, p), abs=1e-9)
    true, said = calibration_curve(y, p, n_bins=10)
    share = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], p), minlength=10) / len(y)
    expected = (share[share > 0] * np.abs(true - said)).sum()
    assert found["ece_equal_width", start].value == pytest.approx(expected, abs=1e-9)


def test_slope_and_intercept_agree_with_the_regression_of_the_rows(fleet, week):
    y, p, _ = week
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=500).fit(special.logit(p)[:, None], y)
    found, start = points(fleet, window=WEEK), WEEK.start.isoformat()
    assert found["calibration_slope", start].value == pytest.approx(fit.coef_[0, 0], abs=0.0024)
    assert found["calibration_intercept", start].value == pytest.approx(fit.intercept_[0], abs=0.0042)


def test_the_raw_error_is_never_told_without_what_chance_shows(fleet):
    point = points(fleet, window=WEEK)["ece", WEEK.start.isoformat()]
    assert "a perfect model would show" in point.reason
    assert point.n == 7 * 150
    assert point.provenance_id


def test_a_segment_has_its_bound_and_no_parts_of_the_brier_score(fleet, week):
    y, p, plan = week
    found, start = points(fleet, window=WEEK, slice=Slice(column="plan")), WEEK.start.isoformat()
    mine = plan == "plus"
    assert found["brier_score", start, "plus"].value == pytest.approx(brier_score_loss(y[mine], p[mine]), abs=1e-9)
    assert "binning error at most" in found["ece", start, "plus"].reason
    assert found["brier_reliability", start, "plus"].status is State.NOT_APPLICABLE
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=500).fit(special.logit(p[mine])[:, None], y[mine])
    assert found["calibration_slope", start, "plus"].value == pytest.approx(fit.coef_[0, 0], abs=0.05)


def test_every_day_has_every_metric_and_days_without_actuals_say_so(fleet):
    found = points(fleet, every=Every.DAY)
    assert len(found) == DAYS * len(METRICS)
    last = [point for (_, start), point in found.items() if start == LAST.start.isoformat()]
    assert {point.value for point in last} == {None}
    assert {point.reason for point in last} == {"not applicable: no actuals yet"}


def test_a_model_without_a_version_says_so_for_every_metric(frozen_store, tmp_path):
    file = tmp_path / "model.yaml"
    file.write_text(MODEL_YAML, encoding="utf-8")
    add_model(frozen_store, LOCAL, load_schema(file))
    answer = calibration_points(frozen_store, MetricQuery(model="churn"))
    assert [point.metric for point in answer.points] == list(METRICS)
    assert all("no version yet" in point.reason for point in answer.points)


def test_a_ranking_score_has_no_calibration_and_says_why(store, tmp_path, monkeypatch):
    ranking = MODEL_YAML.replace("score: score", "score: score\n  score_kind: ranking")
    monkeypatch.setattr(small_fleet, "MODEL_YAML", ranking)
    ranked = small_fleet.take_in(store, tmp_path / "ranking")
    answer = calibration_points(ranked, MetricQuery(model="churn"))
    assert {point.reason for point in answer.points} == {"not applicable: the score is not declared a probability"}
    assert {point.value for point in answer.points} == {None}
    detail = calibration_detail(ranked, MetricQuery(model="churn", window=WEEK))
    assert detail.why_not == "the score is not declared a probability"
    assert detail.calibration is None
    assert calibration_history(ranked, MetricQuery(model="churn", window=WEEK), count=5) is None


def test_the_detail_holds_curve_verdicts_segments_and_the_change(fleet):
    detail = calibration_detail(fleet, MetricQuery(model="churn", window=WEEK))
    assert detail.why_not == ""
    assert detail.n_rows == sum(detail.histogram) == 7 * 150
    assert detail.maturity.mature
    assert {one.check for one in detail.verdicts if not one.segment} == {"miscalibration", "calibration_drift"}
    assert [one.state for one in detail.verdicts if not one.segment] == [State.HEALTHY] * 2
    assert {next(iter(one.segment.values())) for one in detail.segments} >= {"basic", "plus", "max"}
    assert float(detail.change.test.p) > 0.001


def test_the_detail_of_a_segment_is_of_its_rows(fleet, week):
    query = MetricQuery(model="churn", window=WEEK, slice=Slice(column="plan", level="plus"))
    detail = calibration_detail(fleet, query)
    assert detail.n_rows == (week[2] == "plus").sum()
    assert detail.segments == ()


def test_a_detail_of_many_windows_or_segments_is_refused(fleet):
    with pytest.raises(BadInputError, match="one window"):
        calibration_detail(fleet, MetricQuery(model="churn", every=Every.DAY))
    with pytest.raises(BadInputError, match="at most one segment"):
        calibration_detail(fleet, MetricQuery(model="churn", slice=Slice(column="plan")))


def test_a_detail_without_a_version_is_refused(frozen_store, tmp_path):
    file = tmp_path / "model.yaml"
    file.write_text(MODEL_YAML, encoding="utf-8")
    add_model(frozen_store, LOCAL, load_schema(file))
    with pytest.raises(NotEnoughDataError):
        calibration_detail(frozen_store, MetricQuery(model="churn"))


def test_the_history_is_of_single_days_and_the_last_ones_are_not_mature(fleet):
    history = calibration_history(fleet, MetricQuery(model="churn", window=LAST), count=20)
    assert len(history.windows) == 20
    assert history.windows[-1].end == LAST.end
    assert history.mature[0]
    assert not history.mature[-1]
    whole = points(fleet, every=Every.DAY)
    first = history.windows[0].start.isoformat()
    assert float(history.unit(0).estimates["ece"].value) == whole["ece", first].value


def test_the_history_of_a_segment_is_of_its_rows(fleet):
    query = MetricQuery(model="churn", window=LAST, slice=Slice(column="plan", level="max"))
    history = calibration_history(fleet, query, count=5)
    assert 0 < float(history.unit(0).n) < 150 / 2


def test_a_history_without_a_window_is_refused(fleet):
    with pytest.raises(BadInputError, match="name it"):
        calibration_history(fleet, MetricQuery(model="churn"), count=5)


def test_a_history_before_the_log_has_nothing(fleet):
    window = Window(date(2020, 1, 1), date(2020, 1, 2))
    assert calibration_history(fleet, MetricQuery(model="churn", window=window), count=5) is None
