import numpy as np
import pytest

from core.explain.unit_values import sums_by_unit


def test_the_sums_of_units_add_up_to_those_of_all_rows():
    values = np.random.default_rng(0).normal(size=(30, 4))
    parts = sums_by_unit(values, [10, 0, 20])
    assert sum(parts) == pytest.approx(sums_by_unit(values, [30])[0])
    assert [one[-1] for one in parts] == [10.0, 0.0, 20.0]
    assert parts[0].shape == (9,)
