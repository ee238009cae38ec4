import numpy as np
import pytest

from core.performance.display import Confusion, error_distribution

EDGES = np.linspace(0.5, 20, 40)


def test_errors_are_shown_on_cells_of_about_equal_share_of_the_reference():
    rng = np.random.default_rng(0)
    reference = np.bincount(np.searchsorted(EDGES, np.abs(rng.normal(0, 5, 5_000))), minlength=41)
    current = np.bincount(np.searchsorted(EDGES, np.abs(rng.normal(0, 9, 1_000))), minlength=41)
    found = error_distribution(current, reference, EDGES)
    assert len(found.names) == 10
    assert found.names[0].startswith("up to ")
    assert found.names[-1].startswith("over ")
    assert found.reference_share == pytest.approx([0.1] * 10, abs=0.06)
    assert sum(found.current_share) == pytest.approx(1.0)
    assert found.current_share[-1] > 0.2


def test_without_a_reference_the_cells_are_those_of_the_window_and_without_rows_there_is_nothing():
    current = np.bincount(np.arange(41), minlength=41)
    found = error_distribution(current, np.zeros(41, int), EDGES)
    assert found.reference_share == (0.0,) * len(found.names)
    assert error_distribution(np.zeros(41, int), np.zeros(41, int), EDGES) is None


def test_a_confusion_counts_its_rows():
    assert Confusion(called=("a", "b"), actual=("a", "b"), counts=((3, 1), (0, 2))).n == 6
