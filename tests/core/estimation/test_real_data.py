"""Estimates of the real census scores of four years, held against what came true."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.estimation.binary import binary_estimates
from core.estimation.relation import relation
from core.performance.binary import binary_performance
from tests.core.estimation.simulated import counts_of, edges_of, single

SIZE, WINDOWS = 5_000, 41


@pytest.fixture(scope="module")
def census(shared):
    folder = shared / "data" / "employment_ma"
    before, now, known = (pq.read_table(folder / f"{name}.parquet") for name in ("reference", "analysis", "actuals"))
    score, outcome = before["predicted_probability"].to_numpy(), before["employed"].to_numpy()
    edges = edges_of(score, outcome)
    scores, outcomes = now["predicted_probability"].to_numpy(), known["employed"].to_numpy()
    parts = [slice(SIZE * place, SIZE * (place + 1)) for place in range(WINDOWS)]
    current = counts_of([(scores[part], outcomes[part]) for part in parts], edges)
    told = binary_estimates(single(counts_of([(score, outcome)], edges)), current, threshold=0.5)
    return told, binary_performance(current).estimates


def test_the_errors_are_those_of_the_document(census):
    told, real = census
    for metric, mean, sd in (("roc_auc", 0.0005, 0.0066), ("accuracy", -0.0003, 0.0065)):
        error = told[metric].value - real[metric].value
        assert float(error.mean()) == pytest.approx(mean, abs=0.0003), metric
        assert float(error.std(ddof=1)) == pytest.approx(sd, abs=0.0003), metric
    assert float(told["accuracy"].error.mean()) == pytest.approx(0.0050, abs=0.0005)


def test_what_earlier_windows_showed_makes_the_band_cover(census):
    told, real = census
    for metric in ("roc_auc", "accuracy", "f1", "average_precision", "brier_score"):
        one = told[metric]
        found = relation(one.value, real[metric].value, one.error, np.ones(WINDOWS, np.bool_))
        inside = np.abs(found.z) <= 1.96 * np.sqrt(found.phi)
        assert 1.0 < found.phi[-1] < 3.0, metric
        assert inside[8:].mean() >= 0.82, metric
        assert not found.suspended.any(), metric
