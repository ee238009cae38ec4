from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, f1_score, log_loss, mean_absolute_error, root_mean_squared_error

from core.log.document import ValueDocument
from core.releases.gates.changes import changes, mcnemar_p
from tests.core.releases.gates.paired_rows import binary, pairs_of, side

VALUE = ValueDocument(kind="confusion", tp=100, fp=-20, fn=-50, tn=0, currency="USD", source="assumed")


def found(pairs: Any, *, value: ValueDocument | None = None) -> dict[str, Any]:
    return {one.metric: one for one in changes(pairs, probability=True, value=value)}


def test_metrics_of_two_classes_agree_with_scikit_learn():
    pairs = binary(noise=0.6)
    told = found(pairs)
    y = pairs.actual
    for name, theirs in (("log_loss", log_loss), ("brier_score", brier_score_loss)):
        assert told[name].champion == pytest.approx(theirs(y, pairs.champion.score), rel=1e-12)
        assert told[name].challenger == pytest.approx(theirs(y, pairs.challenger.score), rel=1e-12)
    assert told["f1"].challenger == pytest.approx(f1_score(y, pairs.challenger.decision), rel=1e-12)


def test_a_noisier_challenger_is_worse_in_every_metric_and_its_intervals_say_so():
    told = found(binary(noise=1.0), value=VALUE)
    assert set(told) == {"roc_auc", "log_loss", "brier_score", "accuracy", "f1", "net_value"}
    assert all(one.low < one.harm < one.high and one.harm > 0 for one in told.values())


def test_the_same_model_is_worse_by_exactly_nothing():
    told = found(binary(noise=0.0), value=VALUE)
    assert {one.harm for one in told.values()} == {0.0}
    assert all(one.low <= 0 <= one.high for one in told.values())


def test_discordant_pairs_by_hand():
    y = np.array([1.0] * 12 + [0.0] * 88)
    ours, theirs = y.copy(), y.copy()
    ours[:10], theirs[10:12] = 0, 0  # the champion is wrong alone in ten rows, the challenger in two
    told = found(pairs_of(y, side(ours), side(theirs)))["accuracy"]
    assert (told.champion, told.challenger, told.harm) == pytest.approx((0.90, 0.98, -0.08))
    assert told.p_value == pytest.approx(2 * (1 + 12 + 66) / 4096)
    assert told.sums["only_champion_right"] == 2
    p, q = 3 / 102, 11 / 102
    half = 1.959964 * np.sqrt((p + q - (p - q) ** 2) / 102)
    assert (told.low, told.high) == pytest.approx((p - q - half, p - q + half), abs=1e-6)


def test_no_discordant_pair_is_no_evidence_of_a_difference():
    assert mcnemar_p(0, 0) == 1.0


def test_the_interval_of_a_mean_loss_is_given_by_its_sums():
    one = found(binary(noise=0.5))["brier_score"]
    n, total, squares = (one.sums[name] for name in ("n", "sum", "sum_of_squares"))
    error = np.sqrt((squares - total**2 / n) / (n - 1) / n)
    assert one.harm == pytest.approx(total / n)
    assert one.high == pytest.approx(max(total / n + 1.9605 * error, one.sums["bootstrap"][1]), rel=1e-3)


def test_net_value_is_worth_a_decision_by_the_champions_declaration():
    y = np.array([1.0, 1.0, 0.0, 0.0])
    told = found(pairs_of(y, side(np.array([1.0, 0, 1, 0])), side(y)), value=VALUE)["net_value"]
    assert (told.champion, told.challenger, told.harm) == ((100 - 50 - 20) / 4, 50.0, -42.5)


def test_value_by_amount_multiplies_and_leaves_unknown_amounts_out():
    y = np.array([1.0, 1.0, 0.0, 0.0])
    pairs = pairs_of(y, side(np.zeros(4)), side(y))
    value = ValueDocument(kind="per_amount", tp=0.1, fn=-1, currency="USD", source="assumed")
    with_amounts = replace(pairs, amount=np.array([1000.0, np.nan, 10.0, np.nan]))
    told = found(with_amounts, value=value)["net_value"]
    assert (told.champion, told.challenger, told.n) == (-500.0, 50.0, 2)


def test_a_regression_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    y = rng.normal(size=2_000)
    ours, theirs = y + rng.normal(0, 1, 2_000), y + rng.normal(0, 1.3, 2_000)
    pairs = pairs_of(y, side(ours, threshold=None), side(theirs, threshold=None), task="regression")
    told = {one.metric: one for one in changes(pairs, probability=False, value=None)}
    assert told["mae"].challenger == pytest.approx(mean_absolute_error(y, theirs))
    assert told["rmse"].champion == pytest.approx(root_mean_squared_error(y, ours))
    assert min(told["rmse"].low, told["mae"].low) > 0


def test_several_classes_agree_with_scikit_learn():
    rng = np.random.default_rng(6)
    y = rng.integers(0, 3, 1_500)
    ours, theirs = (rng.dirichlet(np.ones(3), 1_500) + 2 * weight * np.eye(3)[y] for weight in (0.4, 0.2))
    ours, theirs = (one / one.sum(axis=1, keepdims=True) for one in (ours, theirs))
    sides = [side(one.max(axis=1), classes=one) for one in (ours, theirs)]
    told = found(pairs_of(y.astype(float), *sides, task="multiclass"))
    assert told["log_loss"].champion == pytest.approx(log_loss(y, ours))
    assert told["accuracy"].challenger == pytest.approx((theirs.argmax(axis=1) == y).mean())
    assert told["log_loss"].harm > 0


def test_rows_without_a_decision_count_for_scores_only():
    pairs = binary(noise=0.3)
    pairs.challenger.decision[:100] = np.nan
    told = found(pairs)
    assert (told["accuracy"].n, told["roc_auc"].n) == (3_900, 4_000)
