"""What the Service page shows."""

from dataclasses import dataclass

from core.checks.verdicts import Verdict
from core.serving.display import ServiceSeries
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One service metric of the window; `note` says why there is none, or what a reader must know."""

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """Requests and errors of one segment in the window."""

    column: str
    label: str
    requests: int
    share: float
    errors: int | None
    error_rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """Service of one model, version, window and segment.

    Attributes
    ----------
    n : int
        Requests of the window.
    hours : float or None
        How long the window lasted; None for numbered batches.
    figures : mapping of metric to Figure, by name in `core.serving.serving.METRICS`
    verdicts : tuple of Verdict
        What the checks said of the last unit of the window; empty for a segment and where nothing was judged.
    judged : Window or None
        That unit.
    rules : tuple of str
        The limits in words.
    requests, errors, latency : ServiceSeries
    segments : tuple of SegmentRow
        Worst error rate first, else the largest first; of equals the automatic ones (source, feature set) first.
    source : str or None
        Column of the request's source, if the schema names one.
    """

    model: str
    version: str
    grain: Grain
    window: Window
    segment: str
    n: int
    hours: float | None
    figures: dict[str, Figure]
    verdicts: tuple[Verdict, ...]
    judged: Window | None
    rules: tuple[str, ...]
    limits_source: str
    requests: ServiceSeries
    errors: ServiceSeries
    latency: ServiceSeries
    segments: tuple[SegmentRow, ...]
    source: str | None
    removed: str
    provenance_id: str
    staged: bool
