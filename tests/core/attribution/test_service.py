"""What changed, over a real store: from profiles alone, and from rows once and never again."""

from datetime import date

import numpy as np
import pytest

from core.access.principal import LOCAL, Principal, Role
from core.attribution.service import attribution, find_multivariate, find_shift, multivariate, shift
from core.audit.actions import AuditAction
from core.errors import BadInputError, NotEnoughDataError, RefusedError
from core.performance.service import against_reference
from core.selection import MetricQuery, Reference, ReferenceKind
from core.store.tables import AuditRow
from core.windows import Window

MONTH = Window(date(2024, 2, 1), date(2024, 3, 1))
VIEWER = Principal("vera", frozenset({Role.VIEWER}))


def query(model, window=MONTH, **how):
    return MetricQuery(model=model, window=window, **how)


def parts_of(change):
    return sum(one.total for one in change.parts)


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1", "brier_score", "log_loss", "roc_auc"])
def test_parts_add_up_to_the_change_that_performance_shows(fleet, metric):
    window = Window(date(2024, 2, 26), date(2024, 3, 18))
    found = attribution(fleet, query("churn", window), "plan", metric)
    if found.change is None:
        pytest.skip(found.why_not)
    point, before = against_reference(fleet, query("churn", window), metric)
    assert parts_of(found.change) == pytest.approx(found.change.change.value, abs=1e-12)
    bound = found.change.bound + 1e-9
    assert found.change.change.value == pytest.approx(point.value - before, abs=bound)
    if metric == "roc_auc":
        assert found.change.finer == pytest.approx(point.value - before, abs=1e-12)


@pytest.mark.parametrize(("model", "metric"), [("sales", "mae"), ("sales", "rmse"), ("sales", "value_per_row")])
def test_a_regression_is_split_too(valued, model, metric):
    found = attribution(valued, query(model), None, metric)
    assert found.change is not None
    assert parts_of(found.change) == pytest.approx(found.change.change.value, abs=1e-9)
    assert sum(one.n_current for one in found.change.parts) == found.n_current


def test_the_window_before_can_be_the_reference(valued):
    week = Window(date(2024, 3, 11), date(2024, 3, 18))
    found = attribution(valued, query("sales", week, reference=Reference(kind=ReferenceKind.PREVIOUS)))
    assert found.compared == "2024-03-04..2024-03-11"
    assert found.n_reference > 0
    assert found.change is not None


def test_what_is_no_mean_is_shown_by_segment_alone(valued):
    found = attribution(valued, query("sales"), None, "r2")
    assert found.change is None
    assert found.why_not.startswith("its change cannot be split")
    assert found.changes


def test_an_unknown_metric_is_refused(valued):
    with pytest.raises(BadInputError, match="no metric of this model"):
        attribution(valued, query("sales"), None, "roc_auc")


def test_a_model_without_segments_says_so(valued):
    found = attribution(valued, query("tickets"))
    assert found.change is None
    assert found.why_not == "model.yaml names no segment columns"


def test_a_shift_is_worked_out_once_and_its_storing_is_audited(valued):
    asked = query("sales")
    assert shift(valued, asked, "mae") is None
    said = []
    found = find_shift(valued, LOCAL, asked, "mae", report=lambda share, what: said.append((share, what)))
    assert shift(valued, asked, "mae") == found
    assert said[0][1] == "reading a sample of rows of both sides"
    with valued.read() as session:
        stored = session.query(AuditRow).filter(AuditRow.action == AuditAction.ANALYSIS_STORED.value).count()
    assert find_shift(valued, LOCAL, asked, "mae") == found
    with valued.read() as session:
        again = session.query(AuditRow).filter(AuditRow.action == AuditAction.ANALYSIS_STORED.value).count()
    assert stored == again == 1


def test_the_rows_of_a_shift_are_those_of_the_profiles(valued):
    found = find_shift(valued, LOCAL, query("sales"), "mae")
    split = attribution(valued, query("sales"), None, "mae").change
    assert found.now == pytest.approx(split.now, abs=1e-9)
    assert np.isfinite(found.before)


def test_a_viewer_may_not_run_analyses(valued):
    with pytest.raises(RefusedError):
        find_shift(valued, VIEWER, query("sales"), "mae")
    with pytest.raises(RefusedError):
        find_multivariate(valued, VIEWER, query("sales"))


def test_limits_of_all_inputs_need_a_large_reference(valued):
    assert multivariate(valued, query("sales")) is None
    with pytest.raises(NotEnoughDataError, match="needed for limits"):
        find_multivariate(valued, LOCAL, query("sales"))


def test_drift_of_all_inputs_is_stored(fleet):
    asked = query("churn", Window(date(2024, 3, 18), date(2024, 3, 25)))
    found = find_multivariate(fleet, LOCAL, asked)
    assert multivariate(fleet, asked) == found
    assert found.points[-1].end == "2024-03-25"
    assert len(found.points) <= 26


def test_too_few_actuals_are_said_before_any_work(fleet):
    found = attribution(fleet, MetricQuery(model="churn"), "plan", "accuracy")
    assert (
        found.no_cause == "the window has 0 rows with an actual; at least 200 are wanted to tell inputs from relation"
    )
