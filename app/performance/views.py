"""What the Performance page shows: frozen, made from core results, formatted only when drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.earlier import Earlier
from core.checks.limits import Limit
from core.drift.display import Distribution
from core.estimation.display import CoverageStrip, LagSteps
from core.estimation.early import EarlyLabels
from core.performance.display import Confusion, Dot, MetricSeries
from core.states import State
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFact:
    """One metric in the selected window.

    Attributes
    ----------
    value, low, high : float or None
        None with a `reason` where it is withheld.
    n : int
        Rows it rests on.
    note : str
        Why it is withheld, or what a reader must know: a bound, "approximate", classes left out.
    reference : float or None
    reference_note : str
    state, raw_state : State
        Of the worst stored check of this metric; not applicable where this selection has none.
    why : str
        What the check says.
    limit : Limit or None
        The check that decided.
    since : date or None
    adjusted_p, false_alarms_month : float or None
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str
    reference: float | None
    reference_note: str = ""
    state: State = State.NOT_APPLICABLE
    raw_state: State = State.NOT_APPLICABLE
    why: str = ""
    limit: Limit | None = None
    since: date | None = None
    adjusted_p: float | None = None
    false_alarms_month: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDots:
    """One metric by segment: those that are shown, and those that are not.

    Attributes
    ----------
    dots : tuple of Dot, worst first
    suppressed : tuple of str
        Names of segments with fewer than 10 rows.
    withheld : tuple of (name, reason)
        Segments whose value cannot be given.
    """

    dots: tuple[Dot, ...]
    suppressed: tuple[str, ...]
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAlarm:
    """A metric that is over its limit in one segment; `detail` is the numbers as the check tells them."""

    segment: str
    metric: str
    state: State
    detail: str
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFact:
    """One metric of another version beside the champion's, in the same window."""

    version: str
    role: str
    champion: bool
    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    difference_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWords:
    """What the model calls its rows and outcomes."""

    row: str
    rows: str
    positive_decision: str
    positive_actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedFact:
    """One metric of the selected window as the scores alone expect it.

    Attributes
    ----------
    value, low, high : float or None
        With the band in which the realised value should fall; None where it cannot be estimated.
    note : str
        Why not; or what the estimate rests on.
    suspended : bool
        Realised values have shown that the relation changed.
    widened : float
        By which mature windows widened the band; 1 for not at all.
    n_known : int
        Mature windows that said so.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    note: str
    suspended: bool
    widened: float
    n_known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimationView:
    """What is known before the actuals come, and how late these are.

    Attributes
    ----------
    facts : mapping of metric to EstimatedFact
        Of the selected window.
    coverage : CoverageStrip
    lag : LagSteps or None
    no_lag : str
        Why there is no lag curve; empty when there is one.
    mature_by_lag : bool or None
        Of the selected window, by the lags that were seen; None where these are not known.
    lag_reason : str
        Why it is not mature by them.
    early : EarlyLabels or None
        Of the selected window.
    needs_row_model : bool
        A regression whose window the row model has not told yet.
    """

    facts: Mapping[str, EstimatedFact]
    coverage: CoverageStrip
    lag: LagSteps | None
    no_lag: str
    mature_by_lag: bool | None
    lag_reason: str
    early: EarlyLabels | None
    needs_row_model: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstWindow:
    """The worst stretch of an episode of breach.

    Attributes
    ----------
    window : Window
        Seven units, or the whole episode where it is shorter; in a segment the whole of it, up to 28 units.
    metric : str
    state : State
        Worst state of the episode.
    mean : float
        Mean over the units of the window: of the change against the reference where `changed`, else of the metric.
    changed : bool
    relative : bool
        The change is a share of the reference's value.
    segment : str
        The segment that was in breach, in words; empty for all rows.
    """

    window: Window
    metric: str
    state: State
    mean: float
    changed: bool
    relative: bool
    segment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceView:
    """Performance of one model, version, window, reference and segment.

    Attributes
    ----------
    headline : str
        The task's own metric.
    facts : mapping of metric to MetricFact, in the order in which they are shown
    series : mapping of metric to MetricSeries
    segments : mapping of metric to SegmentDots
    n, n_labelled : int
        Rows of the window, and those whose actual is known.
    mature : bool
    maturity_reason : str
    confusion : Confusion or None
        None for a regression, and without a labelled row.
    errors : Distribution or None
        Absolute errors of a regression.
    over, under : float or None
        Of a regression: mean by which predictions are too high, and too low, over all rows.
    versions : mapping of metric to VersionFacts, champion first; empty when no other version scored the window
    alarms : tuple of SegmentAlarm, critical and headline first
    earlier : Earlier or None
        The last window before this one with complete labels, when this one's are still arriving.
    estimation : EstimationView or None
    worst : tuple of WorstWindow, the newest episode of breach first
    stored : bool
        The states are those of the stored checks: against training, everybody, one unit.
    false_alarms_month : float or None
    """

    model: str
    version: str
    task: str
    grain: Grain
    window: Window
    reference: str
    segment: str
    words: ModelWords
    headline: str
    facts: Mapping[str, MetricFact]
    series: Mapping[str, MetricSeries]
    segments: Mapping[str, SegmentDots]
    n: int
    n_labelled: int
    mature: bool
    maturity_reason: str
    confusion: Confusion | None
    errors: Distribution | None
    over: float | None
    under: float | None
    versions: Mapping[str, tuple[VersionFact, ...]]
    stored: bool
    false_alarms_month: float | None
    provenance_id: str
    removed: str
    provisional: bool
    alarms: tuple[SegmentAlarm, ...] = ()
    earlier: Earlier | None = None
    estimation: EstimationView | None = None
    worst: tuple[WorstWindow, ...] = ()

    def breaches(self) -> tuple[MetricFact, ...]:
        """Return the metrics in warning or critical state, critical first."""
        found = [one for one in self.facts.values() if one.state in (State.WARNING, State.CRITICAL)]
        return tuple(sorted(found, key=lambda one: one.state is not State.CRITICAL))
