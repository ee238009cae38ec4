"""Metrics of weighted rows agree with scikit-learn; unknown outcomes are left out by what a metric needs."""

import numpy as np
import pytest
from sklearn import metrics

from core.attribution.row_metrics import OF_ROWS, Outcomes, RowMetric, usable
from core.errors import NotEnoughDataError
from core.log.document import ValueDocument

RNG = np.random.default_rng(4)
ACTUAL = RNG.integers(0, 2, 300).astype(float)
SCORE = np.clip(0.3 * ACTUAL + 0.7 * RNG.random(300), 0.01, 0.99)
ROWS = Outcomes(score=SCORE, decision=(SCORE >= 0.5).astype(float), actual=ACTUAL)
WEIGHTS = RNG.random(300)
SAID = ROWS.decision


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("accuracy", metrics.accuracy_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
        ("error_rate", 1 - metrics.accuracy_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
        ("precision", metrics.precision_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
        ("recall", metrics.recall_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
        ("f1", metrics.f1_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
        ("specificity", metrics.recall_score(1 - ACTUAL, 1 - SAID, sample_weight=WEIGHTS)),
        ("log_loss", metrics.log_loss(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("brier_score", metrics.brier_score_loss(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("roc_auc", metrics.roc_auc_score(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("mae", metrics.mean_absolute_error(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("mse", metrics.mean_squared_error(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("rmse", metrics.root_mean_squared_error(ACTUAL, SCORE, sample_weight=WEIGHTS)),
        ("selection_rate", np.average(SAID, weights=WEIGHTS)),
        ("bias", np.average(SCORE - ACTUAL, weights=WEIGHTS)),
        ("false_positive_rate", 1 - metrics.recall_score(1 - ACTUAL, 1 - SAID, sample_weight=WEIGHTS)),
        ("false_negative_rate", 1 - metrics.recall_score(ACTUAL, SAID, sample_weight=WEIGHTS)),
    ],
)
def test_a_weighted_metric_is_that_of_scikit_learn(name, expected):
    assert RowMetric(name, ROWS).of(WEIGHTS) == pytest.approx(expected, abs=1e-9)


def test_mape_leaves_actuals_of_0_out_and_is_of_the_rest():
    kept = usable(ROWS, "mape", "regression")
    assert kept.tolist() == (ACTUAL != 0).tolist()


def test_worth_is_that_of_the_cells_and_of_the_errors():
    confusion = ValueDocument(kind="confusion", tp=10, fp=-4, fn=-7, tn=1, currency="USD", source="assumed")
    cells = {(1, 1): 10, (1, 0): -4, (0, 1): -7, (0, 0): 1}
    expected = np.mean([cells[said, was] for said, was in zip(SAID.astype(int), ACTUAL.astype(int), strict=True)])
    assert RowMetric("value_per_row", ROWS, value=confusion).of(np.ones(300)) == pytest.approx(expected)
    error = ValueDocument(kind="error", cost_over=2, cost_under=3, currency="USD", source="assumed")
    off = SCORE - ACTUAL
    lost = -np.mean(2 * np.maximum(off, 0) + 3 * np.maximum(-off, 0))
    assert RowMetric("value_per_row", ROWS, value=error).of(np.ones(300)) == pytest.approx(lost)


def test_rows_without_what_the_metric_needs_are_not_usable():
    rows = Outcomes(
        score=np.array([0.2, np.nan, 0.3]), decision=np.array([0, 1, np.nan]), actual=np.array([1.0, 0, np.nan])
    )
    assert usable(rows, "accuracy", "binary").tolist() == [True, True, False]
    assert usable(rows, "roc_auc", "binary").tolist() == [True, False, False]
    assert usable(rows, "selection_rate", "binary").tolist() == [True, True, False]
    assert usable(rows, "mae", "regression").tolist() == [True, False, False]


def test_what_is_no_metric_of_rows_is_refused():
    assert "ece" not in OF_ROWS
    with pytest.raises(NotEnoughDataError, match="ece is not worked out"):
        RowMetric("ece", ROWS)


def test_amounts_are_refused():
    amounts = ValueDocument(kind="per_amount", tp=1, currency="USD", source="assumed")
    with pytest.raises(NotEnoughDataError, match="amounts"):
        RowMetric("value_per_row", ROWS, value=amounts)
