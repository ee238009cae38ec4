import numpy as np

from core.performance.performance import Performance
from core.performance.regression import regression_estimates
from tests.core.performance.counted import regression_counts


def test_one_element_of_the_leading_axes_keeps_every_number():
    rng = np.random.default_rng(0)
    y = rng.normal(0, 1, (2, 3, 40))
    found = regression_estimates(regression_counts(y, y + 0.5, centre=0.0))
    rows = np.arange(6.0).reshape(2, 3)
    whole = Performance(estimates=found, n_rows=rows, n_labelled=rows / 2, label_coverage=rows / 10)
    one = whole.at((1, 2))
    assert (float(one.n_rows), float(one.n_labelled), float(one.label_coverage)) == (5.0, 2.5, 0.5)
    assert float(one.estimates["bias"].value) == float(found["bias"].value[1, 2])


def test_a_slice_keeps_the_other_axis():
    y = np.zeros((4, 2, 40))
    found = regression_estimates(regression_counts(y, y + 1.0, centre=0.0))
    rows = np.ones((4, 2))
    whole = Performance(estimates=found, n_rows=rows, n_labelled=rows, label_coverage=rows)
    assert whole.at((slice(None), 1)).estimates["mae"].value.tolist() == [1.0] * 4
