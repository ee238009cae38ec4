import fairlearn.metrics as fairlearn
import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency, norm

from core.fairness.gaps import (
    METRICS,
    compared_groups,
    difference,
    difference_interval,
    group_gaps,
    homogeneity,
    ratio,
    ratio_of_extremes_interval,
    simultaneous_z,
)
from core.fairness.rates import Tally
from core.stats.two_proportions import newcombe_difference, ratio_interval
from tests.core.fairness.counted_groups import confusion_of, made, rows

EVERYBODY = {"fewest_rows": 1, "fewest_events": 1, "draws": 0}


def of_fairlearn(y, decided, group):
    options = {"sensitive_features": group}
    return {
        "demographic_parity_difference": fairlearn.demographic_parity_difference(y, decided, **options),
        "demographic_parity_ratio": fairlearn.demographic_parity_ratio(y, decided, **options),
        "equalized_odds_difference": fairlearn.equalized_odds_difference(y, decided, **options),
        "equalized_odds_ratio": fairlearn.equalized_odds_ratio(y, decided, **options),
        "equal_opportunity_difference": fairlearn.equal_opportunity_difference(y, decided, **options),
    }


def values(gaps):
    return {name: float(gap.estimate.value) for name, gap in gaps.items()}


@pytest.mark.parametrize("seed", range(5))
def test_the_gaps_are_those_of_fairlearn_on_the_same_rows(seed):
    rng = np.random.default_rng(seed)
    y, decided, group = rng.integers(0, 2, 400), rng.integers(0, 2, 400), rng.integers(0, 4, 400)
    found = values(group_gaps(confusion_of(y, decided, group, 4), **EVERYBODY))
    assert tuple(found) == METRICS
    assert found == pytest.approx(of_fairlearn(y, decided, group), abs=1e-9)


@pytest.mark.parametrize("column", ["SEX", "RAC1P"])
@pytest.mark.parametrize("file", ["reference", "analysis"])
def test_the_gaps_of_the_census_are_those_of_fairlearn(shared, column, file):
    folder = shared / "data" / "employment_ma"
    census = pl.read_parquet(folder / f"{file}.parquet")
    if file == "analysis":
        census = census.join(pl.read_parquet(folder / "actuals.parquet"), on="id")
    # of a group without a positive, or a negative, fairlearn calls the rate 0, we say that there is none
    counted = census.group_by(column).agg(pl.col("employed").n_unique().alias("kinds")).filter(pl.col("kinds") == 2)
    census = census.join(counted, on=column)
    y, decided = (census[name].to_numpy().astype(int) for name in ("employed", "prediction"))
    group = np.unique(census[column].to_numpy(), return_inverse=True)[1]
    found = values(group_gaps(confusion_of(y, decided, group, group.max() + 1), **EVERYBODY))
    assert found == pytest.approx(of_fairlearn(y, decided, group), abs=1e-9)


def test_the_selection_rate_is_the_published_one_of_the_census(shared):
    census = pl.read_parquet(shared / "data" / "employment_ma" / "reference.parquet")
    y, decided, sex = (census[name].to_numpy().astype(int) for name in ("employed", "prediction", "SEX"))
    found = group_gaps(confusion_of(y, decided, sex - 1, 2), draws=0)["demographic_parity_difference"]
    assert float(found.estimate.value) == pytest.approx(0.539131 - 0.537418, abs=1e-6)


def test_gaps_by_hand():
    assert float(difference([0.75, np.nan, 0.5])) == 0.25
    assert float(ratio([0.75, np.nan, 0.5])) == pytest.approx(2 / 3)
    assert np.isnan(difference([np.nan, np.nan]))
    assert np.isnan(ratio([0.0, 0.0]))


def test_the_order_of_the_groups_changes_no_number():
    cells = np.random.default_rng(0).integers(20, 300, (5, 3, 3))
    order = [3, 0, 4, 1, 2]
    one, two = group_gaps(cells, draws=0), group_gaps(cells[order], draws=0)
    for name in METRICS:
        assert [float(getattr(one[name].estimate, end)) for end in ("value", "low", "high")] == pytest.approx(
            [float(getattr(two[name].estimate, end)) for end in ("value", "low", "high")], abs=1e-12
        )
        assert order[int(two[name].highest)] == int(one[name].highest)


def test_of_two_groups_the_interval_is_that_of_their_pair():
    tally = Tally(successes=np.array([56.0, 48.0]), n=np.array([70.0, 80.0]))
    both = np.array([True, True])
    found, pair = difference_interval(tally, both), newcombe_difference(56, 70, 48, 80)
    assert (float(found.low), float(found.high)) == pytest.approx((float(pair.low), float(pair.high)), abs=1e-12)
    smaller = ratio_interval(48, 80, 56, 70)
    found = ratio_of_extremes_interval(tally, both)
    assert (float(found.low), float(found.high)) == pytest.approx((float(smaller.low), float(smaller.high)), abs=1e-12)


def test_the_level_is_shared_by_all_pairs_and_by_both_rates():
    assert simultaneous_z([2, 3]).tolist() == pytest.approx([norm.isf(0.025), norm.isf(0.025 / 3)], abs=1e-12)
    assert float(simultaneous_z(3, families=2)) == pytest.approx(norm.isf(0.025 / 6), abs=1e-12)


def test_homogeneity_is_scipys_chi_square():
    k, n = np.array([300.0, 130, 30, 9]), np.array([1000.0, 500, 100, 9])
    found = homogeneity(Tally(successes=k, n=n), np.array([True, True, True, False]))
    expected = chi2_contingency([k[:3], (n - k)[:3]], correction=False)
    assert (float(found.statistic), float(found.df), float(found.p)) == pytest.approx(
        (expected.statistic, 2, expected.pvalue), abs=1e-12
    )


def test_of_equalized_odds_the_worse_rate_decides_and_both_are_tested():
    cells = np.zeros((2, 3, 3), int)
    cells[0, :2, :2], cells[1, :2, :2] = [[300, 50], [100, 150]], [[200, 60], [200, 140]]
    gap = group_gaps(cells, draws=0)["equalized_odds_difference"]
    assert str(gap.decided_by) == "false_positive_rate"
    assert (int(gap.highest), int(gap.lowest)) == (1, 0)
    assert float(gap.estimate.value) == pytest.approx(0.25)
    assert float(gap.homogeneity.df) == 2


def test_small_groups_are_not_ranked_and_hidden_ones_never():
    cells = np.zeros((4, 3, 3), int)
    cells[:, 0, 0] = [500, 400, 30, 300]
    cells[:, 1, 1] = [500, 600, 60, 9]
    parity = group_gaps(cells, draws=0)["demographic_parity_difference"]
    assert parity.counted.tolist() == [True, True, False, True]
    assert float(parity.estimate.value) == pytest.approx(0.6 - 9 / 309)
    hidden = group_gaps(cells, hidden=np.array([False, False, False, True]), draws=0)
    assert float(hidden["demographic_parity_difference"].estimate.value) == pytest.approx(0.1)
    masks = compared_groups(cells, "equal_opportunity_difference")
    assert masks[0].tolist() == [True, True, False, False]


def test_fewer_than_two_groups_are_not_applicable_with_the_reason():
    cells = np.zeros((2, 3, 3), int)
    cells[0, :2, :2], cells[1, :2, :2] = 100, 5
    found = group_gaps(cells)
    assert "fewer than two groups with 100 decided rows" in str(found["demographic_parity_ratio"].estimate.reason)
    assert "100 labelled rows and 10 positives" in str(found["equal_opportunity_difference"].estimate.reason)
    assert "10 rows of each actual" in str(found["equalized_odds_difference"].estimate.reason)
    for gap in found.values():
        assert np.isnan(gap.estimate.value)
        assert int(gap.highest) == -1


def test_a_ratio_of_nothing_selected_is_not_applicable():
    cells = np.zeros((2, 3, 3), int)
    cells[:, 0, :2] = 200
    found = group_gaps(cells, draws=0)
    assert "no row of any group was selected" in str(found["demographic_parity_ratio"].estimate.reason)
    assert float(found["demographic_parity_difference"].estimate.value) == 0.0


def test_many_windows_at_once_are_each_window_alone():
    cells = np.random.default_rng(5).integers(0, 90, (6, 3, 3, 3))
    together = group_gaps(cells, draws=50)
    for place in range(6):
        alone = group_gaps(cells[place], draws=50)
        for name in METRICS:
            assert np.array_equal(together[name].estimate.value[place], alone[name].estimate.value, equal_nan=True)
            assert np.array_equal(together[name].estimate.low[place], alone[name].estimate.low, equal_nan=True)
            assert np.array_equal(together[name].chance.mean[place], alone[name].chance.mean, equal_nan=True)


def test_the_interval_covers_a_true_difference_and_a_true_zero():
    rng = np.random.default_rng(7)
    n = np.array([2_000.0, 400, 150])
    for p in ([0.3, 0.3, 0.3], [0.3, 0.35, 0.45]):
        k = rng.binomial(n.astype(int), p, (2_000, 3)).astype(float)
        found = difference_interval(Tally(successes=k, n=np.broadcast_to(n, k.shape)), np.ones(k.shape, bool))
        true = max(p) - min(p)
        covered = (found.low <= true) & (true <= found.high)
        assert covered.mean() >= 0.94


def test_gaps_of_a_calibrated_score_are_found_where_base_rates_differ():
    found = group_gaps(made(n=8_000).confusion)["demographic_parity_difference"]
    _, score, group = rows(8_000)
    by_group = [(score[group == place] >= 0.5).mean() for place in (0, 1)]
    assert float(found.estimate.value) == pytest.approx(by_group[1] - by_group[0], abs=1e-12)
    assert float(found.estimate.low) > float(found.chance.limit) > float(found.chance.mean) > 0
