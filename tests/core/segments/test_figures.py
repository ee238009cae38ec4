from datetime import date

from core import figures as look
from core.segments.figures import grid_cells, segment_over_windows
from core.segments.search_losses import LossKind
from core.segments.search_result import Point
from core.windows import Grain
from tests.core.segments.test_search_grid import grid

HISTORY = (
    Point(start="2024-01-01", end="2024-01-08", n=200, mean=0.2, low=0.15, high=0.26, rest=0.2),
    Point(start="2024-01-08", end="2024-01-15", n=12, mean=None, low=None, high=None, rest=None),
    Point(start="2024-01-15", end="2024-01-22", n=210, mean=0.6, low=0.53, high=0.66, rest=0.2),
)


def test_the_segment_is_drawn_beside_the_rest_with_its_rows_behind():
    drawn = segment_over_windows(HISTORY, LossKind.ERROR, grain=Grain.DAY, searched="2024-01-15")
    traces = {trace.name: trace for trace in drawn.data}
    assert traces["the segment"].y == (0.2, None, 0.6)
    assert traces["all other rows"].y == (0.2, None, 0.2)
    assert traces["rows of the segment"].y == (200, 12, 210)
    assert traces["the segment"].x[0] == date(2024, 1, 1)
    assert traces["the segment"].marker.size == (6, 6, 11)
    assert "n = 12" in traces["the segment"].customdata[1]


def test_batches_are_numbered_and_a_loss_below_nothing_is_seen():
    points = tuple(
        Point(start=str(place), end=str(place + 1), n=99, mean=-0.1, low=-0.2, high=0.1, rest=0.0) for place in (1, 2)
    )
    drawn = segment_over_windows(points, LossKind.EXCESS_LOG_LOSS, grain=Grain.BATCH, searched="2")
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert drawn.layout.yaxis.range[0] < -0.2


def test_the_heat_map_is_darkest_where_it_is_worst_and_hatched_where_rows_are_few():
    drawn = grid_cells(grid("plan", "channel"))
    shades = [color for trace in drawn.data for color in trace.marker.color]
    assert max(int(shade[-2:], 16) for shade in shades) == round(255 * (0.04 + 0.55))
    few = grid_cells(grid("balance", "channel"))
    hatched = [place for trace in few.data for place in zip(trace.marker.pattern.shape, trace.text, strict=True)]
    assert ("/", "") in hatched
    assert all(text == "" for shape, text in hatched if shape == "/")
    assert all(
        color.startswith(look.NO_DATA)
        for t in few.data
        for color, text in zip(t.marker.color, t.text, strict=True)
        if not text
    )
