import numpy as np
import pytest

from core.errors import BadInputError, NotEnoughDataError
from core.profile.counts import N_TOTALS
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.profile import stack
from core.profile.totals import arrival_counts, decimal_counts, latency_counts, rows, segment_totals, totals


def test_totals_take_any_leading_axes(case):
    layout = Layout(case.binning)
    ints, _ = stack([profile(case.make(100, seed), case.binning) for seed in range(6)])
    ints = ints.reshape(2, 3, -1)
    assert totals(layout, ints).shape == (2, 3, N_TOTALS)
    assert segment_totals(layout, ints).shape == (2, 3, len(case.binning.segments), N_TOTALS)
    assert rows(layout, ints).tolist() == [[100] * 3] * 2
    assert latency_counts(layout, ints).sum(axis=-1).tolist() == [[100] * 3] * 2
    assert arrival_counts(layout, ints).shape == (2, 3, 13)


def test_decimals_of_a_numeric_feature_count_its_finite_values(case):
    log = case.make(500, 3)
    made, layout = profile(log, case.binning), Layout(case.binning)
    assert decimal_counts(layout, made.ints, "hour").tolist() == [500, 0, 0, 0]
    assert decimal_counts(layout, made.ints, "amount").sum() == np.isfinite(log["f_0001"].to_numpy()).sum()


@pytest.mark.parametrize("name", ["carrier", "score", "nope"])
def test_only_numeric_features_have_decimals(rows, binning, name):
    with pytest.raises(BadInputError, match="not a numeric feature"):
        decimal_counts(Layout(binning), profile(rows_of_one(rows), binning).ints, name)


def rows_of_one(make):
    return make(1)


def test_latency_that_is_not_declared_is_said_to_be_missing(rows_of, binning):
    with pytest.raises(NotEnoughDataError, match="latency is not logged"):
        latency_counts(Layout(binning), profile(rows_of(5, 1), binning).ints)
