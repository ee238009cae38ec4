from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from core.profile import profile as read
from core.profile.counts import RESIDUAL_SUMS
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.regression_outcomes import residual_terms

BARE = Plan(kinds={}, sources={"region": "c_0001"}, segments=("region",), task="regression", score_kind="prediction")


@pytest.fixture
def log(regression):
    return regression.make(4_000, 7)


@pytest.fixture
def got(regression, log):
    layout, made = Layout(regression.binning), profile(log, regression.binning)
    whole = read.regression_counts(layout, made.ints, made.floats)
    return whole, read.segment_regression_counts(layout, made.ints, made.floats)


@pytest.fixture
def plain(log):
    """Return prediction and actual, and the rows that have both."""
    prediction, actual = (log[name].to_numpy().astype(float) for name in ("score", "actual"))
    return prediction, actual, np.isfinite(prediction) & np.isfinite(actual)


def expected_sums(prediction, actual, centre):
    e, d, b = prediction - actual, actual - centre, centre - actual
    over, under = np.where(e > 0, e, 0), np.where(e < 0, -e, 0)
    b_over, b_under = np.where(b > 0, b, 0), np.where(b < 0, -b, 0)
    some = actual != 0
    ape = np.abs(e[some]) / np.abs(actual[some])
    return {
        "e": e.sum(), "abs_e": np.abs(e).sum(), "e2": (e**2).sum(), "e4": (e**4).sum(),
        "d": d.sum(), "d2": (d**2).sum(), "d3": (d**3).sum(), "d4": (d**4).sum(),
        "e2d": (e**2 * d).sum(), "e2d2": (e**2 * d**2).sum(), "ape": ape.sum(), "ape2": (ape**2).sum(),
        "over": over.sum(), "over2": (over**2).sum(), "under": under.sum(), "under2": (under**2).sum(),
        "baseline_over": b_over.sum(), "baseline_over2": (b_over**2).sum(),
        "baseline_under": b_under.sum(), "baseline_under2": (b_under**2).sum(),
        "over_baseline_over": (over * b_over).sum(), "over_baseline_under": (over * b_under).sum(),
        "under_baseline_over": (under * b_over).sum(), "under_baseline_under": (under * b_under).sum(),
    }  # fmt: skip


def test_every_sum_agrees_with_the_rows(got, plain):
    prediction, actual, both = plain
    whole, _ = got
    expected = expected_sums(prediction[both], actual[both], whole.centre)
    assert tuple(expected) == RESIDUAL_SUMS
    for name, value in expected.items():
        assert whole.total(name) == pytest.approx(value, rel=1e-11, abs=1e-6), name
    assert whole.residual_n.tolist() == [both.sum(), (both & (actual != 0)).sum()]


def test_the_sums_give_what_scikit_learn_gives(got, plain):
    prediction, actual, both = plain
    whole, _ = got
    n, truth, guess = whole.residual_n[0], actual[both], prediction[both]
    assert whole.total("abs_e") / n == pytest.approx(mean_absolute_error(truth, guess), rel=1e-9)
    assert whole.total("e2") / n == pytest.approx(mean_squared_error(truth, guess), rel=1e-9)
    spread = whole.total("d2") - whole.total("d") ** 2 / n
    assert 1 - whole.total("e2") / spread == pytest.approx(r2_score(truth, guess), rel=1e-9)


def test_errors_are_counted_in_right_closed_bins(got, plain):
    prediction, actual, both = plain
    whole, _ = got
    sizes = np.abs(prediction - actual)[both]
    bounds = np.concatenate([[-np.inf], whole.edges, [np.inf]])
    expected = [((sizes > low) & (sizes <= high)).sum() for low, high in pairwise(bounds)]
    assert whole.error_counts.tolist() == expected


def test_each_segment_sums_its_own_rows(got, plain, log, regression):
    prediction, actual, both = plain
    _, segments = got
    regions = log["c_0001"].cast("string").to_pylist()
    for place, segment in enumerate(regression.binning.segments):
        if segment.column != "region" or (segment.level is None and not segment.missing):
            continue
        mine = both & np.array([region == segment.level for region in regions])
        expected = expected_sums(prediction[mine], actual[mine], segments.centre)
        for name, value in expected.items():
            assert segments.total(name)[place] == pytest.approx(value, rel=1e-11, abs=1e-6), name
        assert segments.residual_n[place].tolist() == [mine.sum(), (mine & (actual != 0)).sum()]
        assert segments.error_counts[place].sum() == mine.sum()


def test_predicting_the_centre_is_the_baseline():
    rows = pa.table({"score": [5.0, 5.0, 5.0], "actual": [2.0, 5.0, 11.0]})
    binning = make_binning(rows, BARE)
    assert binning.actual_centre == 5.0
    made = profile(rows, binning)
    got = read.regression_counts(Layout(binning), made.ints, made.floats)
    for side in ("over", "over2", "under", "under2"):
        assert got.total(side) == got.total(f"baseline_{side}")
    assert (got.total("over"), got.total("under")) == (3.0, 6.0)


def test_values_near_the_largest_float_do_not_stop_the_count():
    rows = pa.table({"score": [1e300, 1.0], "actual": [-1e300, 1.0]})
    binning = make_binning(pa.table({"score": [1.0, 2.0], "actual": [1.0, 3.0]}), BARE)
    made = profile(rows, binning)
    got = read.regression_counts(Layout(binning), made.ints, made.floats)
    assert got.residual_n.tolist() == [2, 2]
    assert got.total("e4") == np.inf
    assert got.error_counts[-1] == 1


def test_there_is_one_term_for_each_name():
    terms = list(residual_terms(np.zeros(3), np.zeros(3), 0.0))
    assert len(terms) == len(RESIDUAL_SUMS)
    assert all(term.shape == (3,) for term in terms)
