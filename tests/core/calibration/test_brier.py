import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from core.calibration.brier import brier_parts
from core.calibration.groups import equal_mass, equal_width
from core.calibration.score_bins import score_bins
from tests.core.calibration.made_up import counted, rows


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("build", [equal_mass, equal_width])
def test_the_parts_add_up_to_the_brier_score(seed, build):
    y, p = rows(5_000, seed=seed)
    parts = brier_parts(build(score_bins(counted(y, p))))
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_variance - parts.within_covariance
    assert float(total) == pytest.approx(float(parts.score), abs=1e-12)
    assert float(parts.score) == pytest.approx(brier_score_loss(y, p), abs=1e-12)


def test_uncertainty_is_that_of_the_base_rate_and_reliability_of_a_good_model_is_small():
    y, p = rows(50_000, seed=1)
    parts = brier_parts(equal_mass(score_bins(counted(y, p))))
    assert float(parts.uncertainty) == pytest.approx(y.mean() * (1 - y.mean()))
    assert float(parts.reliability) < 1e-4 < float(parts.resolution)


def test_without_rows_there_are_no_parts():
    assert np.isnan(brier_parts(equal_mass(score_bins(counted(np.empty(0, int), np.empty(0))))).score)
