import numpy as np
import pyarrow as pa
import pytest

from core.profile.layout import Layout
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.tally import CELL_STRIDE, MAX_JOINT, put_cells, start_tally


def test_each_row_has_one_segment_a_column(binning, rows):
    log = rows(500, 8)
    (both,) = start_tally(log, Layout(binning)).segments
    assert (both.first, both.sizes, both.n, both.place) == (0, (5, 4), 20, slice(0, 9))
    levels = [segment.label for segment in binning.segments]
    for text, code in zip(log["f_0003"].to_pylist(), both.codes // 4, strict=True):
        expected = "missing" if text is None else text if text in levels else "other"
        assert levels[code] == expected
    assert both.strided.tolist() == (both.codes * CELL_STRIDE).tolist()


def many(n_columns, n_levels):
    rng = np.random.default_rng(0)
    names = [f"c_{k:04d}" for k in range(n_columns)]
    rows = pa.table({name: [f"v{i}" for i in rng.integers(0, n_levels, 500)] for name in names})
    sources = dict(zip(names, names, strict=True))
    return rows, make_binning(rows, Plan(kinds={}, sources=sources, segments=tuple(names)))


@pytest.mark.parametrize(
    ("n_columns", "n_levels", "sizes"),
    [(3, 2, [(4, 4, 4)]), (4, 2, [(4, 4, 4), (4,)]), (2, 10, [(12,), (12,)]), (0, 0, [])],
)
def test_columns_are_counted_together_while_their_combinations_are_few(n_columns, n_levels, sizes):
    rows, binning = many(n_columns, n_levels)
    found = start_tally(rows, Layout(binning)).segments
    assert [columns.sizes for columns in found] == sizes
    assert all(columns.n <= MAX_JOINT for columns in found if len(columns.sizes) > 1)
    assert [columns.first for columns in found] == np.cumsum([0, *(sum(one) for one in sizes)])[:-1].tolist()


def test_counting_together_gives_what_each_column_alone_gives():
    rows, binning = many(3, 2)
    (together,) = start_tally(rows, Layout(binning)).segments
    codes, values = np.arange(500) % 6, np.random.default_rng(1).normal(size=500)
    counted = together.count(together.codes, codes, (2, 3))
    summed = together.sum(together.codes, codes, (2, 3), values)
    for place, segment in enumerate(binning.segments):
        mine = np.array([text == segment.level for text in rows[segment.column].to_pylist()])
        assert counted[place].ravel().tolist() == np.bincount(codes[mine], minlength=6).tolist()
        expected = np.bincount(codes[mine], values[mine], 6)
        np.testing.assert_allclose(summed[place].ravel(), expected, rtol=1e-12, atol=1e-13)


def test_cells_are_counted_by_segment(binning):
    rows = pa.table({"f_0003": ["AA", "AA", "ZZ", None], "c_0001": ["north", "south", "north", "north"]})
    tally = start_tally(rows, Layout(binning))
    put_cells(tally, "hour", np.array([0, 3, 3, 3]))
    block = tally.block("cells:hour")
    levels = [(segment.column, segment.label) for segment in binning.segments]
    assert block[levels.index(("carrier", "AA")), [0, 3]].tolist() == [1, 1]
    assert block[levels.index(("carrier", "other")), 3] == 1
    assert block[levels.index(("carrier", "missing")), 3] == 1
    assert block[levels.index(("region", "north")), [0, 3]].tolist() == [1, 2]
    assert block.sum() == 8


def test_the_display_cells_of_every_feature_fit_the_stride(binning):
    assert max(bins.n_cells for bins in binning.features.values()) + 1 <= 53 <= CELL_STRIDE
