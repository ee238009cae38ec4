import numpy as np
import pytest

from core.estimation.direct_loss import SUMS
from core.estimation.regression import regression_estimated
from core.performance.regression import METRICS

SUMS_OF_A_WINDOW = np.array([100.0, 200.0, 900.0, 500.0, 12_000.0, 0, 0, 0, 0])


def test_mae_and_rmse_worked_by_hand():
    found = regression_estimated(SUMS_OF_A_WINDOW[None], SUMS_OF_A_WINDOW)
    assert float(found["mae"].value[0]) == 2.0
    assert float(found["rmse"].value[0]) == 3.0
    assert float(found["mae"].error[0]) == pytest.approx(np.sqrt(5.0 / 100))
    assert float(found["rmse"].error[0]) == pytest.approx(np.sqrt(120.0 / 100) / 2 / 3)


def test_errors_are_scaled_by_what_came_true_in_the_reference():
    reference = SUMS_OF_A_WINDOW.copy()
    reference[SUMS.index("abs_e_missed")] = 4 * reference[SUMS.index("abs_e_variance")]
    plain = regression_estimated(SUMS_OF_A_WINDOW[None], SUMS_OF_A_WINDOW)["mae"].error[0]
    assert regression_estimated(SUMS_OF_A_WINDOW[None], reference)["mae"].error[0] == pytest.approx(2 * plain)


def test_other_metrics_and_windows_without_sums_say_why():
    both = np.stack([SUMS_OF_A_WINDOW, np.zeros(len(SUMS))])
    found = regression_estimated(both, SUMS_OF_A_WINDOW)
    assert tuple(found) == METRICS
    assert "tells |e| and e²" in str(found["r2"].reason[0])
    assert "no row model has told the errors of this window yet" in str(found["mae"].reason[1])
    assert np.isnan(found["mae"].value[1])


def test_without_a_row_model_nothing_is_estimated():
    found = regression_estimated(np.zeros((2, len(SUMS))), None)
    assert set(found["mae"].reason.tolist()) == {"not applicable: there is no row model of the errors yet"}
