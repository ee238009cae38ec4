import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sk

from core.errors import BadInputError, NotEnoughDataError
from core.segments.search_losses import LossKind, default_loss, losses_of, parse_loss, row_losses

Y, P = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.2, 0.3, 0.6, 0.5])


def binary(actual, score=P, decision=None):
    decision = (score >= 0.5).astype(np.int16) if decision is None else decision
    return pa.table(
        {"score": score, "decision": pa.array(decision, pa.int16()), "actual": pa.array(actual, pa.int16())}
    )


def test_each_loss_agrees_with_scikit_learn():
    rows, d = binary(Y), P >= 0.5
    assert row_losses(rows, LossKind.LOG_LOSS).loss.mean() == pytest.approx(sk.log_loss(Y, P), abs=1e-12)
    assert row_losses(rows, LossKind.ERROR).loss.mean() == pytest.approx(1 - sk.accuracy_score(Y, d), abs=1e-12)
    missed = row_losses(rows, LossKind.MISSED_POSITIVES)
    assert missed.loss.mean() == pytest.approx(1 - sk.recall_score(Y, d), abs=1e-12)
    assert missed.kept.tolist() == (Y == 1).tolist()
    regression = pa.table({"score": P, "actual": Y.astype(float)})
    error = row_losses(regression, LossKind.ABSOLUTE_ERROR).loss.mean()
    assert error == pytest.approx(sk.mean_absolute_error(Y, P), abs=1e-12)


def test_the_excess_is_the_log_loss_less_the_entropy_of_the_score():
    found = row_losses(binary(Y), LossKind.EXCESS_LOG_LOSS).loss
    entropy = -(P * np.log(P) + (1 - P) * np.log(1 - P))
    assert found == pytest.approx(row_losses(binary(Y), LossKind.LOG_LOSS).loss - entropy, abs=1e-12)


def test_the_excess_of_scores_that_are_probabilities_is_about_nothing_however_hard_the_rows():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.98, 200_000)
    found = row_losses(binary((rng.random(p.size) < p).astype(np.int16), p), LossKind.EXCESS_LOG_LOSS)
    assert abs(found.loss.mean()) < 0.01


def test_a_sure_and_wrong_score_costs_much_and_not_infinitely():
    assert 30 < row_losses(binary([1], np.array([0.0])), LossKind.LOG_LOSS).loss[0] < 40


def test_rows_without_actual_or_decision_do_not_count():
    found = row_losses(binary([1, None, 0, 0, 1], decision=[1, 1, None, 0, 0]), LossKind.ERROR)
    assert found.kept.tolist() == [True, False, False, True, True]
    assert found.n_labelled == 4


@pytest.mark.parametrize(
    ("rows", "kind", "reason"),
    [
        (binary([None] * 5), LossKind.LOG_LOSS, "no actuals are known yet"),
        (binary([0] * 5), LossKind.MISSED_POSITIVES, "no row was positive"),
        (binary(Y, decision=[None] * 5), LossKind.ERROR, "both an actual and a decision"),
        (binary(Y, np.full(5, np.nan), [1] * 5), LossKind.LOG_LOSS, "an actual and a score"),
    ],
)
def test_what_has_no_loss_says_why(rows, kind, reason):
    with pytest.raises(NotEnoughDataError, match=reason):
        row_losses(rows, kind)


@pytest.mark.parametrize(
    ("task", "probability", "breached", "expected"),
    [
        ("binary", True, [], LossKind.LOG_LOSS),
        ("binary", True, ["roc_auc_change", "recall_change"], LossKind.LOG_LOSS),
        ("binary", True, ["recall_change"], LossKind.MISSED_POSITIVES),
        ("binary", True, ["f1_change"], LossKind.ERROR),
        ("binary", False, ["roc_auc_change"], LossKind.ERROR),
        ("binary", True, ["feature_drift"], LossKind.LOG_LOSS),
        ("multiclass", True, ["recall_change"], LossKind.ERROR),
        ("regression", False, ["mae_change"], LossKind.ABSOLUTE_ERROR),
    ],
)
def test_the_loss_searched_first_is_that_of_the_task_and_of_the_breach(task, probability, breached, expected):
    assert default_loss(task, probability=probability, breached=breached) is expected
    assert expected in losses_of(task, probability=probability)


def test_a_loss_that_the_task_does_not_have_is_refused():
    with pytest.raises(BadInputError, match="log_loss"):
        parse_loss("absolute_error", losses_of("binary", probability=True))
    assert parse_loss("error", losses_of("multiclass", probability=True)) is LossKind.ERROR
