from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scipy import stats

from core.checks.service import recent_states
from core.drift.points import METRICS
from core.drift.service import drift_detail, drift_history, drift_points, drift_where
from core.errors import BadInputError, NotFoundError
from core.selection import Every, MetricQuery, Reference, ReferenceKind, Slice
from core.states import State
from core.windows import Window
from tests.small_fleet import DAYS, REFERENCE_START, SERVED_START, SHIFT_DAY, frame

LAST = SERVED_START + timedelta(days=DAYS - 1)
LAST_WEEK = Window(LAST - timedelta(days=6), LAST + timedelta(days=1))
LAST_FOUR = Window(LAST - timedelta(days=3), LAST + timedelta(days=1))
BEFORE = Window(SERVED_START + timedelta(days=7), SERVED_START + timedelta(days=14))


def points(store, **changes):
    answer = drift_points(store, MetricQuery(**({"model": "churn"} | changes)))
    return {(p.feature, p.metric, p.window_start, *p.segment.values()): p for p in answer.points}


def rows(window):
    served = frame(SERVED_START, DAYS, seed=2, shift_from=SHIFT_DAY, prefix="s")
    return served.filter(pl.col("at").dt.date().is_between(window.start, window.end, closed="left"))


def test_every_feature_and_the_score_have_every_metric(fleet):
    found = points(fleet)
    assert {feature for feature, *_ in found} == {"income", "age", "plan", "score", "decision", "actual"}
    assert {metric for _, metric, *_ in found} == set(METRICS)
    assert {start for _, _, start in found} == {LAST.isoformat()}


def test_ks_agrees_with_scipy_within_the_stated_bound(fleet):
    reference = frame(REFERENCE_START, DAYS, seed=1)
    for window in (BEFORE, LAST_WEEK):
        found = points(fleet, window=window)
        for feature in ("income", "age", "score"):
            exact = stats.ks_2samp(reference[feature].to_numpy(), rows(window)[feature].to_numpy()).statistic
            point = found[feature, "ks_statistic", window.start.isoformat()]
            bound = float(point.reason.rpartition(" ")[2])
            assert exact - bound <= point.value <= exact + 1e-12


def test_the_wasserstein_distance_agrees_with_scipy(fleet):
    reference = frame(REFERENCE_START, DAYS, seed=1)["income"].to_numpy()
    exact = stats.wasserstein_distance(reference, rows(LAST_WEEK)["income"].to_numpy())
    point = points(fleet, window=LAST_WEEK)["income", "wasserstein", LAST_WEEK.start.isoformat()]
    assert point.value == pytest.approx(exact, rel=0.002)


def test_the_psi_of_a_category_is_the_formula_on_its_counts(fleet):
    reference = frame(REFERENCE_START, DAYS, seed=1)["plan"].value_counts()
    current = rows(LAST_WEEK)["plan"].value_counts()
    r = dict(reference.iter_rows())
    c = dict(current.iter_rows())
    m, n = sum(r.values()), sum(c.values())
    by_hand = sum((c[k] / n - r[k] / m) * np.log((c[k] + 0.5) / (r[k] + 0.5)) for k in r)
    point = points(fleet, window=LAST_WEEK)["plan", "psi", LAST_WEEK.start.isoformat()]
    assert point.value == pytest.approx(by_hand, abs=1e-12)


def test_the_shift_is_critical_against_training_and_not_against_the_days_before(fleet):
    start = LAST_WEEK.start.isoformat()
    assert points(fleet, window=LAST_WEEK)["income", "psi_excess", start].status is State.CRITICAL
    previous = points(fleet, window=LAST_FOUR, reference=Reference(kind=ReferenceKind.PREVIOUS))
    assert previous["income", "psi", LAST_FOUR.start.isoformat()].value < 0.1
    earlier = Reference(kind=ReferenceKind.RANGE, window=BEFORE)
    assert points(fleet, window=LAST_WEEK, reference=earlier)["income", "psi_excess", start].status is State.CRITICAL


def test_a_day_against_the_same_weekday_uses_that_weekday_of_training_only(fleet):
    day = Window(LAST, LAST + timedelta(days=1))
    matched = points(fleet, window=day, reference=Reference(kind=ReferenceKind.SAME_WEEKDAY))
    reference = frame(REFERENCE_START, DAYS, seed=1).filter(pl.col("at").dt.weekday() == LAST.isoweekday())
    exact = stats.ks_2samp(reference["income"].to_numpy(), rows(day)["income"].to_numpy()).statistic
    point = matched["income", "ks_statistic", LAST.isoformat()]
    assert exact - float(point.reason.rpartition(" ")[2]) <= point.value <= exact + 1e-12


def test_windows_cover_the_whole_history(fleet):
    days = points(fleet, every=Every.DAY)
    assert len({start for _, _, start in days}) == DAYS
    assert len({start for _, _, start in points(fleet, every=Every.WEEK)}) == 7


def test_by_segment_only_what_is_counted_there_is_computed(fleet):
    found = points(fleet, window=LAST_WEEK, slice=Slice(column="plan"))
    start = LAST_WEEK.start.isoformat()
    assert found["income", "psi_excess", start, "basic"].status is State.CRITICAL
    ks = found["income", "ks_statistic", start, "basic"]
    assert (ks.value, ks.status) == (None, State.NOT_APPLICABLE)
    assert "display cells" in ks.reason


def test_without_a_reference_every_point_says_so(store, tmp_path):
    from core.access.principal import LOCAL
    from core.inventory.service import add_model, add_version
    from core.log.schema import load_schema
    from tests.small_fleet import MODEL_YAML

    file = tmp_path / "model.yaml"
    file.write_text(MODEL_YAML, encoding="utf-8")
    add_model(store, LOCAL, load_schema(file))
    add_version(store, LOCAL, model="churn", version="v1", artifact_sha256=None, has_reference=False)
    answer = drift_points(store, MetricQuery(model="churn"))
    assert len(answer.points) == 4 * len(METRICS)
    assert {(p.value, p.status) for p in answer.points} == {(None, State.NOT_APPLICABLE)}
    assert all("no reference yet" in p.reason for p in answer.points)


def test_the_detail_is_what_the_metrics_say(fleet):
    day = Window(LAST, LAST + timedelta(days=1))
    detail = drift_detail(fleet, MetricQuery(model="churn", window=day))
    found = points(fleet, window=day)
    for one in detail.features:
        assert float(one.drift.psi) == found[one.feature, "psi", LAST.isoformat()].value
        assert float(one.drift.js_distance) == found[one.feature, "js_distance", LAST.isoformat()].value


def test_the_details_verdict_is_the_checks_own(fleet):
    day = Window(LAST, LAST + timedelta(days=1))
    detail = drift_detail(fleet, MetricQuery(model="churn", window=day))
    stored = recent_states(fleet, model="churn", count=1)[-1]
    whole = [one for one in stored.verdicts if not one.segment]
    checked = {one.feature: one for one in whole if one.check in ("feature_drift", "prediction_drift")}
    for one in detail.features:
        assert one.verdict.value == checked[one.feature].value
        assert one.verdict.raw_state is checked[one.feature].raw_state


def test_a_segments_detail_has_no_ordered_metrics(fleet):
    query = MetricQuery(model="churn", window=LAST_WEEK, slice=Slice(column="plan", level="max"))
    detail = drift_detail(fleet, query)
    assert {one.drift.ordered for one in detail.features} == {None}
    assert sum(int(one.drift.n) for one in detail.features if one.feature == "income") == len(
        rows(LAST_WEEK).filter(pl.col("plan") == "max")
    )


def test_the_history_of_a_feature_shows_where_it_moved(fleet):
    verdicts = drift_history(fleet, MetricQuery(model="churn"), "income", until=LAST + timedelta(days=1), count=20)
    raw = [v.raw_state for v in verdicts]
    assert raw == [State.HEALTHY] * 10 + [State.CRITICAL] * 10


def test_a_detail_of_many_windows_is_refused(fleet):
    with pytest.raises(BadInputError, match="one window"):
        drift_detail(fleet, MetricQuery(model="churn", every=Every.DAY))


def test_unknown_names_are_refused(fleet):
    with pytest.raises(NotFoundError):
        drift_points(fleet, MetricQuery(model="churn", version="v9"))
    with pytest.raises(BadInputError):
        drift_points(fleet, MetricQuery(model="churn", slice=Slice(column="income")))


def test_a_window_without_predictions_is_not_applicable(fleet):
    found = points(fleet, window=Window(date(2023, 1, 1), date(2023, 1, 8)))
    assert {p.status for p in found.values()} == {State.NOT_APPLICABLE}
    assert "no predictions" in found["income", "psi", "2023-01-01"].reason


def test_the_segments_that_carry_a_shift_are_ranked_and_small_ones_suppressed(fleet):
    found = drift_where(fleet, MetricQuery(model="churn", window=LAST_WEEK), "income")
    shares = [one.share for one in found.segments]
    assert shares == sorted(shares, reverse=True)
    assert sum(one.share for one in found.segments) == pytest.approx(1.0)
    assert found.segments[0].n > 50
    assert found.segments[0].low > 0.1
    assert drift_where(fleet, MetricQuery(model="churn", window=LAST_WEEK), "plan").segments == ()


def test_decisions_and_actuals_have_their_drift_and_wait_for_labels(fleet):
    day = Window(LAST, LAST + timedelta(days=1))
    detail = drift_detail(fleet, MetricQuery(model="churn", window=day))
    decisions, actuals = detail.outcomes
    assert decisions.drift.cell_names == ("not positive", "positive", "missing")
    assert int(decisions.drift.n) == 150
    assert actuals.verdict.state is State.NOT_APPLICABLE
    assert not detail.mature.mature
    early = Window(SERVED_START + timedelta(days=3), SERVED_START + timedelta(days=4))
    known = drift_detail(fleet, MetricQuery(model="churn", window=early))
    assert known.mature.mature
    assert known.outcomes[1].verdict.state is not State.NOT_APPLICABLE
    assert (
        drift_detail(fleet, MetricQuery(model="churn", window=day, slice=Slice(column="plan", level="basic"))).outcomes
        == ()
    )
