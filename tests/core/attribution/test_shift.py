"""The truth of simulations: what moved is said, what cannot be known is not; and real concept drift is not excused."""

import json

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from core.attribution.attribution import Amount
from core.attribution.inputs import fit_inputs
from core.attribution.row_metrics import Outcomes
from core.attribution.shift import (
    Shift,
    Side,
    Verdict,
    effective_sample_size,
    find_cause,
    importance_weights,
    not_of_rows,
)
from core.errors import NotEnoughDataError
from tests.core.attribution.made_up import both_sides


def cause(*, metric="brier_score", **how):
    before, now, inputs = both_sides(**how)
    return find_cause(before, now, inputs=inputs, metric=metric, task="binary", seed=how.get("seed", 0))


@pytest.mark.parametrize(("size", "ess", "auc"), [(0.5, 0.78, 0.64), (1.0, 0.37, 0.76)])
def test_under_a_pure_move_of_inputs_the_concept_part_is_about_0(size, ess, auc):
    found = cause(shift=size)
    assert found.verdict is Verdict.INPUTS
    assert abs(found.concept.value) < 0.25 * abs(found.change.value)
    assert found.ess_share == pytest.approx(ess, abs=0.06)
    assert found.auc == pytest.approx(auc, abs=0.02)
    assert found.moved[0].feature == "a"


@pytest.mark.parametrize("metric", ["brier_score", "roc_auc", "log_loss"])
def test_a_changed_relation_is_called_so_while_the_inputs_stand_still(metric):
    found = cause(concept=-1.2, metric=metric)
    assert found.verdict is Verdict.RELATION
    assert abs(found.covariate.value) < 0.1 * abs(found.change.value)
    assert found.covariate.value + found.concept.value == pytest.approx(found.change.value, abs=1e-12)


def test_a_changed_relation_is_found_under_moved_inputs_too():
    assert cause(shift=0.5, concept=-1.2).verdict is Verdict.RELATION


def test_two_standard_deviations_apart_nothing_can_be_told():
    found = cause(shift=2.0)
    assert found.verdict is Verdict.UNKNOWN
    assert found.ess_share < 0.10
    assert found.concept is None
    assert found.covariate is None
    assert "little in common" in found.why


def test_a_window_wholly_outside_the_reference_cannot_be_told_apart_either():
    """Its weights are all alike, so the effective sample size alone would take them for perfect."""
    found = cause(shift=12.0)
    assert found.verdict is Verdict.UNKNOWN
    assert found.overlap < 0.7
    assert found.concept is None


def test_without_any_change_no_cause_is_named():
    found = cause(metric="accuracy", seed=3)
    assert found.change.low <= 0 <= found.change.high
    assert found.verdict is Verdict.UNKNOWN


def test_the_weights_are_cut_only_where_less_than_half_of_the_rows_would_count():
    even, uneven = np.ones(1_000), np.r_[np.ones(990), np.full(10, 200.0)]
    assert importance_weights(even)[1] is None
    weights, cut = importance_weights(uneven)
    assert cut is not None
    assert weights.max() == cut


def test_the_effective_sample_size_is_that_of_kish():
    assert effective_sample_size([0.2, 0.5, 1, 1.5, 3, 0.1]) == pytest.approx(3.1625498007968127, abs=1e-12)


def test_the_result_is_the_same_again_and_survives_json():
    one, two = cause(shift=0.5, n=2_000), cause(shift=0.5, n=2_000)
    assert one == two
    assert Shift.from_document(json.loads(json.dumps(one.document()))) == one
    assert isinstance(one.change, Amount)


def test_too_few_rows_with_an_actual_are_refused():
    before, now, inputs = both_sides(n=400)
    unknown = np.where(np.arange(400) < 150, now.outcomes.actual, np.nan)
    outcomes = Outcomes(score=now.outcomes.score, decision=now.outcomes.decision, actual=unknown)
    with pytest.raises(NotEnoughDataError, match="the window has 150 rows"):
        find_cause(before, Side(inputs=now.inputs, outcomes=outcomes), inputs=inputs, metric="accuracy", task="binary")


def test_a_metric_that_is_not_of_rows_is_refused():
    before, now, inputs = both_sides(n=400)
    with pytest.raises(NotEnoughDataError, match="ece is not worked out"):
        find_cause(before, now, inputs=inputs, metric="ece", task="binary")
    assert "several classes" in not_of_rows("log_loss", "multiclass")


def test_a_metric_that_is_not_defined_in_the_rows_is_refused():
    before, now, inputs = both_sides(n=400)
    nobody = Outcomes(score=now.outcomes.score, decision=np.zeros(400), actual=now.outcomes.actual)
    with pytest.raises(NotEnoughDataError, match="precision is not defined"):
        find_cause(before, Side(inputs=now.inputs, outcomes=nobody), inputs=inputs, metric="precision", task="binary")


FEATURES = ("period", "nswprice", "nswdemand")


@pytest.mark.parametrize(("train", "window"), [((0, 10_000), (14_000, 17_700)), ((18_000, 30_000), (30_000, 36_000))])
@pytest.mark.parametrize("metric", ["brier_score", "accuracy"])
def test_the_drifting_relation_of_real_electricity_prices_is_not_called_a_move_of_inputs(shared, train, window, metric):
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = pl.read_parquet(shared / "data" / "elec2" / "electricity.parquet")
    values, up = rows.select(FEATURES).to_numpy().astype(float), (rows["class"] == "UP").to_numpy().astype(float)
    places = np.random.default_rng(0).permutation(np.arange(*train))
    learnt, held = places[: len(places) // 2], places[len(places) // 2 :]
    model = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(values[learnt], up[learnt])

    def as_table(at):
        return pa.table({name: pa.chunked_array([values[at, place]]) for place, name in enumerate(FEATURES)})

    inputs = fit_inputs(as_table(held), FEATURES)

    def side(at):
        score = model.predict_proba(values[at])[:, 1]
        outcomes = Outcomes(score=score, decision=(score >= 0.5).astype(float), actual=up[at])
        return Side(inputs=inputs.encode(as_table(at)), outcomes=outcomes)

    found = find_cause(side(held), side(np.arange(*window)), inputs=inputs, metric=metric, task="binary")
    assert found.verdict is not Verdict.INPUTS
