import numpy as np
import pytest
from scipy.optimize import linprog

from core.fairness.suppression import COMPLEMENTARY, MINIMUM, SHOWN, SMALL, group_mask, too_small
from core.fairness.table_suppression import table_mask


def _margin(counts):
    """Return the groups that a column withholds in one release block."""
    return group_mask(counts) != SHOWN


def published(n_groups):
    return np.zeros(n_groups, bool)


def _counts(rng, shape, *, mean, share):
    rows = rng.poisson(mean, size=shape)
    positives = rng.binomial(rows, share)
    return np.stack([rows, positives, rows - positives], axis=-1)


def _equations(hidden, rows, columns):
    """Return the matrix of what is published about the unknown cells: inner cells, then withheld margins."""
    cells = [tuple(cell) for cell in np.argwhere(hidden)]
    unknown_rows, unknown_columns = np.flatnonzero(rows), np.flatnonzero(columns)
    n = len(cells) + len(unknown_rows) + len(unknown_columns)
    found = []
    for axis, unknown, start in (
        (0, unknown_rows, len(cells)),
        (1, unknown_columns, len(cells) + len(unknown_rows)),
    ):
        for place in range(hidden.shape[axis]):
            line = np.zeros(n)
            line[[k for k, cell in enumerate(cells) if cell[axis] == place]] = 1
            if place in unknown:
                line[start + list(unknown).index(place)] = -1
            found.append(line)
        total = np.zeros(n)
        total[start : start + len(unknown)] = 1
        found.append(total)
    return cells, np.array(found)


def _ranges(equations, truth, lowest):
    """Return what a reader can work out of each unknown cell: smallest and largest value, by linear programming."""
    known = equations @ truth
    found = []
    for place in range(equations.shape[1]):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(equations.shape[1])
            goal[place] = sign
            solved = linprog(goal, A_eq=equations, b_eq=known, bounds=[(low, None) for low in lowest], method="highs")
            assert solved.status in (0, 3), solved.message
            ends.append(solved.fun * sign if solved.status == 0 else np.inf)
        found.append((ends[0], ends[1]))
    return found


def _audit(counts, mask, rows, columns):
    """Return the width of the narrowest interval of a withheld inner cell, over rows, positives and negatives."""
    hidden = mask != SHOWN
    cells, equations = _equations(hidden, rows, columns)
    narrowest = np.inf
    for measure in range(3):
        inner = [counts[cell][measure] for cell in cells]
        margins = [*counts.sum(1)[rows, measure], *counts.sum(0)[columns, measure]]
        truth = np.array([*inner, *margins], float)
        lowest = np.array([1.0 if measure == 0 else 0.0] * len(inner) + [0.0] * len(margins))
        for low, high in _ranges(equations, truth, lowest)[: len(cells)]:
            narrowest = min(narrowest, high - low)
    return narrowest


def test_one_small_cell_of_a_two_by_two_table_withholds_all_four():
    counts = np.array([[[7, 3, 4], [200, 90, 110]], [[300, 100, 200], [250, 120, 130]]])
    assert table_mask(counts, published(2), published(2)).tolist() == [
        [SMALL, COMPLEMENTARY],
        [COMPLEMENTARY, COMPLEMENTARY],
    ]


def test_of_a_larger_table_the_cheapest_rectangle_is_withheld():
    counts = np.array([[[100 * (1 + i + 3 * j), 50, 100 * (1 + i + 3 * j) - 50] for j in range(4)] for i in range(3)])
    counts[0, 0] = (7, 3, 4)
    mask = table_mask(counts, published(3), published(4))
    assert mask[0, 0] == SMALL
    assert sorted(map(tuple, np.argwhere(mask == COMPLEMENTARY).tolist())) == [(0, 1), (1, 0), (1, 1)]


def test_a_table_of_large_cells_is_shown_whole_and_empty_cells_are_shown_as_empty():
    counts = np.full((3, 3, 3), 50)
    counts[1, 1] = 0
    assert not table_mask(counts, published(3), published(3)).any()


def test_a_group_that_its_margin_withholds_is_withheld_in_every_cell():
    counts = _counts(np.random.default_rng(0), (3, 4), mean=200, share=0.5)
    counts[2] = [[3, 1, 2], [1, 0, 1], [2, 1, 1], [1, 1, 0]]
    rows = _margin(counts.sum(1))
    mask = table_mask(counts, rows, _margin(counts.sum(0)))
    assert rows.sum() == 2
    assert (mask[rows] != SHOWN).all()


def test_where_no_certificate_can_be_had_the_whole_table_is_withheld():
    counts = np.array([[[7, 3, 4], [0, 0, 0]], [[300, 100, 200], [250, 120, 130]]])
    mask = table_mask(counts, published(2), published(2))
    assert mask.tolist() == [[SMALL, SHOWN], [COMPLEMENTARY, COMPLEMENTARY]]


@pytest.mark.parametrize("seed", range(200))
def test_linear_programming_leaves_every_withheld_cell_at_least_ten_wide(seed):
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 8)), int(rng.integers(2, 6)))
    mean = rng.gamma(0.8, 60, size=shape)
    counts = _counts(rng, shape, mean=mean, share=rng.uniform(0.2, 0.8))
    rows = _margin(counts.sum(1)) if seed % 4 else published(shape[0])
    columns = published(shape[1]) if seed % 2 else _margin(counts.sum(0))
    mask = table_mask(counts, rows, columns)
    hidden, filled = mask != SHOWN, counts[..., 0] > 0
    assert not too_small(counts[~hidden]).any()
    if hidden.any() and (filled & ~hidden).any():
        assert _audit(counts, mask, rows, columns) >= MINIMUM
