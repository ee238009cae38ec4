import numpy as np
import pytest

from core.errors import BadInputError
from core.segments.filters import Condition, mask
from core.segments.search_grid import grid_table, level_documents, level_words, segment_grid
from core.segments.search_losses import LossKind
from core.segments.search_worst import known_losses
from core.stats.intervals import wilson
from tests.core.segments.made_rows import broken, levels, rows

ROWS = rows(1_500, seed=1, weak=broken)
LOSSES = known_losses(ROWS, LossKind.ERROR)
LEVELS = levels(ROWS, ROWS)
TABLE, DOCUMENTS = grid_table(LOSSES, LEVELS), level_documents(LEVELS)


def grid(down, across):
    return segment_grid(TABLE, DOCUMENTS, down, across, loss=LossKind.ERROR)


def test_each_cell_is_the_mean_of_its_rows_with_its_interval():
    found = grid("plan", "income")
    for row in found.cells:
        for cell in row:
            inside = mask(ROWS, cell.where)
            assert cell.n == inside.sum()
            if cell.mean is not None:
                assert cell.mean == pytest.approx(LOSSES.loss[inside].mean(), abs=1e-12)
                assert cell.low == pytest.approx(float(wilson(LOSSES.loss[inside].sum(), cell.n).low), abs=1e-12)


def test_all_cells_together_are_all_rows():
    found = grid("balance", "plan")
    assert sum(cell.n for row in found.cells for cell in row) == 1_500
    assert found.mean == pytest.approx(LOSSES.loss.mean(), abs=1e-12)
    assert "missing" in found.down_levels


def test_a_cell_below_thirty_rows_has_no_number_and_says_why():
    cells = [cell for row in grid("balance", "channel").cells for cell in row if cell.n < 30]
    assert cells
    assert all(cell.mean is None and "30 needed" in cell.reason for cell in cells)


def test_turning_the_columns_turns_the_map():
    there, back = grid("plan", "channel"), grid("channel", "plan")
    assert (
        there.cells == tuple(tuple(column) for column in zip(*back.cells, strict=True))
        or [[cell.n for cell in row] for row in there.cells]
        == np.array([[cell.n for cell in row] for row in back.cells]).T.tolist()
    )
    assert there.down_levels == back.across_levels


def test_the_worst_cell_is_the_broken_one():
    down, across, cell = grid("plan", "channel").worst
    assert (down, across) == ("plus", "phone")
    assert cell.mean > 0.7


@pytest.mark.parametrize("pair", [("plan", "plan"), ("plan", "sex")])
def test_columns_that_were_not_paired_are_refused(pair):
    with pytest.raises(BadInputError, match="did not pair"):
        grid(*pair)


def test_levels_are_named_as_an_axis_names_them():
    assert level_words(None) == "other values"
    assert level_words(Condition(column="x", missing=True)) == "missing"
    assert level_words(Condition(column="x", low=1, high=2.5)) == "1 to 2.5"
    assert level_words(Condition(column="x", low=1000)) == "> 1,000"
