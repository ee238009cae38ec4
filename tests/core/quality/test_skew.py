import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.profile.bins import FeatureCounts
from core.profile.build_bins import numeric_bins
from core.profile.features import numeric_counts
from core.quality.skew import (
    beyond_days,
    decimals_distance,
    factor_words,
    integer_share,
    magnitude,
    rounding_sentence,
    scale_ratio,
    type_sentence,
    unit_sentence,
)

RNG = np.random.default_rng(7)
FEATURES = {
    "normal": RNG.normal(0, 10, 20_000),
    "lognormal": RNG.lognormal(10, 1.5, 20_000),
    "offset": 1e9 + RNG.normal(0, 1e5, 20_000),
    "zeros": np.where(RNG.random(20_000) < 0.7, 0, RNG.gamma(2, 3, 20_000)),
    "integers": RNG.integers(18, 80, 20_000).astype(float),
    "constant": np.full(2_000, 7.0),
}


def counted(bins, values):
    found, tails = numeric_counts(np.asarray(values, float), 0, bins, (None, None))
    zero = np.int64(0)
    return FeatureCounts(
        fine=found[: bins.n_bins], null=zero, nan=zero, neg_inf=zero, pos_inf=zero, tail_sums=tails, violations=zero
    )


def ratio(reference, current):
    bins = numeric_bins(reference)
    return scale_ratio(magnitude(bins, counted(bins, reference)), magnitude(bins, counted(bins, current)))


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("factor", [1, 10, 100, 1_000, 0.1, 0.01, 0.001])
def test_a_changed_unit_is_found_with_its_factor(name, factor):
    sample = np.random.default_rng(8).choice(FEATURES[name], 3_000)
    found = ratio(FEATURES[name], sample * factor)
    if name == "normal" and factor == 0.001:  # finer than a bin around 0: told as at least a hundredth
        assert found.ratio < 0.01
    else:
        assert found.ratio == pytest.approx(factor, rel=0.35)


def test_the_median_agrees_with_numpy_to_a_bin():
    values = FEATURES["normal"]
    bins = numeric_bins(values)
    found = magnitude(bins, counted(bins, values))
    assert found.median == pytest.approx(np.median(np.abs(values)), rel=0.01)
    assert found.mean == pytest.approx(np.abs(values).mean(), rel=0.01)
    assert found.low <= found.median <= found.high


def test_one_default_code_in_a_hundred_moves_nothing():
    sample = np.r_[np.random.default_rng(8).choice(FEATURES["zeros"], 3_000), [1e9] * 30]
    assert ratio(FEATURES["zeros"], sample).ratio == pytest.approx(1, rel=0.1)


def test_no_drift_is_no_change_of_unit():
    assert ratio(FEATURES["normal"], FEATURES["normal"] + 20).ratio < 10


def test_without_values_other_than_zero_nothing_is_said():
    assert np.isnan(ratio(np.zeros(100), np.ones(100)).ratio)
    assert np.isnan(ratio(FEATURES["normal"], np.zeros(0)).ratio)
    assert np.isnan(ratio(np.full(10, np.nan), np.ones(10)).ratio)


@settings(max_examples=20)
@given(st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=200))
def test_the_reference_against_itself_is_one(values):
    found = ratio(np.array(values), np.array(values))
    assert np.isnan(found.ratio) or found.ratio == pytest.approx(1)


def test_windows_are_measured_each_by_itself():
    bins = numeric_bins(FEATURES["normal"])
    both = [counted(bins, FEATURES["normal"][:500] * k) for k in (1, 1_000)]
    stacked = FeatureCounts(
        fine=np.stack([one.fine for one in both]),
        tail_sums=np.stack([one.tail_sums for one in both]),
        **{name: np.zeros(2, int) for name in ("null", "nan", "neg_inf", "pos_inf", "violations")},
    )
    found = magnitude(bins, stacked)
    assert found.median == pytest.approx([float(magnitude(bins, one).median) for one in both])


def test_whole_numbers_are_a_share_with_its_interval():
    found = integer_share(np.array([[30, 10, 0, 0], [0, 0, 0, 0]]))
    assert found.value[0] == 0.75
    assert found.interval.low[0] < 0.75 < found.interval.high[0]
    assert np.isnan(found.value[1])


def test_a_share_within_that_of_the_references_days_is_no_change():
    days = np.array([[60, 40, 0, 0], [80, 20, 0, 0], [1, 0, 0, 0]])  # the last day is too thin to say anything
    found = beyond_days(days, np.array([[70, 30, 0, 0], [100, 0, 0, 0], [10, 90, 0, 0], [0, 0, 0, 0]]))
    assert found[:3] == pytest.approx([0, 0.2, -0.5])
    assert np.isnan(found[3])
    assert np.isnan(beyond_days(np.zeros((3, 4), int), np.array([1, 0, 0, 0])))


def test_decimals_are_compared_with_the_nearest_day():
    days = np.array([[0, 100, 0, 0], [0, 0, 100, 0]])
    assert decimals_distance(days, np.array([500, 10, 90, 0])) == pytest.approx(0.1)
    assert decimals_distance(days, np.array([500, 0, 0, 70])) == pytest.approx(1)
    assert np.isnan(decimals_distance(days, np.array([500, 0, 0, 0])))
    assert np.isnan(decimals_distance(np.zeros((2, 4), int), np.array([0, 5, 5, 5])))


def test_findings_are_sentences():
    assert unit_sentence("income", 998.0) == "income is 1,000 times larger than in the reference: a changed unit?"
    assert factor_words(1 / 60) == "60 times smaller"
    assert "a changed type?" in type_sentence("age", 1.0, 0.0)
    same = rounding_sentence("x", np.array([0, 90, 10, 0]), np.array([0, 60, 40, 0]))
    assert same == "x is rounded otherwise than in the reference, mostly to 1 decimal: changed rounding?"
