import numpy as np
import pytest

from core.profile.decimals import BLOCK_ROWS, decimal_places


@pytest.mark.parametrize("decimals", range(5))
def test_rounded_values_have_at_most_so_many_decimals(decimals):
    values = np.sort(np.round(np.random.default_rng(0).normal(0, 1_000, 3_000), decimals))
    texts = [f"{value:.{decimals}f}".rstrip("0") for value in values]
    plain = [len(text.partition(".")[2]) for text in texts]
    expected = np.bincount(np.minimum(plain, 3), minlength=4)
    assert decimal_places(values).tolist() == expected.tolist()


def test_rounding_noise_makes_no_decimals():
    values = np.sort(np.array([0.1 + 0.2, 1.1 * 3, 29.99 * 100, -0.07 * 100]))
    assert decimal_places(values).tolist() == [2, 2, 0, 0]


def test_numbers_too_large_for_a_fraction_are_whole():
    values = np.array([-1e308, -1e12 - 0.5, 0.0, 5e-324, 3e15, 1e308])
    assert decimal_places(values).tolist() == [5, 0, 0, 1]


def test_blocks_do_not_matter():
    values = np.sort(np.round(np.random.default_rng(0).normal(0, 5, 2 * BLOCK_ROWS + 7), 1))
    parts = sum(decimal_places(part) for part in np.array_split(values, 5))
    assert decimal_places(values).tolist() == parts.tolist()


def test_no_values_have_no_decimals():
    assert decimal_places(np.empty(0)).tolist() == [0, 0, 0, 0]
