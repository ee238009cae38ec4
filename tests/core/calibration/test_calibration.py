import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from core.calibration.calibration import METRICS, binary_brier, brier_estimate, calibration, essentials
from core.calibration.score_bins import score_bins, segment_bins
from tests.core.calibration.made_up import EDGES, counted, rows, stacked


def found(y, p, **changes):
    counts = counted(y, p, **changes)
    return calibration(score_bins(counts), binary_brier(counts))


def test_every_metric_has_a_value_an_n_and_no_reason_on_a_good_log():
    y, p = rows()
    one = found(y, p)
    assert tuple(one.estimates) == METRICS
    for name, estimate in one.estimates.items():
        assert np.isfinite(estimate.value), name
        assert float(estimate.n) == len(y)
        assert str(estimate.reason) == ""
    for name in ("ece_debiased", "mce", "calibration_slope", "calibration_intercept", "brier_score"):
        assert one.estimates[name].low <= one.estimates[name].value <= one.estimates[name].high


def test_the_brier_score_agrees_with_scikit_learn():
    y, p = rows()
    assert float(found(y, p).estimates["brier_score"].value) == pytest.approx(brier_score_loss(y, p), abs=1e-12)


def test_weights_of_one_value_change_nothing_but_the_scale():
    y, p = rows()
    plain, weighted = found(y, p), found(y, p, weight=np.full(len(y), 3.7))
    for name in METRICS:
        assert float(weighted.estimates[name].value) == pytest.approx(float(plain.estimates[name].value), abs=1e-9)
        assert float(weighted.estimates[name].n) == pytest.approx(len(y))


def test_uneven_weights_widen_the_intervals():
    y, p = rows()
    weight = np.random.default_rng(1).exponential(1, len(y))
    plain, weighted = found(y, p), found(y, p, weight=weight)
    assert float(weighted.n) == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    slope, heavier = plain.estimates["calibration_slope"], weighted.estimates["calibration_slope"]
    assert float(heavier.high - heavier.low) > float(slope.high - slope.low)


def test_without_actuals_everything_says_so():
    one = found(np.full(200, 2), np.linspace(0.1, 0.9, 200))
    assert {str(estimate.reason) for estimate in one.estimates.values()} == {"not applicable: no actuals yet"}


def test_few_rows_of_a_class_withhold_the_line_and_keep_the_error():
    y, p = np.r_[np.ones(4, int), np.zeros(96, int)], np.linspace(0.01, 0.3, 100)
    one = found(y, p)
    assert "fewer than 5" in str(one.estimates["calibration_slope"].reason)
    assert np.isnan(one.estimates["miscalibration_p"].value)
    assert np.isfinite(one.estimates["ece"].value)
    assert bool(one.estimates["ece"].approximate)


def test_one_score_and_separated_classes_have_no_slope_and_say_why():
    y = np.arange(200) % 2
    assert "same score" in str(found(y, np.full(200, 0.4)).estimates["calibration_slope"].reason)
    assert "separate" in str(found(y, np.where(y == 1, 0.9, 0.1)).estimates["calibration_slope"].reason)


def test_segments_keep_the_brier_score_and_leave_out_its_parts():
    y, p = rows()
    counts = stacked([counted(y, p, edges=EDGES)])
    one = calibration(segment_bins(counts, counted(y, p)), binary_brier(counts)).at(0)
    assert float(one.estimates["brier_score"].value) == pytest.approx(brier_score_loss(y, p), abs=1e-12)
    assert "keep no sums" in str(one.estimates["brier_reliability"].reason)
    whole = found(y, p)
    difference = abs(float(one.estimates["ece"].value - whole.estimates["ece"].value))
    assert difference <= 0.01 + float(one.estimates["ece"].bound)


def test_the_segment_error_lies_within_its_bound_of_the_one_with_the_rows_own_means():
    y, p = rows()
    half = p > np.median(p)
    parts = stacked([counted(y[half], p[half], edges=EDGES), counted(y[~half], p[~half], edges=EDGES)])
    one = calibration(segment_bins(parts, counted(y, p)), binary_brier(parts))
    for segment, chosen in enumerate((half, ~half)):
        exact = found(y[chosen], p[chosen], edges=EDGES).estimates["ece"]
        bound = float(one.estimates["ece"].bound[segment])
        assert 0 < bound <= 0.01
        assert abs(float(one.estimates["ece"].value[segment] - exact.value)) <= bound


def test_a_brier_score_without_rows_says_why():
    assert str(brier_estimate(0.0, 0.0, 0.0).reason) == "not applicable: no actuals yet"


@pytest.mark.parametrize("actual", ["known", "of few", "of nobody"])
def test_what_is_judged_are_the_numbers_that_are_shown(actual):
    y, p = rows()
    y = {"known": y, "of few": np.where(np.arange(len(y)) < 3, 1, 0), "of nobody": np.full(len(y), 2)}[actual]
    counts = counted(y, p)
    shown, judged = calibration(score_bins(counts), binary_brier(counts)), essentials(score_bins(counts))
    error, slope = shown.estimates["ece_debiased"], shown.estimates["calibration_slope"]
    assert str(judged.no_line) == str(slope.reason)
    assert np.array_equal(judged.error.debiased, error.value, equal_nan=True)
    assert np.array_equal(judged.likelihood_ratio.statistic, shown.likelihood_ratio.statistic, equal_nan=True)
    assert float(judged.n) == float(shown.n)
    if actual != "of nobody":
        assert (float(judged.ends.low), float(judged.ends.high)) == (float(error.low), float(error.high))
    if actual == "known":
        assert float(judged.line.slope) == float(slope.value)


def test_what_is_judged_can_be_taken_apart_by_segment():
    y, p = rows()
    counts = [counted(y, one, edges=EDGES) for one in (p, p**2)]
    bins = segment_bins(stacked(counts), counted(y, p))
    both = essentials(bins)
    for place in (0, 1):
        alone = essentials(bins.at(place))
        assert float(both.at(place).error.debiased) == pytest.approx(float(alone.error.debiased), abs=1e-12)
        assert float(both.at(place).line.slope) == pytest.approx(float(alone.line.slope), abs=1e-9)
        assert float(both.at(place).ends.high) == pytest.approx(float(alone.ends.high), abs=1e-12)
