import numpy as np
import pytest

from core.profile.labels import short_number, short_numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (12.5, "12.5"),
        (1234567.0, "1234567"),
        (1e-9, "1e-9"),
        (2.5e12, "2.5e12"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (1 / 3, "0.333333"),
    ],
)
def test_a_number_is_written_short(value, text):
    assert short_number(value) == text


def test_borders_get_as_many_digits_as_their_distance_needs():
    assert short_numbers(np.array([0.1454, 1000.4, 1000.9])) == ("0", "1000.4", "1000.9")
    assert short_numbers(np.array([0.1454, 0.2804])) == ("0.145", "0.28")


def test_borders_far_from_zero_stay_apart():
    texts = short_numbers(1e9 + np.arange(5.0))
    assert texts == ("1000000000", "1000000001", "1000000002", "1000000003", "1000000004")


def test_a_sentinel_does_not_coarsen_the_other_borders():
    assert short_numbers(np.array([0.5, 0.75, 1e9])) == ("0.5", "0.75", "1e9")


def test_the_largest_floats_do_not_overflow():
    assert short_numbers(np.array([-1.7e308, 0.0, 1.7e308])) == ("-1.7e308", "0", "1.7e308")
