import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from core.drift.slow import (
    AucReference,
    auc_reference,
    ewma,
    ewma_deviation,
    ewma_variance_factor,
    recent_ewma,
    shift_auc,
)

counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8).filter(
    lambda pairs: sum(r for r, _ in pairs) > 0 and sum(c for _, c in pairs) > 0
)


def test_two_bins_are_as_worked_by_hand():
    # ¼ of the window at ½·½ below, ¾ at ½ + ½·½
    assert float(shift_auc([2, 2], [1, 3])) == pytest.approx(0.25 * 0.25 + 0.75 * 0.75)


@given(counts)
def test_it_is_the_area_of_a_classifier_that_tells_window_from_reference(pairs):
    r, c = np.array(pairs).T
    place = np.arange(len(r))
    scores = np.concatenate([np.repeat(place, r), np.repeat(place, c)])
    labels = np.repeat([0, 1], [r.sum(), c.sum()])
    assert float(shift_auc(r, c)) == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)


@given(counts)
def test_swapping_the_sides_turns_it_round(pairs):
    r, c = np.array(pairs).T
    assert float(shift_auc(r, c)) == pytest.approx(1 - float(shift_auc(c, r)), abs=1e-12)


def test_the_average_of_many_series_is_that_of_each():
    x = np.random.default_rng(1).normal(size=(3, 20))
    assert np.allclose(ewma(x), [ewma(one) for one in x])


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_variance_factor_agrees_with_a_simulation(rho):
    rng = np.random.default_rng(2)
    x = np.empty((400, 600))
    x[:, 0] = rng.normal(size=400)
    for t in range(1, 600):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * rng.normal(size=400)
    assert ewma(x)[:, 100:].var() == pytest.approx(float(ewma_variance_factor(rho)), rel=0.05)


def test_a_window_without_rows_has_no_value():
    assert np.isnan(shift_auc([1, 2], [0, 0]))


def days_of_aucs(n_days, *, seed, rho=0.0, n=1_000, season=0.0):
    rng = np.random.default_rng(seed)
    x = np.empty(n_days)
    x[0] = rng.normal()
    for t in range(1, n_days):
        x[t] = rho * x[t - 1] + np.sqrt(1 - rho**2) * rng.normal()
    weekdays = np.arange(n_days) % 7
    return 0.5 + x * np.sqrt(1 / (12 * n)) + np.where(weekdays >= 5, season, 0.0), weekdays


def test_the_reference_level_is_that_of_the_weekday_and_its_variance_has_the_floor_of_chance():
    theta, weekdays = days_of_aucs(90, seed=3, season=0.1)
    found = auc_reference(theta[:, None], np.full((90, 1), 1_000), weekdays, by_weekday=True)
    assert found.level[5:].mean() - found.level[:5].mean() == pytest.approx(0.1, abs=0.01)
    assert float(found.variance[0]) >= 1 / 12_000
    flat = auc_reference(np.full((90, 1), 0.5), np.full((90, 1), 1_000), weekdays, by_weekday=False)
    assert (float(flat.variance[0]), float(flat.rho[0])) == (pytest.approx(1 / 12_000), 0.0)


def test_autocorrelation_counts_from_two_standard_errors_and_at_most_to_nine_tenths():
    theta, weekdays = days_of_aucs(200, seed=4, rho=0.7)
    rows = np.full((200, 1), 1_000)
    assert 0.5 < float(auc_reference(theta[:, None], rows, weekdays, by_weekday=False).rho[0]) < 0.9
    calm, _ = days_of_aucs(200, seed=5)
    assert float(auc_reference(calm[:, None], rows, weekdays, by_weekday=False).rho[0]) == 0.0
    stuck = 0.5 + 0.001 * np.arange(200)[:, None]
    assert float(auc_reference(stuck, rows, weekdays, by_weekday=False).rho[0]) == 0.9


def test_thirteen_days_do_not_tell_how_days_vary():
    theta, weekdays = days_of_aucs(14, seed=6)
    rows = np.full((14, 1), 1_000)
    assert auc_reference(theta[:, None], rows, weekdays, by_weekday=False).known.tolist() == [True]
    theta[3] = np.nan
    assert auc_reference(theta[:, None], rows, weekdays, by_weekday=False).known.tolist() == [False]


def test_the_average_of_a_day_is_the_same_to_the_last_bit_wherever_the_array_begins():
    x = np.random.default_rng(7).normal(size=(80, 3))
    x[40] = np.nan
    whole = recent_ewma(x)
    assert np.array_equal(recent_ewma(x[30:])[28:], whole[58:])
    assert np.array_equal(whole[40], recent_ewma(x[13:41])[-1])
    assert np.allclose(whole[:20], ewma(x[:20].T).T, atol=1e-12)


def test_the_deviation_is_the_formula():
    level = AucReference(
        level=np.full((7, 1), 0.5), variance=np.array([0.001]), mean_rows=np.array([200.0]), rho=np.array([0.4]),
        n_days=np.array([90]), known=np.array([True]),
    )  # fmt: skip
    today = 0.001 - 1 / 2_400 + 1 / 1_200
    expected = today * float(ewma_variance_factor(0.4)) + 0.001 * 1.4 / (0.6 * 90)
    assert float(ewma_deviation(level, np.array([[100]]))[0, 0]) == pytest.approx(np.sqrt(expected), abs=1e-15)
