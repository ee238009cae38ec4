"""Which rows and windows a question means: a challenger that only ran in shadow is asked for its shadow rows."""

from datetime import date

import pytest

from app import actions
from app.questions import metric_query, query_of_job
from app.reading import query_of
from app.views import Selection
from core.access.principal import LOCAL
from core.errors import BadInputError, NotEnoughDataError
from core.inventory.service import add_model, closed_units, role_of
from core.log.schema import load_schema
from core.performance.service import performance_points
from tests.small_fleet import write_files


@pytest.fixture
def challenged(fleet, tmp_path):
    """Return the small fleet with a version that ran in shadow, and one that never ran."""
    files = write_files(tmp_path / "files")
    for version in ("v2", "v3"):
        actions.add_version(fleet, LOCAL, model="churn", version=version, artifact=None, reference=files.reference)
    actions.ingest(fleet, LOCAL, model="churn", version="v2", files=[files.predictions], role="shadow")
    return fleet


def chosen(version):
    return Selection(model="churn", version=version, window="1d", reference="training", segment="all")


def test_a_version_that_was_live_is_looked_at_by_its_live_rows(challenged):
    assert role_of(challenged, "churn", "v1") is None
    assert query_of(challenged, chosen("v1")).role is None


def test_a_shadow_is_looked_at_by_its_shadow_rows_up_to_its_last_closed_unit(challenged):
    assert role_of(challenged, "churn", "v2") == "shadow"
    units = closed_units(challenged, "churn", "v2", "shadow")
    assert (units[0], units[-1]) == (date(2024, 3, 1), date(2024, 4, 9))
    query = query_of(challenged, chosen("v2"))
    assert (query.role, query.window.start) == ("shadow", date(2024, 4, 9))
    points = performance_points(challenged, query_of(challenged, Selection(**{**chosen("v2").query(), "window": "7d"})))
    assert max(point.n for point in points.points) > 500


def test_a_job_asks_the_same_question_as_the_page(challenged):
    asked = {"model": "churn", "version": "v2", "window": "2024-04-09..2024-04-10", "segment": "all"}
    assert query_of_job(challenged, asked) == query_of(challenged, chosen("v2"))


def test_a_version_that_never_ran_says_how_to_hand_in_its_log(challenged):
    assert role_of(challenged, "churn", "v3") is None
    with pytest.raises(NotEnoughDataError, match="watchroom ingest churn v3 FILE"):
        query_of(challenged, chosen("v3"))


@pytest.mark.parametrize("grain", ["year", "batch"])
def test_the_models_own_grain_may_be_asked_for_and_no_other_word_is_added(store, grain):
    text = (
        "{model: m, task: binary, owner: o, grain: %s, time: {column: t}, "
        "columns: {prediction_id: i, score: s, features: {numeric: [a]}}}"
    )
    add_model(store, LOCAL, schema=load_schema(text % grain))
    assert metric_query(store, "m", every=grain).every == grain
    assert metric_query(store, "m", every="month").every == "month"  # refused where it is cut
    other = {"year": "batch", "batch": "year"}[grain]
    with pytest.raises(BadInputError, match=f"takes day, week, month or {grain}, not '{other}'"):
        metric_query(store, "m", every=other)
