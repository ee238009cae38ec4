import numpy as np
import pytest

from core.drift.chi_square import pooled_chi_square
from core.drift.design_factor import FEWEST_DAYS, DayVariation, day_variation, design_factor, no_variation


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


DECILES = np.array([-1.2816, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816])


def days_of(values):
    """Return the cells of normal values: (n_days, n_series, n_rows) to (n_days, n_series, 10)."""
    place = np.searchsorted(DECILES, values)
    return np.stack([(place == cell).sum(-1) for cell in range(10)], -1)


def p_values(days, window, *, second_order=True):
    variation = day_variation(days)
    reference = days.sum(0)
    n, m = window.sum(-1), reference.sum(-1)
    share = variation.freedom_share(n, m) if second_order else 1.0
    return pooled_chi_square(reference, window).p_value(phi=variation.phi(n, m), share=share, n_days=variation.n_days)


def wandering(rng, n_days, *, repeats=1_500, rows=150, day=0.0, rho=0.0):
    """Return days of standard normal rows, `day` of whose variance moves all rows of a day together."""
    level = np.empty((n_days, repeats, 1))
    level[0] = rng.normal(size=(repeats, 1))
    for place in range(1, n_days):
        level[place] = rho * level[place - 1] + np.sqrt(1 - rho**2) * rng.normal(size=(repeats, 1))
    return days_of(np.sqrt(day) * level + np.sqrt(1 - day) * rng.normal(size=(n_days, repeats, rows)))


@pytest.mark.parametrize("n_days", [28, 90])
def test_independent_rows_keep_their_size_and_their_power(n_days):
    rng = np.random.default_rng(n_days)
    days = wandering(rng, n_days + 1)
    calm = p_values(days[:-1], days[-1])
    assert (calm <= 0.01).mean() <= 0.014  # 1,500 repeats: .010 + 1.6 standard errors
    moved = days_of(rng.normal(0.5, 1, (1, 1_500, 150)))[0]
    power = (p_values(days[:-1], moved) <= 0.001).mean()
    assert power >= (p_values(days[:-1], moved, second_order=False) <= 0.001).mean() - 0.03
    assert power > 0.85


@pytest.mark.parametrize("n_days", [28, 90])
def test_autocorrelated_days_keep_their_size(n_days):
    days = wandering(np.random.default_rng(n_days + 1), n_days + 1, day=0.05**2, rho=0.7)
    assert (p_values(days[:-1], days[-1]) <= 0.01).mean() <= 0.014


@pytest.mark.parametrize(("n_days", "day"), [(28, 0.5), (90, 0.5), (28, 0.9), (90, 0.9)])
def test_days_that_are_nearly_one_observation_alarm_a_fifth_as_often_as_with_the_mean_alone(n_days, day):
    days = wandering(np.random.default_rng(n_days), n_days + 1, day=day)
    second = p_values(days[:-1], days[-1])
    first = p_values(days[:-1], days[-1], second_order=False)
    assert (first <= 0.001).mean() > 0.02
    assert (second <= 0.001).mean() < 0.3 * (first <= 0.001).mean()
    assert (second <= 0.01).mean() <= 0.025


def test_where_the_days_vary_as_chance_gives_nothing_changes():
    days = np.random.default_rng(3).multinomial(1_000, [0.1] * 10, size=(60, 40))
    share = day_variation(days).freedom_share(1_000, 60_000)
    assert share.max() <= 1.0
    assert np.median(share) == pytest.approx(1.0, abs=0.02)


def test_a_variation_in_one_direction_keeps_one_degree_of_freedom():
    one = DayVariation(
        tau_squared=np.array(0.4), second_moment=np.array(9 * 0.4**2), n_days=np.array(90), known=np.array(True)
    )
    share = float(one.freedom_share(1e9, 1e9))  # all variation is that of the days
    assert 9 * share == pytest.approx(1.0, rel=1e-6)
    assert float(one.freedom_share(1, 1e9)) > 0.3  # few rows: chance of rows, in all directions, counts too


def test_days_that_all_hold_the_same_are_known_to_be_steady():
    days = np.zeros((28, 1, 3), int)
    days[..., 0] = 100
    found = day_variation(days)
    assert found.known.all()
    assert found.tau_squared.tolist() == [0.0]


def test_two_wet_days_among_dry_ones_tell_how_days_differ():
    days = np.zeros((28, 1, 2), int)
    days[..., 0] = 1_000
    days[[4, 20], 0] = [600, 400]
    found = day_variation(days)
    assert found.known.all()
    assert float(found.phi(1_000, 27_000)[0]) > 10
    assert day_variation(days[:13]).known.tolist() == [False]


def test_series_can_be_chosen_and_exchanged():
    first, other = no_variation((3,)), day_variation(np.random.default_rng(5).poisson(30, size=(20, 3, 4)))
    taken = np.array([False, True, False])
    assert first.with_other(other, taken).known.tolist() == [False, True, False]
    assert other.at(np.array([2, 0])).tau_squared.tolist() == other.tau_squared[[2, 0]].tolist()
