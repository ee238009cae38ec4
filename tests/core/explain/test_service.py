import numpy as np
import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import BadInputError, NotEnoughDataError, NotFoundError, RefusedError
from core.explain import service
from core.explain.counterfactuals import Target
from core.segments.filters import Condition, Filter, to_text
from core.selection import MetricQuery, Slice
from core.store.audit import head
from core.windows import Grain, parse_window
from tests.explained_fleet import FEATURES, scores, shap_of

QUERY = MetricQuery(model="churn", version="v1")
LOGGED = MetricQuery(model="logged", version="v1")
VIEWER = Principal("vera", frozenset({Role.VIEWER}))


def seq(store) -> int:
    with store.read() as session:
        found = head(session)
    return found[0]


def test_the_values_are_those_of_shap_called_directly_and_add_up(explained, churn):
    found = service.explain(explained, LOCAL, QUERY)
    ids = found.rows["id"].to_pylist()
    rows = churn.served.filter(churn.served["id"].is_in(ids)).sort("id")
    values, base = shap_of(churn.model, rows)
    order = np.argsort(ids)
    np.testing.assert_allclose(found.values[order], values, atol=1e-9)
    assert found.base == pytest.approx(base, abs=1e-9)
    assert found.additivity_error <= 1e-6
    assert found.score_gap == pytest.approx(0.0, abs=1e-9)


def test_an_explanation_is_worked_out_once_and_written_down_once(explained):
    assert service.explanation(explained, QUERY) is None
    before = seq(explained)
    first = service.explain(explained, LOCAL, QUERY)
    after = seq(explained)
    again = service.explain(explained, LOCAL, QUERY)
    stored = service.explanation(explained, QUERY)
    assert (after - before, seq(explained)) == (1, after)
    assert stored is not None
    assert stored.document() == first.document() == again.document()
    assert stored.rows.equals(first.rows)


def test_logged_values_give_the_same_importance_as_the_model_file(explained):
    of_file, of_log = service.explain(explained, LOCAL, QUERY), service.explain(explained, LOCAL, LOGGED)
    assert (of_file.origin.source, of_log.origin.source) == ("artefact", "logged")
    for one, other in zip(of_file.importance, of_log.importance, strict=True):
        assert (one.feature, one.value) == (other.feature, pytest.approx(other.value, abs=1e-9))


def test_the_sample_is_seeded_stated_and_of_the_rows_that_are_meant(explained):
    week = MetricQuery(model="logged", version="v1", window=parse_window("2024-04-03..2024-04-10", Grain.DAY))
    found = service.explain(explained, LOCAL, week, n=100)
    assert (found.n, found.origin.n_rows, found.origin.seed) == (100, 1050, 0)
    where = to_text(Filter(conditions=(Condition(column="plan", levels=("max",)),)))
    part = service.explain(explained, LOCAL, week, where=where, n=50)
    assert set(part.rows["value:plan"].to_pylist()) == {"max"}
    assert part.origin.n_rows < 1050
    of_segment = service.explain(
        explained,
        LOCAL,
        MetricQuery(model="logged", version="v1", window=week.window, slice=Slice(column="plan", level="max")),
        n=50,
    )
    assert of_segment.origin.n_rows == part.origin.n_rows


def test_a_row_of_the_sample_needs_no_model_file_and_its_protected_value_is_withheld(explained):
    found = service.explain(explained, LOCAL, QUERY)
    row = str(found.rows["id"][0].as_py())
    one = service.row_in_sample(explained, QUERY, found, row)
    assert one is not None
    assert set(one.values) == {"income", "plan"}
    assert [bar.features for bar in one.bars if bar.withheld] == [("income", "age")]
    assert one.base + sum(bar.phi for bar in one.bars) == pytest.approx(one.margin, abs=1e-9)
    assert found.rows["value:age"].null_count == found.n
    assert service.row_in_sample(explained, QUERY, found, "nobody") is None


def test_every_view_of_every_row_withholds_the_same_sum(explained):
    """Two views of a row with different sums would give the hidden value by their difference."""
    of_file, of_log = service.explain(explained, LOCAL, QUERY), service.explain(explained, LOCAL, LOGGED, n=7, seed=3)
    ids = [str(one) for one in of_log.rows["id"].to_pylist()]
    views = [
        *(service.row_in_sample(explained, QUERY, of_file, row) for row in ids),
        *(service.row_in_sample(explained, LOGGED, of_log, row) for row in ids),
        service.explain_row(explained, LOCAL, QUERY, ids[0]),
        service.explain_row(explained, LOCAL, QUERY, ids[0], changes={"income": 70.0}),
        service.explain_row(explained, LOCAL, LOGGED, ids[0]),
    ]
    sums = {bar.features for view in views if view is not None for bar in view.bars if bar.withheld}
    assert sums == {("income", "age")}


def test_any_row_of_the_log_is_found_explained_and_kept(explained, churn):
    one = service.explain_row(explained, LOCAL, QUERY, "s000003")
    row = churn.served.filter(churn.served["id"] == "s000003")
    values, _ = shap_of(churn.model, row)
    told = {bar.features: bar.phi for bar in one.bars}
    assert told[("plan",)] == pytest.approx(values[0, 2], abs=1e-9)
    assert told[("income", "age")] == pytest.approx(values[0, :2].sum(), abs=1e-9)
    assert one.prediction == pytest.approx(scores(churn.model, row)[0], abs=1e-9)
    assert service.stored_row(explained, QUERY, "s000003") == one
    assert one.command_line(model="churn", version="v1")["row"] == "s000003"


def test_other_values_get_a_new_score_from_the_model(explained, churn):
    row = churn.served.filter(churn.served["id"] == "s000003")
    changed = service.explain_row(explained, LOCAL, QUERY, "s000003", changes={"income": 70.0})
    assert changed.prediction == pytest.approx(
        scores(churn.model, row.with_columns(income=70.0 * (row["income"] / row["income"])))[0], abs=1e-9
    )
    assert changed.changes == {"income": 70.0}
    assert service.stored_row(explained, QUERY, "s000003") is None


def test_the_nearest_other_rows_cross_the_threshold_and_keep_what_is_protected(explained):
    found = service.find_counterfactuals(explained, LOCAL, QUERY, "s000003")
    assert found.found
    assert not [one for one in found.found if "age" in one.changes]
    assert all(bool(found.target.met(np.array([one.prediction]))[0]) for one in found.found)
    assert service.stored_counterfactuals(explained, QUERY, "s000003") == found
    assert service.stored_counterfactuals(explained, QUERY, "s000003", target=Target(level=0.9, above=True)) is None


def test_who_may_not_run_analyses_is_refused(explained):
    for ask in (
        lambda: service.explain(explained, VIEWER, QUERY),
        lambda: service.explain_row(explained, VIEWER, QUERY, "s000003"),
        lambda: service.find_counterfactuals(explained, VIEWER, QUERY, "s000003"),
    ):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert refused.value.code == "not_allowed"


def test_what_cannot_be_answered_says_why(explained, fleet):
    with pytest.raises(NotEnoughDataError, match="neither a model file nor logged SHAP values"):
        service.explain(fleet, LOCAL, QUERY)
    with pytest.raises(NotFoundError, match="no prediction 'nobody'"):
        service.explain_row(explained, LOCAL, LOGGED, "nobody")
    with pytest.raises(NotEnoughDataError, match="a change needs the model file"):
        service.explain_row(explained, LOCAL, LOGGED, "s000003", changes={"income": 50.0})
    with pytest.raises(BadInputError, match="withheld"):
        service.explain_row(explained, LOCAL, QUERY, "s000003", changes={"age": 50.0})
    with pytest.raises(NotEnoughDataError, match="model file"):
        service.find_counterfactuals(explained, LOCAL, LOGGED, "s000003")
    with pytest.raises(BadInputError, match="protected"):
        service.explain(explained, LOCAL, QUERY, where='[{"column":"age","above":30}]')


def test_the_expected_time_grows_with_the_model_file(explained):
    assert service.expected_seconds(explained, QUERY) > service.expected_seconds(explained, LOGGED)


def test_importance_is_told_of_every_feature(explained):
    document = service.explain(explained, LOCAL, LOGGED).command_line()
    assert {one["feature"] for one in document["points"]} == set(FEATURES)
    assert (document["units"], document["row"], document["n"]) == ("log-odds", None, 150)
