"""One point of a metric: what `watchroom metrics` prints, a page draws and a reviewer disputes."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from core.states import State

PROTECTED = (
    "not applicable: withheld: a protected column; its exact numbers by window would tell how many people its small "
    "groups hold (see the family fairness)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """A metric of one window, segment and feature with everything that is needed to judge it.

    Attributes
    ----------
    metric : str
        Name as in the field: ``psi``, ``roc_auc``, ``missing_share``, …
    window_start, window_end : str
        Unit labels of the model's calendar, half-open: ``2013-07-01`` and ``2013-07-08``.
    segment : mapping of column to value; empty for the whole population.
    feature : str or None
        User's column name, or the reserved ``score``, ``actual``, ``decision``.
    value : float or None
        ``None`` exactly when `status` is not applicable.
    ci_low, ci_high : float or None
        95 % interval, where the metric has one.
    n : int
        Rows of the window that the value rests on.
    reason : str
        Why it is not applicable; otherwise what a reader must know (a bound, a null limit), or empty.
    provenance_id : str
        Points to the profile that the value was computed from.
    """

    metric: str
    window_start: str
    window_end: str
    segment: Mapping[str, str] = field(default_factory=dict)
    feature: str | None = None
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    n: int
    status: State = State.HEALTHY
    reason: str = ""
    provenance_id: str = ""

    def document(self) -> dict[str, object]:
        """Return the point as the JSON object of `watchroom metrics`."""
        return {
            "metric": self.metric,
            "window_start": self.window_start,
            "window_end": self.window_end,
            "segment": dict(self.segment),
            "feature": self.feature,
            "value": self.value,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "n": self.n,
            "status": self.status.value,
            "reason": self.reason,
            "provenance_id": self.provenance_id,
        }


def finite(number: float) -> float | None:
    """Return `number` as a plain float, `None` when it is NaN or infinite (JSON has neither).

    >>> finite(float("nan")) is None
    True
    """
    return float(number) if math.isfinite(number) else None


def withheld(points: Iterable[MetricPoint], protected: Collection[str]) -> Iterator[MetricPoint]:
    """Yield the points, those of protected columns without a number.

    A share times its n is a count; a distance at full precision has one solution in counts. What is released about
    groups is the matter of `core.fairness` alone.

    Parameters
    ----------
    protected : collection of str
        Columns that are protected in the schema of the version or in the newest one.
    """
    for point in points:
        if point.feature in protected:
            nothing = replace(point, value=None, ci_low=None, ci_high=None, n=0)
            yield replace(nothing, status=State.NOT_APPLICABLE, reason=PROTECTED)
        else:
            yield point
