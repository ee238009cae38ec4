import numpy as np
import pytest
from sklearn.metrics import f1_score

from core.releases.gates.bootstrap import bootstrap_interval
from core.releases.gates.cells import cells_interval, f1_of_cells, worth_of_cells

WORTH = np.array([[0.0, -20.0], [-50.0, 100.0]])


def decisions(n: int = 3_000, seed: int = 7) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    ours, theirs = (np.where(rng.random(n) < wrong, 1 - y, y) for wrong in (0.2, 0.25))
    return y, ours, theirs, np.bincount(4 * y + 2 * ours + theirs, minlength=8)


def test_both_sides_agree_with_scikit_learn_and_with_the_rows():
    y, ours, theirs, cells = decisions()
    for side, called in enumerate((ours, theirs)):
        assert f1_of_cells(cells.astype(float), side).item() == pytest.approx(f1_score(y, called))
        assert worth_of_cells(cells.astype(float), side, worth=WORTH).item() == pytest.approx(WORTH[y, called].mean())


def test_the_interval_is_that_of_a_bootstrap_of_the_rows():
    y, ours, theirs, cells = decisions()
    apart = WORTH[y, ours] - WORTH[y, theirs]
    low, high = cells_interval(cells, lambda c: worth_of_cells(c, 0, worth=WORTH) - worth_of_cells(c, 1, worth=WORTH))
    rows = bootstrap_interval(np.column_stack([np.ones(len(y)), apart]), lambda sums: sums[:, 1] / sums[:, 0])
    error = apart.std() / np.sqrt(len(y))
    assert (low, high) == pytest.approx(rows, abs=0.3 * error)  # the rows' end is off by .08 errors or so
    assert high - low == pytest.approx(3.92 * error, rel=0.1)


def test_no_draw_with_an_answer_is_no_interval():
    never = np.array([10, 0, 0, 0, 0, 0, 0, 0])
    assert np.isnan(cells_interval(never, lambda cells: f1_of_cells(cells, 0))).all()
