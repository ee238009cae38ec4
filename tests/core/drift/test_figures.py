"""Drift figures: every limit and interval is on the axis, every label is literal."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.drift import figures
from core.drift.display import Distribution, DriftSeries, Event, LimitLine
from core.states import State
from core.windows import BATCH_ORIGIN, Grain

DAYS = tuple(date(2013, 12, 1) + timedelta(days=number) for number in range(6))


@pytest.fixture
def series() -> DriftSeries:
    return DriftSeries(
        starts=DAYS,
        labels=tuple(day.isoformat() for day in DAYS),
        excess=(0.01, 0.02, None, 0.3, 0.31, 0.32),
        low=(0.0, 0.01, None, 0.28, 0.29, 0.3),
        high=(0.03, 0.04, None, 0.33, 0.34, 0.35),
        n=(900, 910, 0, 905, 930, 920),
        states=(State.HEALTHY, State.HEALTHY, State.NOT_APPLICABLE, *[State.CRITICAL] * 3),
        limits=(LimitLine(name="critical", value=0.25, state=State.CRITICAL),),
        events=(Event(day=DAYS[3], text="v2 <b>released</b>"),),
    )


@pytest.fixture
def shares() -> Distribution:
    return Distribution(
        names=("≤ 1", "1 – 2", "above 2", "missing"),
        reference_share=(0.5, 0.45, 0.0, 0.05),
        current_share=(0.2, 0.4, 0.3, 0.1),
        boundaries=(1.0, 2.0),
        n_missing_cells=1,
        n_reference=1_000,
        n_current=100,
        unit="kn",
    )


def test_the_axis_holds_every_limit_and_interval(series):
    drawn = figures.excess_over_windows(series)
    assert drawn.layout.yaxis.range[1] > 0.35
    low = replace(series, excess=(0.01,) * 6, low=(0.0,) * 6, high=(0.02,) * 6)
    assert figures.excess_over_windows(low).layout.yaxis.range[1] > 0.25


def test_peaks_far_above_the_limits_are_drawn_on_a_logarithmic_axis_with_limits_and_plain_ticks(series):
    peaks = replace(series, excess=(-2.0, 0.005, None, 0.3, 12.0, 4.0), high=(0.5, 0.02, None, 0.5, 90.0, 7.0))
    drawn = figures.excess_over_windows(peaks)
    axis = drawn.layout.yaxis
    assert axis.type == "log"
    assert axis.range == pytest.approx((math.log10(0.01), math.log10(1.6 * 12)))
    assert axis.ticktext == ("0.01", "0.1", "1", "10")
    line = next(trace for trace in drawn.data if trace.name == "PSI above chance")
    assert line.y == (0.01, 0.01, None, 0.3, 12.0, 4.0)
    assert line.customdata[0].startswith("0.00 [0.00 to 0.50]")
    band = [trace for trace in drawn.data if trace.name == "95 % interval"][-1]
    assert max(band.y) == pytest.approx(1.6 * 12)
    note = next(note for note in drawn.layout.annotations if note.text == "critical 0.25")
    assert note.y == pytest.approx(math.log10(0.25))
    assert drawn.layout.shapes[0].y0 == 0.25


def test_without_such_peaks_the_axis_begins_at_nothing(series):
    assert figures.excess_over_windows(series).layout.yaxis.type is None
    without = replace(series, limits=(), excess=(9.0,) * 6)
    assert figures.excess_over_windows(without).layout.yaxis.range[0] == 0


def test_the_words_of_a_late_event_go_left_of_it(series):
    late = replace(series, events=(Event(day=DAYS[5], text="v3"), Event(day=DAYS[0], text="v1")))
    notes = {note.text: note.xanchor for note in figures.excess_over_windows(late).layout.annotations}
    assert (notes["v3"], notes["v1"]) == ("right", "left")


def test_single_values_carry_their_unit_on_the_axis(shares):
    hours = replace(shares, names=("5", "6", "7", "missing"), boundaries=None, unit="h")
    assert figures.distribution_bars(hours).layout.xaxis.ticktext == ("5 h", "6 h", "7 h", "missing")


def test_a_window_without_a_value_breaks_line_and_band(series):
    drawn = figures.excess_over_windows(series)
    bands = [trace for trace in drawn.data if trace.name == "95 % interval"]
    assert [len(trace.x) for trace in bands] == [4, 6]
    assert sum(trace.showlegend is not False for trace in bands) == 1
    line = next(trace for trace in drawn.data if trace.name == "PSI above chance")
    assert line.y[2] is None
    assert line.connectgaps is False


def test_volume_lies_behind_and_limits_carry_their_names(series):
    drawn = figures.excess_over_windows(series)
    assert drawn.data[0].name == "predictions"
    assert drawn.layout.yaxis.overlaying == "y2"
    assert "critical 0.25" in [note.text for note in drawn.layout.annotations]


def test_user_text_is_not_read_as_markup(series, shares):
    drawn = figures.excess_over_windows(series)
    assert "v2 &lt;b&gt;released&lt;/b&gt;" in [note.text for note in drawn.layout.annotations]
    hostile = replace(shares, names=("<a href='x'>a</a>", "b", "c", "missing"), boundaries=None)
    bars = figures.distribution_bars(hostile)
    assert bars.layout.xaxis.ticktext[0].startswith("&lt;a")


def test_numbered_batches_have_their_numbers_instead_of_dates(series):
    slices = tuple(BATCH_ORIGIN + timedelta(days=number) for number in range(1, 7))
    drawn = figures.excess_over_windows(replace(series, grain=Grain.BATCH, starts=slices, events=()))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert drawn.data[0].x == (1, 2, 3, 4, 5, 6)


def test_reference_is_bars_and_current_a_stepped_line_over_the_same_cells(shares):
    drawn = figures.distribution_bars(shares)
    assert drawn.data[0].type == "bar"
    assert drawn.data[1].line.shape == "hv"
    assert tuple(drawn.data[0].y) == shares.reference_share
    assert tuple(drawn.data[1].y[:-1]) == shares.current_share
    assert "1 kn" in drawn.layout.xaxis.ticktext
    assert drawn.layout.xaxis.ticktext[-1] == "missing"


def test_figures_use_colour_tokens_only(series, shares):
    for drawn in (figures.excess_over_windows(series), figures.distribution_bars(shares)):
        for trace in drawn.data:
            colour = trace.line.color if trace.type == "scatter" else trace.marker.color
            assert colour is None or colour.startswith("#0000")


def test_values_of_any_size_are_written_without_an_exponent():
    assert figures.number(0) == "0"
    assert figures.number(-0.5) == "−0.5" or figures.number(-0.5) == "-0.5"
    for value in (1e-9, 123456789.0, 1.23456789):
        assert "e" not in figures.number(value)
