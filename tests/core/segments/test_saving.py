"""Saved segments from the first save to the numbers: counted as if the log held their rows alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from sklearn import metrics as sk
from sqlalchemy import func, select

from app import actions
from core.access.principal import LOCAL, Principal, Role
from core.attribution import service as attribution_service
from core.drift.service import drift_points
from core.errors import BadInputError, NotEnoughDataError, NotFoundError, RefusedError
from core.inventory import service as inventory
from core.jobs.service import latest_job
from core.log.schema import from_document, load_schema
from core.performance.service import performance_points
from core.profile.kernel import profile
from core.profile.service import build_profiles, count_segments
from core.quality.service import quality_points
from core.segments.filters import Condition, Filter, to_text
from core.segments.service import retire_segment, save_segment, saved_segments, segment_progress
from core.selection import MetricQuery
from core.store import models as stored_models
from core.store import profiles as stored
from core.store import saved_segments as stored_segments
from core.store.explained_rows import load_explained
from core.store.series import load_history, load_series
from core.store.tables import AuditRow, SegmentProfileRow
from core.windows import Window
from tests.small_fleet import DAYS, MODEL_YAML, REFERENCE_START, SERVED_START, frame

WANTED = Filter(conditions=(Condition(column="plan", levels=("plus", "max")), Condition(column="age", high=50.0)))
NAME = "young payers"
WEEK = Window(date(2024, 3, 10), date(2024, 3, 17))
UNITS = 2 * DAYS
NOW = datetime.fromisoformat("2024-04-10T00:00:00+00:00")


def save(store, name=NAME, wanted=WANTED, principal=LOCAL):
    return save_segment(store, principal, model="churn", name=name, where=to_text(wanted))


@pytest.fixture
def counted(fleet):
    save(fleet)
    assert count_segments(fleet, LOCAL, model="churn") == UNITS
    return fleet


def kept(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("plan").is_in(["plus", "max"]) & (pl.col("age") <= 50))


def week() -> pl.DataFrame:
    served = frame(SERVED_START, DAYS, seed=2, shift_from=30, prefix="s")
    return kept(served).filter(pl.col("at").dt.date().is_between(WEEK.start, WEEK.end, closed="left"))


def query(**changes):
    return replace(MetricQuery(model="churn", window=WEEK, saved=NAME), **changes)


def values(answer, **where):
    return {
        point.metric: point
        for point in answer.points
        if all(getattr(point, name) == value for name, value in where.items())
    }


def test_before_its_rows_are_counted_every_number_says_how_far_that_is(fleet):
    save(fleet)
    assert segment_progress(fleet, model="churn", version=None, name=NAME).total == UNITS
    for points in (performance_points, quality_points, drift_points):
        found = points(fleet, query()).points
        assert found
        reason = "not applicable: the saved segment @young payers is still being counted: 0 of 80 units are done"
        assert {point.reason for point in found} == {reason}
        assert all(point.value is None for point in found)


def test_performance_of_a_saved_segment_is_that_of_its_rows_alone(counted):
    rows = week()
    found = values(performance_points(counted, query()))
    y, score = rows["left"].to_numpy(), rows["score"].to_numpy()
    decided = score >= 0.5
    exact = {
        "precision": sk.precision_score(y, decided),
        "recall": sk.recall_score(y, decided),
        "f1": sk.f1_score(y, decided),
        "accuracy": sk.accuracy_score(y, decided),
        "brier_score": sk.brier_score_loss(y, score),
        "log_loss": sk.log_loss(y, score),
    }
    for name, value in exact.items():
        assert found[name].value == pytest.approx(value, abs=1e-9), name
        assert found[name].n <= len(rows)
    assert found["roc_auc"].value == pytest.approx(sk.roc_auc_score(y, score), abs=2e-4)


def test_quality_and_drift_of_a_saved_segment_are_of_its_rows_alone(counted):
    rows = week()
    missing = values(quality_points(counted, query()), feature="income")["missing_share"]
    assert (missing.value, missing.n) == (0.0, len(rows))
    ks = values(drift_points(counted, query()), feature="income")["ks_statistic"]
    reference = kept(frame(REFERENCE_START, DAYS, seed=1))
    both = np.concatenate([reference["income"], rows["income"]])
    exact = max(
        abs((reference["income"].to_numpy() <= x).mean() - (rows["income"].to_numpy() <= x).mean()) for x in both
    )
    assert ks.value == pytest.approx(exact, abs=0.012)  # fine bins; the reference is filtered as well


def test_every_vector_is_that_of_a_profile_of_the_filtered_rows(counted):
    with counted.read() as session:
        series = load_series(session, query(window=Window(SERVED_START, SERVED_START + timedelta(days=3))), NOW)
        version, binning = series.version, series.layout.binning
        whole = stored.load(session, version_id=version.id, role="served", binning_id=binning.id)
    ids = binning.sources
    rows = kept(frame(SERVED_START, DAYS, seed=2, shift_from=30, prefix="s"))
    for place, day in enumerate(series.current.days):
        of_day = rows.filter(pl.col("at").dt.date() == day)
        columns = {ids[name]: of_day[name].to_arrow() for name in ("income", "age")}
        plan = of_day["plan"].to_arrow().cast(pa.string())
        table = pa.table(
            {**columns, ids["plan"]: plan, "score": of_day["score"].to_numpy(), "actual": of_day["left"].to_numpy()}
        )
        made = profile(table, binning, layout=series.layout)
        for name in ("score_counts", "confusion", "segment_confusion", "feature:income", "cells:income", "totals"):
            block = series.layout.ints[name]
            np.testing.assert_array_equal(block.of(series.current.ints[place]), block.of(made.ints), name)
        for name, block in series.layout.floats.items():
            got = block.of_floats(series.current.floats[place])
            np.testing.assert_allclose(got, block.of_floats(made.floats), atol=1e-9, err_msg=name)
    assert (whole.ints[:3] >= series.current.ints).all()


def test_a_segment_and_the_rest_add_up_to_all_rows(counted):
    conditions = (Condition(column="age", low=50.0), Condition(column="age", high=50.0))
    for name, condition in zip(("old", "young"), conditions, strict=True):
        save(counted, name=name, wanted=Filter(conditions=(condition,)))
    assert count_segments(counted, LOCAL, model="churn") == UNITS
    with counted.read() as session:
        parts = [load_series(session, query(saved=name), NOW) for name in ("old", "young")]
        whole = load_series(session, query(saved=None), NOW)
    for side in ("current", "reference"):
        summed = sum(getattr(part, side).ints for part in parts)
        np.testing.assert_array_equal(summed, getattr(whole, side).ints)


def test_a_day_that_is_profiled_again_brings_its_segments_along(counted, tmp_path):
    more = frame(date(2024, 3, 12), 1, seed=9, prefix="late").drop("left")
    more.write_parquet(tmp_path / "more.parquet")
    before = values(quality_points(counted, query()), feature="income")["missing_share"].n
    actions.ingest(counted, LOCAL, model="churn", version="v1", files=[tmp_path / "more.parquet"], role="served")
    after = values(quality_points(counted, query()), feature="income")["missing_share"].n
    assert after == before + kept(more).height
    assert count_segments(counted, LOCAL, model="churn") == 0


def test_a_day_without_a_row_of_the_segment_is_counted_as_zero_rows(fleet):
    save(fleet, wanted=Filter(conditions=(Condition(column="age", low=200.0),)))
    count_segments(fleet, LOCAL, model="churn")
    assert segment_progress(fleet, model="churn", version="v1", name=NAME).complete
    found = values(performance_points(fleet, query()))
    assert all(point.value is None and point.reason.startswith("not applicable") for point in found.values())


def test_a_new_reference_and_binning_are_followed(counted, tmp_path):
    frame(REFERENCE_START, 10, seed=5).write_parquet(tmp_path / "other.parquet")
    actions.add_version(
        counted, LOCAL, model="churn", version="v1", artifact=None, reference=tmp_path / "other.parquet"
    )
    progress = segment_progress(counted, model="churn", version="v1", name=NAME)
    assert (progress.done, progress.total) == (DAYS + 10, DAYS + 10)
    with counted.read() as session:
        series = load_series(session, query(), NOW)
    assert (
        series.reference.ints[:, series.layout.ints["totals"].start].sum()
        == kept(frame(REFERENCE_START, 10, seed=5)).height
    )


def test_a_build_counts_what_no_worker_counted(fleet):
    save(fleet)
    build_profiles(fleet, LOCAL, model="churn")
    assert segment_progress(fleet, model="churn", version=None, name=NAME).complete


def test_history_of_a_segment_is_that_of_its_rows(counted):
    with counted.read() as session:
        version = stored_models.version_by_name(session, 1, "v1")
        history = load_history(session, version, start=WEEK.start, end=WEEK.end, saved=NAME)
    n = history.log.ints[:, history.layout.ints["totals"].start]
    assert int(n.sum()) == week().height


def test_a_provisional_reference_is_filtered_from_the_rows_that_stand_in_for_it(fleet, tmp_path):
    inventory.add_version(fleet, LOCAL, model="churn", version="v2", artifact_sha256=None, has_reference=False)
    rows = frame(SERVED_START, 12, seed=7, prefix="second")
    rows.drop("left").write_parquet(tmp_path / "v2.parquet")
    actions.ingest(fleet, LOCAL, model="churn", version="v2", files=[tmp_path / "v2.parquet"], role="shadow")
    save(fleet)
    count_segments(fleet, LOCAL, model="churn")
    with fleet.read() as session:
        version = stored_models.version_by_name(session, 1, "v2")
        history = load_history(session, version, saved=NAME)
        whole = load_history(session, version)
    days = whole.reference.days
    assert version.provisional
    n = history.reference.ints[:, history.layout.ints["totals"].start]
    assert n.sum() == kept(rows).filter(pl.col("at").dt.date().is_in(list(days))).height
    assert 0 < n.sum() < whole.reference.ints[:, whole.layout.ints["totals"].start].sum()


def test_a_segment_that_does_not_fit_a_version_says_so_and_stops_nothing(counted):
    schema = inventory.model_detail(counted, "churn").schema
    document = schema.document()
    columns = {**document["columns"], "protected": ["region", "age"]}
    inventory.add_model(counted, LOCAL, from_document({**document, "columns": columns}))
    found = performance_points(counted, query()).points
    assert {point.reason for point in found} == {
        "not applicable: the saved segment @young payers reads 'age', which is protected by now"
    }
    with pytest.raises(BadInputError, match="'age' is protected"):
        save(counted, name="again")
    assert count_segments(counted, LOCAL, model="churn") == 0


def test_a_retired_segment_is_gone_and_its_name_free(counted):
    retired = retire_segment(counted, LOCAL, model="churn", name=NAME, reason="nobody looks at it")
    assert retired.name == NAME
    assert saved_segments(counted, "churn") == ()
    with counted.read() as session:
        assert session.scalar(select(func.count()).select_from(SegmentProfileRow)) == 0
    with pytest.raises(NotFoundError, match="has no saved segment 'young payers'; saved: none"):
        performance_points(counted, query())
    with pytest.raises(NotFoundError, match="has no saved segment"):
        retire_segment(counted, LOCAL, model="churn", name=NAME, reason="")
    assert save(counted).name == NAME


def test_saving_and_retiring_are_written_down_and_need_the_right(fleet):
    viewer = Principal("ana", frozenset({Role.VIEWER}))
    with pytest.raises(RefusedError, match="may not"):
        save(fleet, principal=viewer)
    with pytest.raises(RefusedError, match="may not"):
        retire_segment(fleet, viewer, model="churn", name=NAME, reason="")
    with pytest.raises(RefusedError, match="may not"):
        count_segments(fleet, viewer, model="churn")
    save(fleet)
    retire_segment(fleet, LOCAL, model="churn", name=NAME, reason="no use")
    with fleet.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.object_type == "segment")).all()
        found = [(row.action, row.object_id, row.reason) for row in rows]
    assert found == [
        ("segments:segment:save", "churn/@young payers", ""),
        ("segments:segment:retire", "churn/@young payers", "no use"),
    ]


def test_a_name_twice_or_an_unknown_model_is_refused(fleet):
    save(fleet)
    with pytest.raises(BadInputError, match="already"):
        save(fleet)
    with pytest.raises(NotFoundError, match="nobody"):
        save_segment(fleet, LOCAL, model="nobody", name="x", where=to_text(WANTED))
    with pytest.raises(NotFoundError, match="nobody"):
        count_segments(fleet, LOCAL, model="nobody")
    with pytest.raises(NotFoundError, match="nobody"):
        saved_segments(fleet, "nobody")


def test_saving_through_the_application_queues_the_counting(fleet):
    saved = actions.save_segment(fleet, LOCAL, model="churn", name=NAME, where=to_text(WANTED))
    job = latest_job(fleet, actions.SAVED_SEGMENT, actions.segment_job("churn", saved.label))
    assert job is not None
    assert job.is_open


def test_progress_of_a_model_without_a_version_is_not_enough_data(store):
    inventory.add_model(store, LOCAL, load_schema(MODEL_YAML))
    save_segment(store, LOCAL, model="churn", name=NAME, where=to_text(WANTED))
    with pytest.raises(NotEnoughDataError, match="no version yet"):
        segment_progress(store, model="churn", version=None, name=NAME)
    with store.read() as session:
        assert stored_segments.lacking(session, stored_models.model_by_name(session, "churn")) == ()


def test_explanations_of_a_saved_segment_are_of_its_rows_and_stored_beside_those_of_all(counted):
    inside = to_text(Filter(conditions=(Condition(column="income", high=50.0),)))
    with counted.read() as session:
        found = load_explained(session, counted, query(), inside, NOW)
        whole = load_explained(session, counted, query(saved=None), inside, NOW)
    assert [one.column for one in found.part.where.conditions] == ["plan", "age", "income"]
    assert [one.column for one in whole.part.where.conditions] == ["income"]
    assert found.material.n_rows == week().height


def test_inputs_of_both_sides_are_compared_over_all_rows_only(counted):
    with pytest.raises(NotEnoughDataError, match="over all rows, not over a saved segment"):
        attribution_service.shift(counted, query(), "accuracy")
    split = attribution_service.attribution(counted, query(), "plan", "accuracy")
    assert split.n_current == week().height
