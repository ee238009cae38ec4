from dataclasses import replace
from datetime import date

import pytest

from core.serving.display import ServiceLimit, ServiceLine, ServiceSeries
from core.serving.figures import errors_over_windows, latency_over_windows, requests_over_windows
from core.states import State
from core.windows import Grain, parse_unit

LINE = ServiceLine(
    metric="error_rate", value=(0.0, None, 0.02), low=(0.0, None, 0.01), high=(0.01, None, 0.04), n=(9,) * 3
)
SERIES = ServiceSeries(
    starts=(date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3)),
    labels=("2024-03-01", "2024-03-02", "2024-03-03"),
    grain=Grain.DAY,
    requests=(90, 0, 80),
    lines=(LINE,),
    limits=(
        ServiceLimit(name="warning", value=0.01, state=State.WARNING),
        ServiceLimit(name="critical", value=0.04, state=State.CRITICAL),
    ),
)
LATENCY = replace(
    SERIES,
    lines=tuple(
        ServiceLine(metric=name, value=(at, None, 2 * at), low=(None,) * 3, high=(None,) * 3, n=(9,) * 3)
        for name, at in (("latency_p50", 40.0), ("latency_p95", 90.0), ("latency_p99", 130.0))
    ),
    limits=(ServiceLimit(name="p95 warning", value=200.0, state=State.WARNING),),
)


def test_requests_are_bars_from_zero():
    drawn = requests_over_windows(SERIES)
    assert list(drawn.data[0].y) == [90, 0, 80]
    assert drawn.layout.yaxis.rangemode == "tozero"


def test_the_error_rate_has_gaps_a_band_volume_and_its_limits():
    drawn = errors_over_windows(SERIES)
    names = [trace.name for trace in drawn.data]
    assert names == ["requests", "95 % interval", "95 % interval", "error rate"]
    assert drawn.data[-1].y[1] is None
    assert list(drawn.data[-1].customdata)[2] == "2.00 % [1.00 to 4.00]"
    assert [note.text for note in drawn.layout.annotations] == ["warning 1 %", "critical 4 %"]


def test_a_limit_far_above_all_values_is_not_drawn_so_that_they_are_seen():
    quiet = replace(SERIES, lines=(replace(LINE, value=(0.0, None, 0.001)),))
    assert [note.text for note in errors_over_windows(quiet).layout.annotations] == ["warning 1 %"]


def test_three_percentiles_stand_on_a_logarithmic_axis_with_declared_limits():
    drawn = latency_over_windows(LATENCY)
    assert [trace.name for trace in drawn.data] == ["p50", "p95", "p99"]
    assert drawn.layout.yaxis.type == "log"
    assert drawn.layout.annotations[0].text == "p95 warning 200 ms"
    assert drawn.layout.annotations[0].y == pytest.approx(2.30103)


def test_numbered_batches_have_no_dates():
    slices = tuple(parse_unit(number, Grain.BATCH) for number in ("1", "2", "3"))
    drawn = requests_over_windows(replace(SERIES, grain=Grain.BATCH, starts=slices))
    assert list(drawn.data[0].x) == [1, 2, 3]
