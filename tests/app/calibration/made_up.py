"""A made-up Calibration page: it shows the form, never anybody's numbers."""

from datetime import date

from app.calibration.rows import FIGURES
from app.calibration.views import CalibrationView, Measured, SegmentRow
from core.calibration.display import ErrorSeries, Reliability, Stretch
from core.drift.display import LimitLine
from core.states import State
from core.windows import Grain, Window

DAYS = (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3), date(2024, 3, 4))
CURVE = Reliability(
    said=(0.1, 0.3, 0.6),
    happened=(0.11, 0.41, 0.6),
    low=(0.09, 0.38, 0.57),
    high=(0.13, 0.44, 0.63),
    n=(900, 812, 700),
    from_score=(0.0, 0.2, 0.4),
    to_score=(0.2, 0.4, 1.0),
    histogram=(10.0,) * 50,
)


def stretch(**changes: object) -> Stretch:
    values = {
        "said": 0.3,
        "happened": 0.41,
        "low": 0.38,
        "high": 0.44,
        "n": 812,
        "from_score": 0.2,
        "to_score": 0.4,
        **changes,
    }
    return Stretch(**values)  # type: ignore[arg-type]


def measured(value: float | None = 0.034, note: str = "") -> Measured:
    low, high = (None, None) if value is None else (value - 0.01, value + 0.01)
    return Measured(value=value, low=low, high=high, n=7_312, note=note)


def series() -> ErrorSeries:
    return ErrorSeries(
        starts=DAYS,
        labels=tuple(day.isoformat() for day in DAYS),
        raw=(0.04, 0.05, 0.01, 0.09),
        debiased=(0.03, 0.04, 0.0, 0.08),
        low=(0.01, 0.02, 0.0, 0.04),
        high=(0.05, 0.06, 0.02, 0.12),
        perfect=(0.02, 0.02, 0.02, 0.02),
        n=(900, 910, 905, 300),
        mature=(True, True, True, False),
        limits=(LimitLine(name="warning", value=0.02, state=State.WARNING),),
    )


def made_up_view(segment_state: State = State.HEALTHY, **changes: object) -> CalibrationView:
    segment = SegmentRow(
        name="plan = basic",
        state=segment_state,
        reason="scores are too low",
        n=1_200,
        said=0.2,
        happened=0.3,
        error=measured(0.09),
        slope=measured(0.92),
        curve=CURVE,
        stretch=stretch(),
    )
    values: dict[str, object] = {
        "model": "churn",
        "version": "v1",
        "grain": Grain.DAY,
        "task": "binary",
        "window": Window(DAYS[0], date(2024, 3, 5)),
        "segment": "all",
        "n": 7_312,
        "n_rows": 7_500,
        "said": 0.24,
        "happened": 0.23,
        "state": State.HEALTHY,
        "verdict": "off, but by little",
        "drift": "no significant change",
        "significant": True,
        "judged": {"this window alone": "● healthy"},
        "rules": ("warning: 0.02",),
        "figures": {name: measured() for name in FIGURES},
        "tests": {"likelihood ratio (the verdict's)": 0.4},
        "curve": CURVE,
        "stretch": stretch(),
        "series": series(),
        "segments": (segment,),
        "n_small": 1,
        "limit": 0.02,
        **changes,
    }
    return CalibrationView(**values)  # type: ignore[arg-type]
