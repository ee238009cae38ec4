from datetime import date, timedelta

from core.calibration.display import ErrorSeries
from core.calibration.figures import DEBIASED, PERFECT, error_over_windows, reliability_curve
from core.drift.display import Event, LimitLine
from core.states import State
from core.windows import Grain, parse_unit
from tests.core.calibration.test_display import curve

DAYS = tuple(date(2024, 3, 1) + timedelta(days=place) for place in range(6))


def series(**changes):
    values = {
        "starts": DAYS,
        "labels": tuple(day.isoformat() for day in DAYS),
        "raw": (0.02, 0.03, None, 0.03, 0.1, 0.02),
        "debiased": (0.01, 0.02, None, 0.02, 0.09, 0.01),
        "low": (0.0, 0.0, None, 0.0, 0.05, 0.0),
        "high": (0.03, 0.04, None, 0.05, 0.13, 0.03),
        "perfect": (0.015, 0.015, None, 0.015, 0.015, 0.015),
        "n": (800, 810, 0, 790, 805, 300),
        "mature": (True, True, False, True, True, False),
        "limits": (
            LimitLine(name="warning", value=0.02, state=State.WARNING),
            LimitLine(name="critical", value=0.05, state=State.CRITICAL),
        ),
        **changes,
    }
    return ErrorSeries(**values)


def traces(drawn, name):
    return [trace for trace in drawn.data if trace.name == name]


def test_the_curve_has_a_diagonal_a_band_and_the_histogram_behind():
    drawn = reliability_curve(curve([0.1, 0.3], [0.2, 0.45], [100, 200]))
    assert traces(drawn, "scores")[0].type == "bar"
    assert len(traces(drawn, "scores")[0].x) == 50
    diagonal = traces(drawn, "the score is the probability")[0]
    assert list(diagonal.x) == list(diagonal.y)
    assert "n = 200" in traces(drawn, "what happened")[0].customdata[1]
    assert traces(drawn, "95 % interval")


def test_the_axes_end_where_nothing_more_is_seen():
    shown = curve([0.02, 0.06], [0.02, 0.08], [100, 200], half=0.01)
    narrow = reliability_curve(
        type(shown)(**{name: getattr(shown, name) for name in shown.__slots__ if name != "histogram"},
                    histogram=(90.0, 60.0, 30.0, *(0.0,) * 47))
    )  # fmt: skip
    assert tuple(narrow.layout.xaxis.range) == (0, 0.1)
    assert tuple(reliability_curve(shown, small=True).layout.yaxis.range) == (0, 1.0)


def test_windows_with_labels_still_arriving_are_hollow():
    marks = traces(error_over_windows(series()), DEBIASED)[0].marker.symbol
    assert marks[0] == "circle"
    assert marks[5] == "circle-open"


def test_the_perfect_model_is_an_area_from_zero_and_gaps_stay_gaps():
    drawn = error_over_windows(series())
    areas = traces(drawn, PERFECT)
    assert len(areas) == 2
    assert min(areas[0].y) == 0.0
    assert max(areas[0].y) == 0.015
    assert traces(drawn, DEBIASED)[0].y[2] is None


def test_limits_are_named_and_what_happened_is_marked():
    drawn = error_over_windows(series(events=(Event(day=DAYS[1], text="v2"),)))
    texts = [note.text for note in drawn.layout.annotations]
    assert "warning 0.02" in texts
    assert "critical 0.05" in texts
    assert "v2" in texts


def test_numbered_batches_have_their_numbers_on_the_axis():
    slices = tuple(parse_unit(str(number), Grain.BATCH) for number in range(1, 7))
    drawn = error_over_windows(series(starts=slices, grain=Grain.BATCH))
    assert drawn.layout.xaxis.title.text == "slice (file order, not dates)"
    assert list(drawn.data[-1].x) == [1, 2, 3, 4, 5, 6]
