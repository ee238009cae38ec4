"""What the Drift page shows: frozen, made from core results, formatted only when drawn."""

from dataclasses import dataclass
from datetime import date

from core.drift.display import Distribution, DriftSeries
from core.states import State
from core.windows import Grain, Window

ABSENT_FROM = 0.99
"""Share of missing values from which a feature counts as absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """Drift of one feature in the selected window, or of the score (feature ``score``).

    Attributes
    ----------
    state, raw_state : State
        The verdict with persistence, and this window's alone.
    reason : str
        Why the verdict is what it is, in words.
    importance, impact : float or None
        Share of the model's importance in [0, 1]; importance × PSI excess. None without any importance.
    psi, psi_low, psi_high : float or None
        PSI and its 95 % interval.
    excess, excess_low, excess_high : float or None
        PSI less what chance alone gives, and its interval, against the reference chosen in the header.
    judged, judged_low, judged_high : float or None
        The PSI excess that the verdict compares with its limit: against the matched weekday of training, or the 28
        days before for a seasonal feature.
    ks : float or None
        Kolmogorov–Smirnov distance in [0, 1]; None for categories.
    missing_reference, missing_current : float or None
        Share of null and NaN.
    reference_share, current_share : tuple of float
        Shares on the display cells, for the small histograms.
    since : date or None
        First window of the present breach.
    compared_with : str
        The reference in words: "training" or "the 28 days before".
    training_outside : float or None
        For a seasonal feature: the share of rows outside the training range, as information without a verdict.
    significant : bool or None
        Whether the corrected test finds a change at all; None without a test.
    adjusted_p : float or None
        After Benjamini–Hochberg over the model's family.
    false_alarms_month : float or None
    grain : Grain
        Of `since`.
    """

    feature: str
    numeric: bool
    seasonal: bool
    state: State
    raw_state: State
    reason: str
    importance: float | None
    impact: float | None
    psi: float | None
    psi_low: float | None
    psi_high: float | None
    excess: float | None
    excess_low: float | None
    excess_high: float | None
    judged: float | None
    judged_low: float | None
    judged_high: float | None
    ks: float | None
    missing_reference: float | None
    missing_current: float | None
    reference_share: tuple[float, ...]
    current_share: tuple[float, ...]
    n_reference: int
    n: int
    since: date | None
    compared_with: str
    training_outside: float | None
    adjusted_p: float | None
    false_alarms_month: float | None
    provenance_id: str
    significant: bool | None = None
    meaning: str = ""
    grain: Grain = Grain.DAY

    @property
    def absent(self) -> bool:
        """The window holds no values of this feature, the reference does."""
        gone = self.missing_current is not None and self.missing_current >= ABSENT_FROM
        return gone and (self.missing_reference or 0.0) < ABSENT_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftLimits:
    """The limits of the drift verdict that were applied.

    Attributes
    ----------
    warning, critical : float or None
        Floors of the PSI excess; None when a model switched one off.
    level : float
        Level of the adjusted p-value.
    min_n : int
        Rows a window needs.
    source : str
        Where the limits come from: "default limits, version 1" or "declared in model.yaml".
    critical_p : float
    needed, of : int
        Persistence: a warning counts in `needed` of the last `of` windows.
    missing : float or None
        Rise of the missing share in [0, 1] that the check of missing values warns of.
    """

    warning: float | None
    critical: float | None
    level: float
    min_n: int
    source: str
    critical_p: float = 0.001
    needed: int = 2
    of: int = 3
    missing: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A headline metric in the window and in the training reference; `reason` when it is not known.

    Attributes
    ----------
    state : State
        The stored verdict on its change; not applicable when this selection has none.
    mature : bool
        False while labels of the window are still arriving.
    code : str
        The metric's name on the command line, by which its numbers are formatted.
    """

    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    reference: float | None
    state: State
    mature: bool = True
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """What comes out of the model, or comes back: its drift and its distribution.

    Attributes
    ----------
    name : str
        ``predictions``, ``decisions`` or ``actuals``.
    waiting : str
        Why it cannot be judged yet: ``labels mature in 2 d``; empty for everything else.
    """

    name: str
    row: DriftRow
    distribution: Distribution
    waiting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """What is over a limit and stands in no row of the table: drift within segments alone, and slow drift.

    Attributes
    ----------
    what : str
        "origin drifted", "dest drifted slowly".
    segments : tuple of str
        ``carrier = DL``, the worst first; empty for all rows together.
    """

    what: str
    segments: tuple[str, ...]
    state: State
    reason: str
    since: date | None
    grain: Grain = Grain.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftView:
    """Drift of one model, version, window, reference and segment.

    Attributes
    ----------
    window : Window or None
        None when the log is empty.
    rows : tuple of DriftRow
        Worst impact first (PSI excess first without importance). Empty: `reason` says why.
    score : DriftRow or None
        Drift of the prediction.
    performance : Change or None
        ROC AUC, to say whether the relation held.
    over_before : int or None
        Features over a limit one window earlier.
    removed : str
        How many rows of the window the contract kept out, in words; empty when none.
    provisional : bool
        The reference is made of the first windows, not of training data.
    outcomes : tuple of OutcomeView
        The score, the decisions and the actuals, as the task has them.
    further : tuple of Further
        Worst first; empty where the states of exactly this selection are not stored.
    """

    model: str
    version: str
    grain: Grain
    window: Window | None
    n: int
    n_reference: int
    reference: str
    segment: str
    rows: tuple[DriftRow, ...]
    score: DriftRow | None
    performance: Change | None
    over_before: int | None
    false_alarms_month: float | None
    limits: DriftLimits
    removed: str
    provisional: bool
    outcomes: tuple["OutcomeView", ...] = ()
    further: tuple[Further, ...] = ()
    reason: str = ""

    def over(self) -> tuple[DriftRow, ...]:
        """Return the features in warning or critical state."""
        return tuple(row for row in self.rows if row.state in (State.WARNING, State.CRITICAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One of the last windows as the persistence rule saw it."""

    label: str
    raw_state: State
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricLine:
    """One metric as it is told: name, value and interval in words, and what a reader must know of it."""

    name: str
    value: str
    interval: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowLine:
    """One check of slow drift: its name, its verdict, and its windows."""

    name: str
    state: State
    reason: str
    series: DriftSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureView:
    """The selected feature in full.

    Attributes
    ----------
    series : DriftSeries or None
        None when a segment has no stored windows.
    phi : float or None
        Design factor of the day-to-day variation against the reference of the header; None: unknown.
    n_cells : int
        Display cells that held a row.
    standings : tuple of Standing
        The last windows, oldest first.
    metrics : tuple of MetricLine
        Every drift metric against the reference of the header.
    slow : tuple of SlowLine
        The rolling week and the moving average; empty where units are not stored for this selection.
    withheld : bool
        The feature is a protected column: its levels are not shown here.
    """

    row: DriftRow
    distribution: Distribution | None
    series: DriftSeries | None
    phi: float | None
    n_cells: int
    standings: tuple[Standing, ...]
    limits: DriftLimits
    metrics: tuple[MetricLine, ...] = ()
    slow: tuple[SlowLine, ...] = ()
    withheld: bool = False
