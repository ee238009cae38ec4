from datetime import date, timedelta

import numpy as np

from core.drift.display import LimitLine
from core.fairness.display import GapSeries, RateDots
from core.fairness.figures import frontier_curve, gap_over_windows, group_dots, impossibility_dots
from core.fairness.frontier import Objective, frontier
from core.fairness.impossibility import impossibility
from core.fairness.reweighing import reweighing
from core.states import State
from core.windows import Grain
from tests.core.fairness.counted_groups import made

PARITY = "demographic_parity_difference"


def dots(metric="selected", **changed):
    fields = {
        "groups": ("<F>", "M", "not stated"), "values": (0.4, 0.5, None), "low": (0.35, 0.46, None),
        "high": (0.45, 0.54, None), "n": (400, 600, 20), "listed_only": (False, False, True), "overall": 0.46,
    }  # fmt: skip
    return RateDots(metric=metric, **(fields | changed))


def series(n=6, **changed):
    fields = {
        "metric": "gap", "starts": tuple(date(2024, 1, 1) + timedelta(place) for place in range(n)),
        "labels": tuple(f"batch {place}" for place in range(n)), "values": (0.03, None, 0.06, 0.07, 0.08, 0.12),
        "low": (0.0, None, 0.01, 0.02, 0.03, 0.06), "high": (0.06, None, 0.1, 0.11, 0.12, 0.18),
        "chance": (0.02,) * n, "n": (900,) * n, "mature": (True,) * 5 + (False,),
        "limits": (LimitLine(value=0.05, name="warning", state=State.WARNING),),
    }  # fmt: skip
    return GapSeries(**(fields | changed))


def texts(drawn):
    return [text for trace in drawn.data if trace.customdata is not None for text in trace.customdata]


def test_each_metric_has_a_column_and_a_group_without_a_value_no_mark():
    drawn = group_dots([dots(), dots("recall")])
    assert [len(trace.x) for trace in drawn.data] == [2, 2]
    assert drawn.layout.xaxis2.domain[0] > drawn.layout.xaxis.domain[0]
    assert drawn.layout.yaxis.categoryarray == ("not stated", "M", "&lt;F&gt;")
    assert "&lt;F&gt;: selected 40.0% [35.0% to 45.0%], n = 400" in texts(drawn)


def test_a_group_too_small_for_a_gap_is_hollow_and_its_interval_does_not_set_the_axis():
    wide = dots(values=(0.4, 0.5, 0.45), low=(0.35, 0.46, 0.0), high=(0.45, 0.54, 1.0))
    drawn = group_dots([wide])
    assert drawn.data[0].marker.symbol == ("circle", "circle", "circle-open")
    assert drawn.layout.xaxis.range[1] < 0.7
    assert any("too small to enter a gap" in text for text in texts(drawn))


def test_a_gap_is_drawn_with_its_band_its_limit_and_what_chance_shows():
    drawn = gap_over_windows(series())
    names = [trace.name for trace in drawn.data]
    assert names.count("95 % interval") == 2  # the gap without a value parts the band
    assert "what no difference would show" in names
    assert [note.text for note in drawn.layout.annotations] == ["warning 5 %"]
    assert drawn.data[-1].marker.symbol[-1] == "circle-open"
    assert any("labels still arriving" in text for text in texts(drawn))


def test_batches_are_numbered_and_a_ratio_has_an_axis_to_one():
    drawn = gap_over_windows(series(grain=Grain.BATCH, share=False, limits=()))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert drawn.layout.yaxis.range == (0.0, 1.05)


def test_the_frontier_shows_the_present_point_and_the_estimated_path():
    counts, values = made(n=6_000), np.array([[0.0, -150.0], [-40.0, 120.0]])
    found = frontier(counts, PARITY, objective=Objective.VALUE, values=values)
    drawn = frontier_curve(found, reweighing(counts, PARITY, threshold=0.5, values=values), unit="USD")
    assert [trace.name for trace in drawn.data] == ["thresholds by group", "reweighting, estimated", "now"]
    assert drawn.data[2].x[0] == found.present.gap
    low, high = drawn.layout.yaxis.range
    assert low < found.present.value < high
    assert any("net value" in text and "USD" in text for text in texts(drawn))
    assert len(frontier_curve(frontier(counts, PARITY)).data) == 2


def test_the_impossible_is_drawn_from_the_highest_base_rate_to_the_lowest():
    drawn = impossibility_dots(impossibility(made(n=6_000).confusion, ("a", "b")))
    needed = drawn.data[-1]
    assert needed.name == "needed for equal precision and recall"
    assert needed.y[0].startswith("b · base rate")
    assert needed.x[0] > needed.x[1]


def test_columns_of_rates_stand_apart_with_few_ticks_that_never_turn():
    drawn = group_dots([dots(values=(0.0, 0.9, None), low=(0.0, 0.88, None), high=(0.01, 0.92, None)), dots("recall")])
    first, second = drawn.layout.xaxis, drawn.layout.xaxis2
    assert second.domain[0] - first.domain[1] > 0.05
    assert (first.ticktext, first.tickangle, first.title.text) == (("0", "50", "100"), 0, "selected, %")
    assert first.range[0] < -0.05  # the mark at 0 is drawn whole
    assert len(second.ticktext) <= 3
