"""Drift of all inputs together: a lost correlation is seen, an unchanged window is not alarmed."""

import json

import numpy as np
import pytest

from core.attribution.multivariate import MultivariateDrift, WindowInputs, fit_components, multivariate_drift
from core.errors import NotEnoughDataError


def correlated(n, seed, rho=0.95):
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(n, 2))
    rest = rho * base + np.sqrt(1 - rho**2) * rng.normal(size=(n, 2))
    return np.c_[base, rest]


def window(number, rows):
    return WindowInputs(start=f"2024-01-{number:02d}", end=f"2024-01-{number + 1:02d}", rows=rows)


@pytest.fixture(scope="module")
def found():
    calm = [window(number, correlated(800, number)) for number in range(1, 6)]
    lost = window(6, correlated(800, 6, rho=0.0))
    few = window(7, correlated(50, 7))
    return multivariate_drift(correlated(8_000, 0), [*calm, lost, few], seed=1)


def test_a_lost_correlation_is_beyond_both_limits_though_no_single_input_moved(found):
    lost = found.points[5]
    assert lost.error > found.error_limits.high
    assert lost.auc > found.auc_limits.high


def test_windows_like_the_reference_are_inside(found):
    for point in found.points[:5]:
        assert found.error_limits.low <= point.error <= found.error_limits.high
        assert point.auc <= found.auc_limits.high


def test_a_window_of_few_rows_is_not_applicable_with_the_reason(found):
    assert found.points[6].error is None
    assert found.points[6].auc is None
    assert found.points[6].reason == "not applicable: 50 rows, fewer than 200"


def test_the_components_hold_nine_tenths_of_the_variance_and_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA

    rows = correlated(3_000, 3)
    ours = fit_components(rows)
    scaled = (rows - rows.mean(0)) / rows.std(0)
    theirs = PCA(n_components=0.9, svd_solver="full").fit(scaled)
    assert len(ours.axes) == theirs.n_components_ == 2
    assert ours.kept >= 0.9
    rebuilt = theirs.inverse_transform(theirs.transform(scaled))
    assert ours.errors(rows) == pytest.approx(np.linalg.norm(scaled - rebuilt, axis=1), abs=1e-9)


def test_the_result_survives_json_and_names_its_rule(found):
    assert MultivariateDrift.from_document(json.loads(json.dumps(found.document()))) == found
    assert found.error_limits.rule in ("mean ± 3 sd", "99.5 % quantile")


def test_a_small_reference_is_refused():
    with pytest.raises(NotEnoughDataError, match="4,000 are needed"):
        multivariate_drift(correlated(3_999, 0), [window(1, correlated(800, 1))])


def test_windows_that_are_all_too_small_are_refused():
    with pytest.raises(NotEnoughDataError, match="no window has the 200 rows"):
        multivariate_drift(correlated(4_000, 0), [window(1, correlated(100, 1))])
