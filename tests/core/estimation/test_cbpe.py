import numpy as np
import pytest
from sklearn import metrics as sk

from core.estimation.cbpe import (
    Calibrated,
    area,
    area_error,
    calibrated,
    confusion,
    expected,
    outcomes,
    reference_draws,
    sampling_error,
)


@pytest.fixture
def reference():
    chance = np.array([0.05, 0.2, 0.5, 0.9])
    middle = np.array([0.1, 0.3, 0.6, 0.85])
    return Calibrated(chance=chance, labelled=np.full(4, 500.0), mean_score=middle, mean_square=middle**2)


CALLED = np.array([False, False, True, True])


def test_the_expected_confusion_worked_by_hand(reference):
    rows = np.array([100.0, 50.0, 40.0, 10.0])
    counts = confusion(rows * reference.chance, rows * (1 - reference.chance), CALLED)
    assert [float(one) for one in counts] == pytest.approx([29.0, 21.0, 15.0, 135.0])
    found = expected(rows, reference, CALLED)
    assert float(found["accuracy"]) == pytest.approx(0.82)
    assert float(found["precision"]) == pytest.approx(0.58)
    assert float(found["recall"]) == pytest.approx(29 / 44)


def test_every_metric_of_whole_counts_is_the_one_scikit_learn_gives():
    rng = np.random.default_rng(3)
    middle = np.linspace(0.02, 0.98, 30)
    positives, negatives = rng.integers(0, 40, 30).astype(float), rng.integers(1, 40, 30).astype(float)
    called = middle >= 0.5
    found = outcomes(positives, negatives, called, middle, middle**2)
    y = np.r_[np.ones(30), np.zeros(30)]
    s, w = np.r_[middle, middle], np.r_[positives, negatives]
    d = (s >= 0.5).astype(int)
    wanted = {
        "roc_auc": sk.roc_auc_score(y, s, sample_weight=w),
        "average_precision": sk.average_precision_score(y, s, sample_weight=w),
        "accuracy": sk.accuracy_score(y, d, sample_weight=w),
        "precision": sk.precision_score(y, d, sample_weight=w),
        "recall": sk.recall_score(y, d, sample_weight=w),
        "f1": sk.f1_score(y, d, sample_weight=w),
        "mcc": sk.matthews_corrcoef(y, d, sample_weight=w),
        "brier_score": sk.brier_score_loss(y, s, sample_weight=w),
        "log_loss": sk.log_loss(y, s, sample_weight=w),
    }
    for metric, value in wanted.items():
        assert float(found[metric]) == pytest.approx(value, abs=1e-9), metric
    assert float(found["false_negative_rate"]) == pytest.approx(1 - wanted["recall"])
    assert float(found["false_positive_rate"]) == pytest.approx(1 - float(found["specificity"]))


def test_calibration_is_of_the_labelled_rows_and_never_falls():
    found = calibrated([5, 3, 9], [5, 7, 1], mean_score=[0.1, 0.2, 0.3], mean_square=[0.01, 0.04, 0.09])
    assert found.chance.tolist() == pytest.approx([0.4, 0.4, 0.9])
    assert found.labelled.tolist() == [10, 10, 10]


def test_the_area_of_one_bin_is_chance():
    assert float(area(np.array([7.0]), np.array([3.0]))) == pytest.approx(0.5)


def test_the_error_of_accuracy_is_the_formula_when_the_reference_is_huge(reference):
    rows = np.array([[200, 100, 80, 20]])
    huge = Calibrated(
        chance=reference.chance,
        labelled=np.full(4, 1e8),
        mean_score=reference.mean_score,
        mean_square=reference.mean_square,
    )
    error = sampling_error(rows, reference_draws(huge, CALLED))["accuracy"][0]
    formula = np.sqrt((rows[0] * huge.chance * (1 - huge.chance)).sum()) / rows.sum()
    assert error == pytest.approx(formula, rel=0.15)  # the sd of 200 draws is known to 5 %


def test_the_error_of_a_window_does_not_depend_on_the_others(reference):
    rows = np.random.default_rng(0).integers(0, 60, (5, 4))
    draws = reference_draws(reference, CALLED)
    together = sampling_error(rows, draws)
    for place in range(5):
        alone = sampling_error(rows[place : place + 1], draws)
        assert {name: float(one[0]) for name, one in alone.items()} == pytest.approx(
            {name: float(one[place]) for name, one in together.items()}, nan_ok=True
        )


def test_the_error_of_the_area_alone_is_the_same(reference):
    rows = np.random.default_rng(0).integers(0, 60, (5, 4))
    draws = reference_draws(reference, None)
    assert area_error(rows, draws).tolist() == sampling_error(rows, draws)["roc_auc"].tolist()


def test_groups_of_bins_never_mix_decisions():
    n = 900
    middle = np.linspace(0, 1, n)
    reference = Calibrated(chance=middle, labelled=np.full(n, 3.0), mean_score=middle, mean_square=middle**2)
    called = np.arange(n) >= 457
    draws = reference_draws(reference, called)
    assert draws.called is not None
    assert (draws.called[draws.group] == called).all()
    assert draws.chance.shape[1] <= 152
