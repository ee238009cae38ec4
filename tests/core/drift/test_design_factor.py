import numpy as np
import pytest

from core.drift.design_factor import FEWEST_DAYS, day_variation, design_factor


def test_independent_days_have_next_to_no_variation():
    days = np.random.default_rng(1).multinomial(1_000, [0.1] * 10, size=(90, 50))
    found = day_variation(days)
    phi = design_factor(found.tau_squared, 1_000, 90_000)
    assert found.tau_squared.shape == (50,)
    assert phi.mean() < 1.15
    assert found.known.all()


def test_tau_squared_of_fourteen_days_is_as_worked_by_hand():
    # days of 10:10 and 15:5 rows, alternating; the rest of 13 days is 169:91 or 164:96
    days = np.array([[10, 10], [15, 5]] * 7)
    total = days.sum(0)
    statistics, scales = [], []
    for day in days:
        rest = total - day
        share = total / total.sum()
        expected_day, expected_rest = day.sum() * share, rest.sum() * share
        statistics.append(
            ((day - expected_day) ** 2 / expected_day + (rest - expected_rest) ** 2 / expected_rest).sum()
        )
        scales.append(1 / day.sum() + 1 / rest.sum())
    expected = max(0.0, np.mean(statistics) - 1) * np.mean(scales)
    assert float(day_variation(days).tau_squared) == pytest.approx(expected, abs=1e-12)


def test_wandering_days_multiply_the_variance_of_a_large_window():
    rng = np.random.default_rng(2)
    p = np.clip(0.5 + 0.05 * rng.normal(size=60), 0.2, 0.8)
    days = np.stack([rng.binomial(5_000, p), rng.binomial(5_000, 1 - p)], -1)
    phi = design_factor(day_variation(days).tau_squared, 5_000, 300_000)
    # variance of a day's share .0025 + .25/5,000 against .25/5,000 alone: about 50 times
    assert 25 < float(phi) < 90


def test_a_weekday_pattern_is_no_variation_between_days_of_one_weekday():
    rng = np.random.default_rng(3)
    keys = np.arange(56) % 7
    shares = np.where(keys >= 5, 0.3, 0.5)
    days = np.stack([rng.binomial(2_000, shares), rng.binomial(2_000, 1 - shares)], -1)
    matched, whole = day_variation(days, groups=keys), day_variation(days)
    assert float(matched.tau_squared) < 0.05 * float(whole.tau_squared)


def test_the_order_of_the_days_does_not_matter():
    days = np.random.default_rng(4).poisson(30, size=(20, 4))
    assert float(day_variation(days).tau_squared) == pytest.approx(float(day_variation(days[::-1]).tau_squared))


def test_with_too_few_days_the_variation_is_unknown_and_phi_is_one():
    days = np.array([[900, 100], [100, 900]] * (FEWEST_DAYS // 2))[: FEWEST_DAYS - 1]
    found = day_variation(days)
    assert not found.known
    assert float(design_factor(found.tau_squared, 1_000, 10_000)) == 1.0
