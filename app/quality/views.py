"""What the Data quality page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.checks.verdicts import Verdict
from core.points import MetricPoint
from core.states import State
from core.windows import Grain, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLimit:
    """A check's limits as applied."""

    warning: float | None
    critical: float | None
    needed: int
    of: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """The quality of one feature in the window.

    Attributes
    ----------
    state : State
        Worst of its quality checks after persistence, in the window's last unit.
    leading : str
        The metric that the row is about: the first that its worst verdict judges, else ``missing_share``.
    finding, short : str
        What is over a limit in this window, in a sentence and in a few words; or empty.
    shares, reference : mapping of metric to value
        Of the window, and of the reference; None where the metric does not apply.
    points : mapping of metric to MetricPoint of the window
    verdicts : of this feature, worst first
    """

    feature: str
    state: State
    leading: str
    finding: str
    short: str
    since: date | None
    shares: Mapping[str, float | None]
    reference: Mapping[str, float | None]
    points: Mapping[str, MetricPoint]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView:
    """The quality of a selection.

    Attributes
    ----------
    rows : tuple of QualityRow, worst first
    whole : mapping of check code to the verdict on all features together
    points : mapping of metric to the point of all features together
    segments : verdicts on automatic segments (request source, feature set) that stand out
    skew : findings of changed unit, type or rounding, one sentence each
    judged_unit : date or None
        The unit whose stored verdicts give the states; None where the window was not judged.
    false_alarms_month : float or None
        Expected of all judged checks together, where their law without a change is known.
    protected : tuple of str
        Features that are protected columns: their shares are not drawn window by window.
    """

    model: str
    version: str
    grain: Grain
    window: Window
    segment: str
    rows: tuple[QualityRow, ...]
    whole: Mapping[str, Verdict]
    points: Mapping[str, MetricPoint]
    segments: tuple[Verdict, ...]
    skew: tuple[str, ...]
    judged_unit: date | None
    false_alarms_month: float | None
    limits: Mapping[str, QualityLimit]
    removed: str
    provisional: bool
    provenance_id: str
    protected: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Rows of the window."""
        return self.points["volume"].n


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule of the contract, in words."""

    feature: str
    allowed: str
    missing: str
    on_violation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch as the page lists it."""

    id: int
    file: str
    kind: str
    role: str
    version: str
    state: str
    accepted: int
    quarantined: int
    days: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeView:
    """What came in and what stayed out.

    Attributes
    ----------
    quarantined : rows kept out of landed batches
    n_entries : entries of the quarantine, by page
    kept_out : (column, rule, rows), most rows first
    contract : rules; empty without a contract
    accepted_by, accepted_at, revision : of the contract; None without one
    """

    batches: tuple[BatchRow, ...]
    quarantined: int
    n_entries: int
    kept_out: tuple[tuple[str, str, int], ...]
    contract: tuple[RuleRow, ...]
    accepted_by: str | None
    accepted_at: datetime | None
    revision: int | None
