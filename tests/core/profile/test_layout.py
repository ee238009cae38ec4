import numpy as np

from core.profile.layout import Layout


def test_blocks_stand_side_by_side_and_fill_the_vectors(binning):
    layout = Layout(binning)
    for blocks, length in ((layout.ints, layout.n_ints), (layout.floats, layout.n_floats)):
        ordered = sorted(blocks.values(), key=lambda block: block.start)
        assert ordered[0].start == 0
        assert [block.stop for block in ordered[:-1]] == [block.start for block in ordered[1:]]
        assert ordered[-1].stop == length
        assert all(np.prod(block.shape, dtype=int) == block.stop - block.start for block in ordered)


def test_weighted_blocks_exist_only_in_a_weighted_binning(binning, weighted_binning):
    assert "weighted_confusion" not in Layout(binning).floats
    assert "weighted_confusion" in Layout(weighted_binning).floats
    assert "segment_squared_weights" in Layout(weighted_binning).floats


def test_a_block_of_one_profile_is_a_view_that_can_be_written(binning):
    layout = Layout(binning)
    ints = np.zeros(layout.n_ints, np.int64)
    layout.ints["confusion"].of(ints)[1, 2] = 7
    assert ints.sum() == 7


def test_the_score_is_always_counted_by_segment(binning):
    layout = Layout(binning)
    cells = binning.features["score"].n_cells + 1
    assert layout.ints["cells:score"].shape == (len(binning.segments), cells)
