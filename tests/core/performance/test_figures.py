from dataclasses import replace
from datetime import date, timedelta

import pytest

from core import figures as house
from core.drift.display import Event, LimitLine
from core.performance.display import Confusion, Dot, Dots, EstimatedLine, MetricSeries
from core.performance.figures import confusion_cells, dot_plot, metric_over_windows, row_pixels
from core.states import State
from core.windows import BATCH_ORIGIN, Grain

START = date(2024, 3, 1)
SERIES = MetricSeries(
    name="recall",
    share=True,
    starts=tuple(START + timedelta(days=day) for day in range(5)),
    labels=tuple(f"2024-03-0{day + 1}" for day in range(5)),
    value=(0.6, 0.62, None, 0.5, 0.4),
    low=(0.55, 0.57, None, 0.45, 0.2),
    high=(0.65, 0.67, None, 0.55, 0.6),
    n=(100, 100, 0, 100, 100),
    labelled=(100, 99, 0, 98, 30),
    mature=(True, True, False, True, False),
    reference=0.61,
    limits=(
        LimitLine(name="warning", value=0.56, state=State.WARNING),
        LimitLine(name="critical", value=0.51, state=State.CRITICAL),
    ),
    events=(Event(day=START, text="v1 live"),),
)


def traces(drawn):
    return {trace.name: trace for trace in drawn.data}


def test_the_metric_is_drawn_with_band_reference_limits_rows_and_events():
    drawn = metric_over_windows(SERIES)
    found = traces(drawn)
    assert {"recall", "95 % interval", "rows with actual", "no actual yet"} <= set(found)
    assert found["recall"].y == SERIES.value
    assert found["no actual yet"].y == (0, 1, 0, 2, 70)
    texts = " ".join(note.text for note in drawn.layout.annotations)
    assert all(word in texts for word in ("reference 61.0 %", "warning 56.0 %", "critical 51.0 %", "v1 live"))


def test_an_estimate_is_dashed_in_the_colour_of_current_and_grey_where_it_is_not_trusted():
    line = EstimatedLine(
        value=(0.6, 0.6, 0.61, 0.62, None),
        low=(0.5, 0.5, 0.5, 0.5, None),
        high=(0.7, 0.7, 0.7, 0.7, None),
        trusted=(True, True, False, False, True),
    )
    found = traces(metric_over_windows(replace(SERIES, estimated=line)))
    dashed, grey = found["estimated without actuals"], found["estimate, suspended"]
    assert (dashed.line.dash, dashed.line.color, grey.line.color) == ("dash", house.CURRENT, house.NO_DATA)
    assert dashed.y == (0.6, 0.6, None, None, None)
    assert grey.y == (None, 0.6, 0.61, 0.62, None)  # both lines meet where the change begins
    assert "band of the estimate" in found


def test_immature_windows_are_hollow_and_hatched():
    drawn = metric_over_windows(SERIES)
    colours = traces(drawn)["recall"].marker.color
    assert [colour == house.CURRENT for colour in colours] == list(SERIES.mature)
    hatched = [trace for trace in drawn.data if trace.name == "labels still arriving"]
    assert [trace.x[0].day for trace in hatched] == [2, 4]
    assert all(trace.x[0] < trace.x[1] for trace in hatched)


def test_the_pointer_tells_value_interval_and_maturity():
    told = traces(metric_over_windows(SERIES))["recall"].customdata
    assert told[0] == "60.0 % [55.0 % to 65.0 %]"
    assert told[4].endswith("labels still arriving")


def test_numbered_batches_have_their_numbers_and_a_hatched_stretch_between_them():
    slices = tuple(BATCH_ORIGIN + timedelta(days=number) for number in range(11, 11 + len(SERIES.starts)))
    drawn = metric_over_windows(replace(SERIES, grain=Grain.BATCH, starts=slices, events=()))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert drawn.layout.xaxis.range == (10.5, 10.5 + len(SERIES.starts))
    hatched = [trace for trace in drawn.data if trace.name == "labels still arriving"]
    assert max(hatched[-1].x) == 10.5 + len(SERIES.starts)


def test_every_value_and_limit_is_inside_the_axis():
    low, high = metric_over_windows(SERIES).layout.yaxis.range
    assert low < 0.4
    assert high > 0.62


DOTS = Dots(
    name="recall",
    share=True,
    dots=(
        Dot(name="<b>east</b>", value=0.3, low=0.2, high=0.4, n=80, reference=0.5, judged=True),
        Dot(name="a very long name of a segment", value=0.6, low=None, high=None, n=12, reference=None, judged=False),
    ),
    overall=0.5,
)


def test_the_first_dot_stands_on_top_and_markup_in_names_is_shown_as_it_is():
    drawn = dot_plot(DOTS)
    assert drawn.layout.yaxis.autorange == "reversed"
    dots = traces(drawn)["recall"]
    assert dots.y[0] == "&lt;b&gt;east&lt;/b&gt;"
    assert len(dots.y[1]) < 25
    assert dots.customdata[0] == "30.0 % [20.0 % to 40.0 %], 50.0 % in the reference, n = 80"


def test_a_dot_of_too_few_rows_is_hollow_and_the_reference_is_a_tick():
    found = traces(dot_plot(DOTS))
    assert [colour == house.CURRENT for colour in found["recall"].marker.color] == [True, False]
    assert found["in the reference"].x == (0.5,)


def test_cells_are_shaded_by_their_share_of_the_column_and_carry_their_rows():
    shown = Confusion(called=("late", "not late"), actual=("late", "not late"), counts=((30, 5), (10, 55)))
    drawn = confusion_cells(shown)
    bottom, top = drawn.data
    assert top.text == ("30", "5")
    assert bottom.text == ("10", "55")
    assert top.customdata[0] == "30 rows, 75.0 % of the column"
    assert top.marker.color[0] == house.faded(house.CURRENT, 0.75 * 0.75)
    assert drawn.layout.yaxis.ticktext == ("late", "not late")


@pytest.mark.parametrize("n", [4, 20])
def test_rows_are_written_into_the_cells_of_a_few_classes_only(n):
    names = tuple(f"c{place}" for place in range(n))
    drawn = confusion_cells(Confusion(called=names, actual=names, counts=((1,) * n,) * n))
    assert (drawn.data[0].text[0] == "1") is (n == 4)


@pytest.mark.parametrize(
    ("name", "pixels"),
    [("channel = web", 26), ("request_source = the nightly batch", 36), ("one long name without it", 26)],
)
def test_a_row_is_taller_where_a_name_stands_on_two_lines(name, pixels):
    dots = [Dot(name=name, value=0.5, low=None, high=None, n=90, reference=None, judged=True)]
    assert row_pixels(dots) == pixels
