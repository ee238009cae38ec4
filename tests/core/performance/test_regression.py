import numpy as np
import polars as pl
import pytest
from sklearn import linear_model, metrics

from core.performance.estimates import NO_ACTUALS
from core.performance.regression import HEAVY, METRICS, heavy_tailed, r2, r2_interval, regression_estimates
from tests.core.performance.counted import regression_counts


def sample(n=3_000, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(30, 4, n)
    return y, y + rng.normal(0.3, 1.2, n)


def values(counts):
    return {name: float(one.value) for name, one in regression_estimates(counts).items()}


def scikit_learn(y, p):
    return {
        "mae": metrics.mean_absolute_error(y, p),
        "rmse": metrics.root_mean_squared_error(y, p),
        "mape": metrics.mean_absolute_percentage_error(y, p),
        "r2": metrics.r2_score(y, p),
        "bias": float(np.mean(p - y)),
    }


def test_every_exact_metric_agrees_with_scikit_learn():
    y, p = sample()
    found = values(regression_counts(y, p))
    assert tuple(found) == METRICS
    for name, value in scikit_learn(y, p).items():
        assert found[name] == pytest.approx(value, abs=1e-9), name


def test_the_median_agrees_with_scikit_learn_within_the_bound_that_is_said():
    y, p = sample()
    found = regression_estimates(regression_counts(y, p))["median_absolute_error"]
    assert abs(float(found.value) - metrics.median_absolute_error(y, p)) <= float(found.bound)
    assert "binning error at most" in found.note


def test_real_rentals_agree_with_scikit_learn(shared):
    rows = pl.read_parquet(shared / "data" / "bike_sharing" / "hour.parquet")
    x = rows.select(
        "season", "mnth", "hr", "weekday", "workingday", "weathersit", "temp", "hum", "windspeed"
    ).to_numpy()
    y = rows["cnt"].to_numpy().astype(np.float64)
    p = linear_model.LinearRegression().fit(x[: len(y) // 3], y[: len(y) // 3]).predict(x)
    found = values(regression_counts(y, p, edges=np.quantile(np.abs(p - y), np.arange(1, 200) / 200)))
    for name, value in scikit_learn(y, p).items():
        assert found[name] == pytest.approx(value, abs=1e-9 * max(1.0, abs(value))), name


def test_three_rows_worked_by_hand():
    found = values(regression_counts([1.0, 2.0, 4.0], [2.0, 2.0, 1.0]))
    assert found["mae"] == pytest.approx(4 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(10 / 3))
    assert found["bias"] == pytest.approx(-2 / 3)
    assert found["mape"] == pytest.approx((1 + 0 + 0.75) / 3)


def test_adding_the_same_number_to_actual_and_prediction_changes_only_what_is_relative():
    y, p = sample()
    plain, moved = values(regression_counts(y, p)), values(regression_counts(y + 1_000, p + 1_000))
    for name in ("mae", "rmse", "r2", "bias", "median_absolute_error"):
        assert moved[name] == pytest.approx(plain[name], abs=1e-9), name
    assert moved["mape"] < plain["mape"]


def test_without_actuals_everything_is_withheld():
    found = regression_estimates(regression_counts(np.zeros(0), np.zeros(0)))
    assert {str(one.reason) for one in found.values()} == {NO_ACTUALS}
    assert all(np.isnan(one.value) for one in found.values())


def test_r2_needs_thirty_rows_and_actuals_that_vary():
    y, p = sample(29)
    assert "needs 30 rows" in regression_estimates(regression_counts(y, p))["r2"].note
    constant = regression_estimates(regression_counts(np.full(50, 3.1), np.linspace(0, 1, 50)))["r2"]
    assert "do not vary" in constant.note


def test_rows_whose_actual_is_zero_are_left_out_of_mape_and_said():
    y, p = sample(100)
    y[:7] = 0.0
    found = regression_estimates(regression_counts(y, p))["mape"]
    assert float(found.value) == pytest.approx(metrics.mean_absolute_percentage_error(y[7:], p[7:]), abs=1e-9)
    assert found.note == "rows with an actual of 0 left out: 7"
    assert float(found.n) == 93
    assert "every actual is 0" in regression_estimates(regression_counts(np.zeros(9), np.ones(9)))["mape"].note


def test_a_few_rows_with_most_of_the_error_make_the_intervals_approximate():
    y, p = sample(500)
    assert not bool(heavy_tailed(regression_counts(y, p)))
    p[0] = y[0] + 40
    found = regression_estimates(regression_counts(y, p))
    assert HEAVY in found["rmse"].note
    assert HEAVY in found["mae"].note


def test_a_median_beyond_the_grid_is_withheld():
    y = np.zeros(40)
    assert "beyond the last edge" in regression_estimates(regression_counts(y, y + 99))["median_absolute_error"].note


def test_leading_axes_give_what_each_window_gives_alone():
    rng = np.random.default_rng(1)
    y = rng.normal(0, 1, (3, 2, 60))
    p = y + rng.normal(0, 0.5, y.shape)
    together = regression_estimates(regression_counts(y, p, centre=0.0))
    alone = regression_estimates(regression_counts(y[2, 1], p[2, 1], centre=0.0))
    for name in METRICS:
        assert together[name].value.shape == (3, 2)
        assert float(together[name].low[2, 1]) == pytest.approx(float(alone[name].low), rel=1e-12)


def test_the_interval_of_r2_is_normal_for_the_logarithm_of_what_is_left():
    y, p = sample(200)
    counts = regression_counts(y, p)
    value, error = r2(counts)
    interval = r2_interval(value, error, np.asarray(200.0))
    assert np.log(1 - interval.low) + np.log(1 - interval.high) == pytest.approx(2 * np.log(1 - value))


def held(name, errors, truth, *, repeats=1_500, n=300):
    """Return how often the interval of a metric holds the truth."""
    rng = np.random.default_rng(5)
    e = errors(rng, (repeats, n))
    y = rng.normal(0, 2, (repeats, n))
    found = regression_estimates(regression_counts(y, y + e, centre=0.0, edges=np.linspace(0.01, 30, 3_000)))[name]
    return float(((found.low <= truth) & (truth <= found.high)).mean())


def normal(rng, shape):
    return rng.normal(0, 1, shape)


@pytest.mark.parametrize(
    ("name", "truth", "n", "low", "high"),
    [
        ("mae", np.sqrt(2 / np.pi), 300, 0.935, 0.965),
        ("rmse", 1.0, 30, 0.91, 0.955),
        ("rmse", 1.0, 300, 0.93, 0.965),
        ("r2", 0.75, 300, 0.93, 0.965),
        ("r2", 0.75, 1_000, 0.93, 0.965),
        ("bias", 0.0, 30, 0.935, 0.965),
        ("median_absolute_error", 0.6744898, 100, 0.94, 0.985),
        ("median_absolute_error", 0.6744898, 1_000, 0.94, 0.98),
    ],
)
def test_the_intervals_hold_the_truth_as_often_as_they_say(name, truth, n, low, high):
    assert low <= held(name, normal, truth, n=n) <= high


def test_heavy_tails_make_the_interval_of_rmse_short_and_most_are_marked_approximate():
    rng = np.random.default_rng(3)
    e = rng.lognormal(0, 1.5, (400, 300))
    y = rng.normal(0, 2, e.shape)
    found = regression_estimates(regression_counts(y, y + e, centre=0.0, edges=np.geomspace(0.01, 500, 400)))["rmse"]
    assert found.approximate.mean() > 0.8


def test_errors_that_no_number_can_hold_squared_say_so():
    with np.errstate(over="ignore", invalid="ignore"):
        counts = regression_counts(np.array([1e300, -1e300, 0.0] * 20), np.zeros(60))
    found = regression_estimates(counts)
    for name in ("mae", "rmse", "r2", "bias"):
        assert np.isnan(found[name].value)
        assert "too large to be squared" in str(found[name].reason)
