import numpy as np
import pyarrow as pa

from core.profile.layout import Layout
from core.profile.tally import CELL_STRIDE, put_cells, start_tally


def test_each_row_has_one_segment_a_column(binning, rows):
    log = rows(500, 8)
    tally = start_tally(log, Layout(binning))
    carrier, region = tally.segments
    assert (carrier.first, carrier.n, region.first, region.n) == (0, 5, 5, 4)
    levels = [segment.label for segment in binning.segments]
    for text, code in zip(log["f_0003"].to_pylist(), carrier.codes, strict=True):
        expected = "missing" if text is None else text if text in levels else "other"
        assert levels[code] == expected
    assert carrier.strided.tolist() == (carrier.codes * CELL_STRIDE).tolist()


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
