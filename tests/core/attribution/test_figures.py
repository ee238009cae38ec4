"""Figures hold what the result says: steps that end at the change, bars from 0, marks beyond the limits."""

from core.attribution.attribution import Amount
from core.attribution.display import CHANGE, MIX, WITHIN, LimitedSeries, SegmentBars, Step, Waterfall
from core.attribution.figures import change_waterfall, measure_over_windows, parts_by_segment
from core.attribution.multivariate import Limits
from core.windows import Grain, parse_unit


def amount(value):
    return Amount(value=value, low=value - 0.01, high=value + 0.01)


def test_each_step_begins_where_the_last_one_ended_and_the_change_begins_at_0():
    steps = (Step(name=MIX, amount=amount(0.02)), Step(name=WITHIN, amount=amount(-0.05)))
    drawn = change_waterfall(Waterfall(steps=(*steps, Step(name=CHANGE, amount=amount(-0.03))), share=True))
    assert [(bar.base[0], round(bar.y[0], 9)) for bar in drawn.data] == [(0.0, 2.0), (2.0, -5.0), (0.0, -3.0)]
    assert drawn.data[1].customdata[0] == "−5.0 pp [−6.0 pp to −4.0 pp]"


def test_parts_by_segment_escape_names_and_keep_their_order():
    shown = SegmentBars(names=("<b>x</b>", "y"), parts=((MIX, (0.1, 0.0)), (WITHIN, (-0.2, 0.1))), share=False)
    drawn = parts_by_segment(shown)
    assert list(drawn.data[0].y) == ["&lt;b&gt;x&lt;/b&gt;", "y"]
    assert list(drawn.data[1].x) == [-0.2, 0.1]


def series(*, two_sided, values):
    starts = tuple(parse_unit(f"2024-01-{day:02d}", Grain.DAY) for day in range(1, len(values) + 1))
    return LimitedSeries(
        name="reconstruction error", starts=starts, labels=tuple(str(day) for day in starts), value=values,
        n=(500,) * len(values), limits=Limits(mean=1.0, low=0.8, high=1.2, rule="mean ± 3 sd", chunks=20),
        grain=Grain.DAY,
        two_sided=two_sided,
    )  # fmt: skip


def test_windows_beyond_the_limits_are_marked_below_only_where_that_means_something():
    assert series(two_sided=True, values=(1.0, 0.7, None, 1.3)).beyond == (False, True, False, True)
    assert series(two_sided=False, values=(1.0, 0.7, None, 1.3)).beyond == (False, False, False, True)
    drawn = measure_over_windows(series(two_sided=True, values=(1.0, 0.7, None, 1.3)))
    assert list(drawn.data[-1].marker.symbol) == ["circle", "triangle-up", "circle", "triangle-up"]


def test_axes_say_what_they_hold_and_the_names_of_parts_take_two_lines():
    steps = (Step(name=MIX, amount=amount(0.02)), Step(name=CHANGE, amount=amount(0.02)))
    drawn = change_waterfall(Waterfall(steps=steps, share=False))
    assert (drawn.layout.xaxis.ticktext, drawn.layout.xaxis.tickangle) == (("mix<br>of segments", "change"), 0)
    assert drawn.layout.yaxis.title.text == "change"
    bars = parts_by_segment(SegmentBars(names=("x",), parts=((MIX, (0.1,)),), share=True))
    assert bars.layout.xaxis.title.text == "adds to the change, percentage points"
