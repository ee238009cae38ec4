import numpy as np
import pytest

from core.calibration.display import Reliability, reliability, score_histogram, worst_stretch
from core.calibration.groups import equal_mass
from core.calibration.score_bins import score_bins
from tests.core.calibration.made_up import counted, rows


def curve(said, happened, n, half=0.02):
    ends = np.linspace(0, 1, len(said) + 1)
    return Reliability(
        said=tuple(said),
        happened=tuple(happened),
        low=tuple(x - half for x in happened),
        high=tuple(x + half for x in happened),
        n=tuple(n),
        from_score=tuple(ends[:-1]),
        to_score=tuple(ends[1:]),
        histogram=(1.0,) * 50,
    )


def test_the_curve_holds_the_groups_with_rows_and_their_wilson_intervals():
    y, p = rows()
    shown = reliability(equal_mass(score_bins(counted(y, p))), [0.0] * 50)
    assert sum(shown.n) == len(y)
    assert all(low < happened < high for low, happened, high in zip(shown.low, shown.happened, shown.high, strict=True))


def test_the_histogram_counts_every_score_once_by_two_hundredths():
    y, p = rows()
    counts = counted(y, p)
    cells = score_histogram(counts.edges, counts.score_counts.sum(-2))
    assert list(cells) == np.histogram(p, bins=np.linspace(0, 1, 51))[0].tolist()


def test_the_worst_stretch_joins_neighbours_that_are_off_in_one_direction():
    two = worst_stretch(curve([0.1, 0.3, 0.5, 0.7], [0.1, 0.45, 0.65, 0.6], [100, 300, 100, 100]))
    assert two.n == 400
    assert two.said == pytest.approx(0.35)
    assert two.happened == pytest.approx(0.5)
    assert not two.whole


def test_a_curve_that_is_off_everywhere_is_one_whole_stretch():
    assert worst_stretch(curve([0.1, 0.3], [0.2, 0.45], [100, 100])).whole


def test_on_a_good_curve_the_furthest_group_is_named():
    stretch = worst_stretch(curve([0.1, 0.3], [0.1, 0.31], [100, 100]))
    assert stretch.n == 100
    assert stretch.said == pytest.approx(0.3)


def test_without_groups_of_thirty_rows_there_is_no_stretch():
    assert worst_stretch(curve([0.1, 0.3], [0.9, 0.9], [29, 10])) is None
