"""What the Calibration page shows: frozen values, no arrays and no store."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.earlier import Earlier
from core.calibration.display import ErrorSeries, Reliability, Stretch
from core.states import State
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure with its 95 % interval; `value` is None where `note` says why."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """Calibration of one segment; `stretch` is where its scores are furthest off."""

    name: str
    state: State
    reason: str
    n: int
    said: float
    happened: float
    error: Measured
    slope: Measured
    curve: Reliability
    stretch: Stretch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """Calibration of one class of a multiclass model."""

    name: str
    n: int
    said: float
    happened: float
    error: Measured
    perfect: float | None
    slope: Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationView:
    """The page of one selection.

    Attributes
    ----------
    why_not : str
        Why the model has no calibration at all; `task` then tells which designed state to show.
    reason : str
        Why nothing can be drawn in this window: no actuals yet, and the like; or empty.
    state : State
        With persistence where the checks stored it, else of this window alone.
    waits : bool
        The window is over its limit, but not yet enough of them for an alarm.
    verdict, drift : str
        What both checks say, in one sentence each; empty without a verdict.
    judged : mapping of str to str
        What stands behind the state, for "why this colour".
    figures : mapping of metric name to Measured
    tests : mapping of str to float or None
        p-values by name of the test.
    since : str
        First unit of the breach that is still open, as people write it; or empty.
    earlier : Earlier or None
        The last unit with complete labels, while those of the window are still arriving.
    segments : tuple of SegmentRow, worst first
    n_small : int
        Segments that are not listed: fewer than 30 rows with an actual.
    """

    model: str
    version: str
    grain: Grain
    task: str
    window: Window
    segment: str
    why_not: str = ""
    reason: str = ""
    n: int = 0
    n_rows: int = 0
    said: float | None = None
    happened: float | None = None
    state: State = State.NOT_APPLICABLE
    waits: bool = False
    verdict: str = ""
    drift: str = ""
    drift_state: State = State.NOT_APPLICABLE
    significant: bool | None = None
    immature: str = ""
    judged: Mapping[str, str]
    rules: tuple[str, ...] = ()
    figures: Mapping[str, Measured]
    tests: Mapping[str, float | None]
    curve: Reliability | None = None
    stretch: Stretch | None = None
    series: ErrorSeries | None = None
    since: str = ""
    segments: tuple[SegmentRow, ...] = ()
    n_small: int = 0
    classes: tuple[ClassRow, ...] = ()
    limit: float | None = None
    earlier: Earlier | None = None
    removed: str = ""
    provisional: bool = False
    provenance_id: str = ""
