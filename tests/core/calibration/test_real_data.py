"""Known figures of real scores: five networks on CIFAR, and a census model over four years."""

import numpy as np
import polars as pl
import pytest
from scipy import special
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from core.calibration.calibration import binary_brier, calibration
from core.calibration.calibration_error import calibration_error
from core.calibration.drift import calibration_change
from core.calibration.groups import equal_width
from core.calibration.score_bins import score_bins
from core.profile.score_grid import score_edges
from tests.core.calibration.made_up import counted

NETWORKS = {
    "densenet-bc-100-cifar-100": 0.142153,
    "lenet-5-cifar-10": 0.107888,
    "lenet-5-cifar-100": 0.014681,
    "wideresnet-16-4-cifar-10": 0.053716,
    "wideresnet-16-4-cifar-100": 0.058028,
}


def top_label(shared, name):
    rows = pl.read_parquet(shared / "data" / "dnn_calibration" / f"{name}.parquet")
    if "confidence" in rows.columns:
        return rows["correct"].to_numpy().astype(int), rows["confidence"].to_numpy().astype(float)
    scores = rows.select([f"p{k}" for k in range(10)]).to_numpy().astype(float)
    return (scores.argmax(1) == rows["y_true"].to_numpy()).astype(int), scores.max(1)


def bins_of(y, p):
    return counted(y, p, edges=score_edges(p, p[y == 1], kind="probability"))


@pytest.mark.parametrize("name", NETWORKS)
def test_ten_equal_width_groups_give_the_published_error_of_each_network(shared, name):
    y, p = top_label(shared, name)
    widths = equal_width(score_bins(bins_of(y, np.minimum(p, 1.0))), 10)
    assert float(calibration_error(widths).raw) == pytest.approx(NETWORKS[name], abs=2e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_refused_as_calibrated_and_chance_is_only_taken_off(shared, name):
    y, p = top_label(shared, name)
    counts = bins_of(y, np.minimum(p, 1.0))
    found = calibration(score_bins(counts), binary_brier(counts))
    assert float(found.likelihood_ratio.p) < 0.01
    assert float(found.error.perfect) < float(found.error.debiased) <= float(found.error.raw)


def test_the_deep_networks_are_too_extreme(shared):
    for name in ("densenet-bc-100-cifar-100", "wideresnet-16-4-cifar-10", "wideresnet-16-4-cifar-100"):
        y, p = top_label(shared, name)
        counts = bins_of(y, np.minimum(p, 1.0))
        found = calibration(score_bins(counts), binary_brier(counts))
        assert float(found.estimates["calibration_in_the_large"].high) < 0, name


@pytest.fixture(scope="module")
def census(shared):
    folder = shared / "data" / "employment_ma"
    reference = pl.read_parquet(folder / "reference.parquet")
    later = pl.read_parquet(folder / "analysis.parquet").join(pl.read_parquet(folder / "actuals.parquet"), on="id")
    return [
        (rows["employed"].to_numpy().astype(int), rows["predicted_probability"].to_numpy().astype(float))
        for rows in (reference, later)
    ]


def test_a_census_model_agrees_with_scikit_learn(census):
    y, p = census[0]
    counts = bins_of(y, p)
    found = calibration(score_bins(counts), binary_brier(counts))
    assert float(found.estimates["brier_score"].value) == pytest.approx(0.122893, abs=1e-6)
    assert float(found.estimates["brier_score"].value) == pytest.approx(brier_score_loss(y, p), abs=1e-9)
    true, said = calibration_curve(y, p, n_bins=10)
    assert found.widths.observed.tolist() == pytest.approx(true.tolist(), abs=1e-9)
    assert found.widths.mean_score.tolist() == pytest.approx(said.tolist(), abs=1e-9)
    x = special.logit(np.clip(p, 1e-6, 1 - 1e-6))[:, None]
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=500).fit(x, y)
    assert float(found.line.slope) == pytest.approx(fit.coef_[0, 0], abs=0.0004)
    assert float(found.line.intercept) == pytest.approx(fit.intercept_[0], abs=0.0011)


def test_the_calibration_of_the_census_model_moves_little_over_the_years(census):
    (y0, p0), (y1, p1) = census
    edges = score_edges(p0, p0[y0 == 1], kind="probability")
    sides = [score_bins(counted(y, p, edges=edges)) for y, p in ((y0, p0), (y1, p1))]
    change = calibration_change(*sides)
    assert abs(float(change.intercept)) < 0.2
    assert abs(float(change.slope)) < 0.15
