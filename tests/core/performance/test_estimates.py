import numpy as np
import pytest

from core.performance.estimates import UNDEFINED, estimate
from core.stats.intervals import Interval


def made(values, reasons):
    values = np.asarray(values, float)
    return estimate(
        "x", values, Interval(low=values - 1, high=values + 1), n=np.full(values.shape, 9.0), reason=np.array(reasons)
    )


def test_a_value_with_a_reason_is_withheld():
    found = made([1.0, 2.0], ["", "not applicable: too few"])
    assert found.at(0).value == 1.0
    assert np.isnan(found.at(1).value)
    assert np.isnan(found.at(1).low)
    assert found.at(1).note == "not applicable: too few"


def test_a_value_that_is_no_number_always_has_a_reason():
    assert made([np.nan], [""]).at(0).note == UNDEFINED


def test_without_a_standard_error_the_interval_gives_it():
    assert float(made([1.0], [""]).error[0]) == pytest.approx(1 / 1.959964, abs=1e-6)
