"""Models at the edge, end to end: a number is finite and has rows, or it is not applicable and says why."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from app import actions
from app.questions import FAMILIES, metric_query
from core.access.principal import LOCAL
from core.drift.service import drift_history
from core.errors import NotFoundError
from core.home.service import freeze_clock
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.states import State
from core.store.series import load_series
from tests.small_fleet import MODEL_YAML, frame

NOW = datetime(2024, 3, 12, tzinfo=UTC)
SERVED = date(2024, 3, 1)
REFERENCE = frame(date(2024, 1, 1), 30, seed=1)
LOG = frame(SERVED, 6, seed=2, prefix="s")
QUESTIONS = (
    {},
    {"every": "week"},
    {"by": "plan"},
    {"reference": "previous"},
    {"window": "2030-01-01..2030-01-08"},
)
MORE = (
    *QUESTIONS,
    {"every": "month"},
    {"reference": "same_weekday"},
    {"reference": "2020-01-01..2020-01-09"},
    {"role": "shadow"},
)
COARSE = ({}, {"by": "plan"}, {"reference": "previous"}, {"reference": "same_weekday"})
SEASONAL = MODEL_YAML.replace("unit: kUSD", "unit: kUSD, seasonal: true")
RANKING = MODEL_YAML.replace("score: score", "score: score\n  score_kind: ranking")
WEIGHTED = MODEL_YAML.replace("threshold: 0.5", "threshold: 0.5\n  weight: w")
UNDECIDED = MODEL_YAML.replace("threshold: 0.5", "threshold: null")
BATCHES = MODEL_YAML.replace("owner:", "grain: batch\ntime: {column: slice}\nowner:").replace("  timestamp: at\n", "")


def predictions(log=LOG):
    return log.drop("left")


def actuals(log=LOG):
    return log.select("id", "left", *([pl.col("at").alias("timestamp")] if "at" in log.columns else []))


class Edge:
    """A store with one model built from frames, and everything that can be asked of it."""

    def __init__(self, store, folder):
        self.store, self.folder = freeze_clock(store, LOCAL, NOW), folder

    def file(self, name, rows):
        path = self.folder / f"{name}.parquet"
        rows.write_parquet(path)
        return path

    def model(self, schema=MODEL_YAML):
        path = self.folder / "model.yaml"
        path.write_text(schema, encoding="utf-8")
        add_model(self.store, LOCAL, load_schema(path))
        return self

    def version(self, reference=REFERENCE):
        file = None if reference is None else self.file("reference", reference)
        actions.add_version(self.store, LOCAL, model="churn", version="v1", artifact=None, reference=file)
        return self

    def log(self, rows, labels=None, *, role="served"):
        files = [self.file("predictions", rows)]
        taken = actions.ingest(self.store, LOCAL, model="churn", version="v1", files=files, role=role)
        assert [file["quarantined"] for file in taken["files"]] == [0]
        if labels is not None:
            files = [self.file("actuals", labels)]
            actions.ingest_actuals(self.store, LOCAL, model="churn", files=files, all_days=False)
        return self

    def points(self, family, **options):
        return FAMILIES[family](self.store, metric_query(self.store, "churn", **options)).points

    def reasons(self, family, **options):
        return {(point.feature, point.metric): point.reason for point in self.points(family, **options)}

    def verdicts(self):
        return actions.check(self.store, LOCAL, model="churn")

    def must_be_honest(self, questions=QUESTIONS):
        for options in questions:
            for family in FAMILIES:
                if family == "quality" and "by" in options:
                    continue
                points = self.points(family, **options)
                assert points, (options, family)
                for point in points:
                    assert fault_of_point(point) == "", (options, point)
                json.dumps([point.document() for point in points], allow_nan=False)
        verdicts = self.verdicts()
        assert verdicts
        for verdict in verdicts:
            assert fault_of_verdict(verdict) == "", verdict
        json.dumps([verdict.document() for verdict in verdicts], allow_nan=False)
        return self


OF_ANY_ROW = {"freshness", "silence"}
"""Checks of when rows came in: one row is enough to be late."""


def fault_of_point(point):
    if (point.value is None) != (point.status is State.NOT_APPLICABLE):
        return "value and status differ"
    if point.value is None and not point.reason.removeprefix("not applicable: "):
        return "withheld without a word"
    if point.value is not None and point.n <= 0:
        return "a number of no rows"
    if point.value is not None and "not applicable" in point.reason:
        return "a number that is not applicable"
    low, high = point.ci_low, point.ci_high
    if point.metric not in ("psi", "psi_excess") and None not in (low, high):  # these are clipped at 0
        return "" if low - 1e-12 <= point.value <= high + 1e-12 else "outside its interval"
    return ""


def fault_of_verdict(verdict):
    if verdict.value is None and verdict.reason.startswith("still open since"):
        return "" if verdict.raw_state is State.NOT_APPLICABLE else "a judged window is told as open without a number"
    if (verdict.value is None) != (verdict.state is State.NOT_APPLICABLE):
        return "value and state differ"
    return "" if verdict.reason else "no reason"


@pytest.fixture
def edge(store, tmp_path):
    return Edge(store, tmp_path)


def test_an_unknown_model_in_an_empty_store_is_named(edge):
    with pytest.raises(NotFoundError, match="churn"):
        edge.points("drift")
    with pytest.raises(NotFoundError, match="churn"):
        edge.verdicts()


def test_a_model_without_a_version_says_so_in_every_check(edge):
    verdicts = edge.model().must_be_honest().verdicts()
    assert {verdict.state for verdict in verdicts} == {State.NOT_APPLICABLE}
    assert {verdict.reason for verdict in verdicts} == {"the model 'churn' has no version yet"}


def test_a_version_with_neither_reference_nor_log_says_what_it_waits_for(edge):
    verdicts = edge.model().version(None).must_be_honest(MORE).verdicts()
    assert all("no reference yet" in verdict.reason for verdict in verdicts)


def test_a_version_with_a_reference_and_no_log_says_what_it_waits_for(edge):
    verdicts = edge.model().version().must_be_honest().verdicts()
    assert {verdict.reason for verdict in verdicts} == {"no closed day with predictions yet"}
    assert {verdict.window_start for verdict in verdicts} == {date(2024, 3, 11)}


def test_too_few_rows_for_a_provisional_reference_are_said(edge):
    edge.model().version(None).log(predictions(LOG.head(300)), actuals(LOG.head(300))).must_be_honest()
    assert all("1,000 rows" in verdict.reason for verdict in edge.verdicts())


def test_a_provisional_reference_of_the_first_closed_days_is_compared_with_and_marked(edge):
    log = frame(SERVED, 10, seed=3, prefix="p")
    edge.model().version(None).log(predictions(log), actuals(log)).must_be_honest()
    drift = [verdict for verdict in edge.verdicts() if verdict.check == "feature_drift"]
    assert {verdict.state for verdict in drift} == {State.HEALTHY}
    assert all("day-to-day variation unknown; provisional reference" in verdict.reason for verdict in drift)
    assert all("provisional" in p.reason for p in edge.points("drift") if p.value is not None)
    with edge.store.read() as session:
        assert load_series(session, metric_query(edge.store, "churn"), NOW).layout.binning.provisional


def test_one_row_a_day_is_never_judged(edge):
    log = (
        LOG.group_by(pl.col("at").dt.date(), maintain_order=True)
        .first()
        .drop("at")
        .with_columns(at=pl.Series([datetime(2024, 3, 1 + day, 12, tzinfo=UTC) for day in range(6)]))
    )
    edge.model().version().log(predictions(log), actuals(log)).must_be_honest()
    judged = {verdict.check for verdict in edge.verdicts() if verdict.state is not State.NOT_APPLICABLE}
    assert judged <= OF_ANY_ROW


def test_a_day_with_one_row_is_widened_to_the_days_before(edge):
    log = LOG.head(5 * 150 + 1).sort("at").with_columns(at=pl.col("at"))
    edge.model().version().log(predictions(log), actuals(log)).must_be_honest()
    drift = [verdict for verdict in edge.verdicts() if verdict.check == "feature_drift"]
    assert {verdict.state for verdict in drift} == {State.HEALTHY}


def test_without_labels_performance_has_no_number(edge):
    edge.model().version().log(predictions()).must_be_honest(MORE)
    assert set(edge.reasons("performance").values()) == {"not applicable: no actuals yet"}
    empty = edge.reasons("performance", window="2030-01-01..2030-01-08")
    assert set(empty.values()) == {"not applicable: no predictions in this window"}


@pytest.mark.parametrize("label", [0, 1])
def test_labels_of_one_class_leave_only_what_one_class_can_tell(edge, label):
    edge.model().version().log(predictions(), actuals().with_columns(left=pl.lit(label))).must_be_honest()
    reasons = edge.reasons("performance")
    for metric in ("roc_auc", "average_precision", "recall", "f1", "mcc"):
        assert reasons[None, metric] == "not applicable: fewer than 5 rows of a class"


def test_a_reference_without_labels_allows_levels_but_no_change(edge):
    edge.model().version(REFERENCE.drop("left")).log(predictions(), actuals()).must_be_honest()
    changes = [one for one in edge.verdicts() if one.family == "performance" and one.check.endswith("_change")]
    assert {verdict.reason for verdict in changes} == {"the reference has no actuals to compare with"}
    assert all(point.value is not None for point in edge.points("performance"))


def test_a_reference_of_one_class_says_why_there_is_nothing_to_compare_with(edge):
    edge.model().version(REFERENCE.with_columns(left=pl.lit(1))).log(predictions(), actuals()).must_be_honest()
    auc = next(verdict for verdict in edge.verdicts() if verdict.check == "roc_auc_change")
    assert auc.reason == "the reference has no value to compare with: fewer than 5 rows of a class"


def test_a_reference_without_timestamps_has_no_weekdays_and_an_unknown_variation(edge):
    edge.model().version(REFERENCE.drop("at")).log(predictions(), actuals()).must_be_honest(MORE)
    weekday = edge.reasons("drift", reference="same_weekday")
    assert set(weekday.values()) == {"not applicable: the reference does not span 28 days with dates"}
    assert all("variation unknown" in v.reason for v in edge.verdicts() if v.check == "feature_drift")


def test_a_reference_of_few_rows_is_compared_with_nothing(edge):
    edge.model().version(REFERENCE.head(300)).log(predictions(), actuals()).must_be_honest()
    assert set(edge.reasons("drift").values()) == {"not applicable: fewer than 500 reference rows"}


def test_shadow_rows_are_no_live_windows(edge):
    edge.model().version().log(predictions(), actuals(), role="shadow").must_be_honest(MORE)
    assert {verdict.state for verdict in edge.verdicts()} == {State.NOT_APPLICABLE}
    assert all(point.value is not None for point in edge.points("performance", role="shadow"))


@pytest.mark.parametrize("reference_too", [False, True])
def test_a_constant_score_has_an_auc_of_one_half_and_no_infinite_drift(edge, reference_too):
    constant = pl.lit(0.25).alias("score")
    reference = REFERENCE.with_columns(constant) if reference_too else REFERENCE
    edge.model().version(reference).log(predictions().with_columns(constant), actuals()).must_be_honest()
    values = {point.metric: point.value for point in edge.points("performance")}
    assert values["roc_auc"] == 0.5
    assert values["mcc"] is None
    psi = next(p for p in edge.points("drift") if (p.feature, p.metric) == ("score", "psi"))
    assert (psi.value < 1e-12) if reference_too else (psi.value > 1)
    if reference_too:
        assert "constant" in edge.reasons("drift")["score", "wasserstein_scaled"]


def test_a_ranking_score_has_no_losses(edge):
    scaled = pl.col("score") * 100 - 50
    ranked = predictions().with_columns(score=scaled)
    edge.model(RANKING).version(REFERENCE.with_columns(score=scaled)).log(ranked, actuals()).must_be_honest()
    assert edge.reasons("performance")[None, "log_loss"].endswith("the score is not declared a probability")
    verdict = next(verdict for verdict in edge.verdicts() if verdict.check == "log_loss_change")
    assert verdict.state is State.NOT_APPLICABLE


def test_without_a_threshold_there_are_no_decisions(edge):
    edge.model(UNDECIDED).version().log(predictions(), actuals()).must_be_honest()
    assert "no threshold is declared" in edge.reasons("performance")[None, "accuracy"]
    assert next(p for p in edge.points("performance") if p.metric == "roc_auc").value is not None


def test_weights_rest_on_effective_rows_and_the_headline_counts_rows(edge):
    rng = np.random.default_rng(0)
    weighed = REFERENCE.with_columns(w=pl.Series(rng.exponential(size=len(REFERENCE))))
    log = predictions().with_columns(w=pl.Series(rng.exponential(size=len(LOG)) * 10))
    edge.model(WEIGHTED).version(weighed).log(log, actuals()).must_be_honest()
    accuracy = next(p for p in edge.points("performance") if p.metric == "accuracy")
    assert 40 < accuracy.n < 120
    assert next(p for p in edge.points("drift") if p.metric == "psi").n == 150
    from core.checks.service import latest_state

    headline = latest_state(edge.store, model="churn").headline
    assert (headline.n, headline.n_labelled) == (150, 150)


def test_weights_of_nothing_are_named(edge):
    weighed = REFERENCE.with_columns(w=pl.lit(1.0))
    edge.model(WEIGHTED).version(weighed).log(predictions().with_columns(w=pl.lit(0.0)), actuals()).must_be_honest()
    reasons = edge.reasons("performance")
    assert set(reasons.values()) == {"not applicable: every row with an actual has the weight 0"}


def test_a_feature_that_vanished_is_a_matter_of_missing_values_only(edge):
    gone = predictions().with_columns(income=pl.lit(None, pl.Float64))
    edge.model().version().log(gone, actuals()).must_be_honest()
    found = {verdict.check: verdict for verdict in edge.verdicts() if verdict.feature == "income"}
    assert found["missing_share"].state is State.CRITICAL
    assert found["feature_drift"].state is State.NOT_APPLICABLE


def test_a_feature_that_the_reference_never_held_is_missing_less_often_and_has_no_range(edge):
    empty = REFERENCE.with_columns(income=pl.lit(None, pl.Float64), plan=pl.lit(None, pl.String))
    edge.model().version(empty).log(predictions(), actuals()).must_be_honest()
    found = {(verdict.feature, verdict.check): verdict for verdict in edge.verdicts()}
    assert found["income", "missing_share"].raw_state is State.CRITICAL
    for key in (("income", "out_of_range_share"), ("plan", "unseen_share"), ("income", "feature_drift")):
        assert found[key].state is State.NOT_APPLICABLE
    quality = edge.reasons("quality")
    assert quality["income", "out_of_range_share"] == "not applicable: the reference holds no value of this feature"


@pytest.mark.parametrize("factor", [float("inf"), 1e306])
def test_values_that_no_sum_can_hold_withhold_the_distance_but_not_the_drift(edge, factor):
    log = predictions().with_columns(income=pl.col("income") * factor)
    edge.model().version().log(log, actuals()).must_be_honest()
    reasons = edge.reasons("drift")
    assert reasons["income", "wasserstein"].startswith("not applicable: ")
    drift = next(v for v in edge.verdicts() if (v.feature, v.check) == ("income", "feature_drift"))
    assert drift.state is State.CRITICAL


@pytest.mark.parametrize(("grain", "back", "before"), [("month", 29, 31), ("year", 1096, 365)])
def test_coarser_grains_have_no_weekdays_and_find_the_unit_before_although_it_is_longer(edge, grain, back, before):
    schema = MODEL_YAML.replace("owner:", f"grain: {grain}\nowner:")
    now = LOG.with_columns(at=pl.col("at") - timedelta(days=back))  # in 2021, or in February 2024
    log = pl.concat([now, now.with_columns(at=pl.col("at") - timedelta(days=before), id="b" + pl.col("id"))])
    edge.model(schema).version().log(predictions(log), actuals(log)).must_be_honest(COARSE)
    assert all(p.value is not None for p in edge.points("drift", reference="previous") if p.metric == "psi")
    query = metric_query(edge.store, "churn", reference="previous")
    past = drift_history(edge.store, query, "income", until=date(2024, 3 if grain == "month" else 1, 1), count=5)
    assert [verdict.raw_state for verdict in past] == [State.NOT_APPLICABLE, State.HEALTHY]
    assert set(edge.reasons("drift", reference="same_weekday").values()) == {
        "not applicable: only daily logs have weekdays"
    }


def test_numbered_batches_are_judged_without_dates(edge):
    def numbered(rows):
        return rows.with_columns(slice=pl.int_range(pl.len()) // 300).drop("at")

    log = numbered(LOG)
    edge.model(BATCHES).version(numbered(REFERENCE)).log(predictions(log), actuals(log)).must_be_honest(COARSE)
    drift = [verdict for verdict in edge.verdicts() if verdict.check == "feature_drift"]
    assert {verdict.state for verdict in drift} == {State.HEALTHY}
    assert {point.window_start for point in edge.points("drift")} == {"2"}


def test_a_seasonal_feature_waits_for_its_first_28_days(edge):
    edge.model(SEASONAL).version().log(predictions(), actuals()).must_be_honest()
    found = {verdict.check: verdict for verdict in edge.verdicts() if verdict.feature == "income"}
    assert found["feature_drift"].reason == "seasonal: judged after the version's first 28 days"
    assert found["out_of_range_share"].state is State.NOT_APPLICABLE


def test_hostile_levels_are_counted_and_a_segment_of_one_row_is_not_judged(edge):
    levels = pl.Series(["", "ß∂ 😀", "a\nb", "null", "NaN"] * (len(REFERENCE) // 5))
    log = predictions().with_columns(
        plan=pl.when(pl.int_range(pl.len()) == len(LOG) - 1).then(pl.lit("")).otherwise(pl.lit("ß∂ 😀"))
    )
    edge.model().version(REFERENCE.with_columns(plan=levels)).log(log, actuals()).must_be_honest()
    by_level = {p.segment["plan"]: p for p in edge.points("drift", by="plan") if p.metric == "psi"}
    assert by_level["ß∂ 😀"].value is not None
    assert by_level["NaN"].reason.startswith("not applicable: no predictions")
