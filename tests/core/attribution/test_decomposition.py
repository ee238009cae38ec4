"""The parts of a change of a weighted mean: exact, symmetric, and mix alone where a segment came or went."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attribution.decomposition import Ratio, decompose, of_root

COUNTS = st.integers(0, 10**6)
RATES = st.floats(0, 1)


@st.composite
def windows(draw):
    n = draw(st.integers(1, 8))
    sides = []
    for _ in range(2):
        below = np.array(draw(st.lists(COUNTS, min_size=n, max_size=n)), float)
        below[0] += 1
        sides.append(Ratio.of(below * draw(st.lists(RATES, min_size=n, max_size=n)), below))
    return sides


@given(windows())
def test_parts_add_up_to_the_change_to_the_last_digits(sides):
    parts = decompose(*sides)
    size = max(abs(float(sides[0].overall)), abs(float(sides[1].overall)), 1e-300)
    total = float(sides[1].overall - sides[0].overall)
    assert abs(float(parts.mix.sum() + parts.within.sum()) - total) <= 1e-12 * size
    assert float(parts.total) == total


@given(windows())
def test_exchanging_the_windows_changes_only_the_sign(sides):
    there, back = decompose(*sides), decompose(*sides[::-1])
    assert np.allclose(there.mix, -back.mix, rtol=0, atol=1e-12)
    assert np.allclose(there.within, -back.within, rtol=0, atol=1e-12)


@given(windows())
def test_parts_of_the_root_add_up_to_the_change_of_the_root(sides):
    before, now = sides
    parts = of_root(decompose(before, now), before, now)
    total = float(np.sqrt(now.overall) - np.sqrt(before.overall))
    size = max(float(np.sqrt(now.overall)), float(np.sqrt(before.overall)), 1e-150)
    if size > 1e-6:
        assert abs(float(parts.mix.sum() + parts.within.sum()) - total) <= 1e-9 * size


def test_a_segment_that_came_is_all_mix():
    parts = decompose(Ratio.of([90, 0], [100, 0]), Ratio.of([90, 10], [100, 100]))
    assert parts.within.tolist() == [0.0, 0.0]
    assert parts.mix[1] == pytest.approx(0.5 * (0.1 - (0.9 + 0.5) / 2))
    assert float(parts.mix.sum()) == pytest.approx(0.5 - 0.9)


def test_a_window_without_a_denominator_has_no_parts():
    parts = decompose(Ratio.of([1, 2], [3, 4]), Ratio.of([0, 0], [0, 0]))
    assert np.isnan(parts.total)
    assert np.isnan(parts.mix).all()


def test_an_average_segment_has_no_mix():
    parts = decompose(Ratio.of([50, 40, 60], [100, 100, 100]), Ratio.of([150, 40, 60], [300, 100, 100]))
    assert parts.mix[0] == pytest.approx(0.0, abs=1e-15)
