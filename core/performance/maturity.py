"""Whether the actuals of a window are complete enough to be judged."""

from dataclasses import dataclass
from datetime import datetime, timedelta

ENOUGH_COVERAGE = 0.98
SHARE_OF_EXPECTED = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Maturity:
    """Whether a window may be judged; `reason` says why not (empty when it may)."""

    mature: bool
    coverage: float
    reason: str


def maturity(
    *, coverage: float, window_end_at: datetime, at: datetime, actual_delay: timedelta, expected_coverage: float = 1.0
) -> Maturity:
    """Return whether the labels of a window are complete enough for a verdict.

    Mature when at least 98 % of its rows have their actual; or when its youngest row is older than the
    model's `actual_delay` and the coverage is at least .9 of what older windows reach in the end (some
    rows, such as cancelled flights, never get an actual).

    Parameters
    ----------
    coverage : share of rows with an actual, in [0, 1]; NaN without rows
    window_end_at, at : aware datetimes, end of the window and now
    expected_coverage : share in [0, 1] that windows reach in the end
    """
    if coverage >= ENOUGH_COVERAGE:
        return Maturity(mature=True, coverage=coverage, reason="")
    if at - window_end_at < actual_delay:
        days = actual_delay / timedelta(days=1)
        wait = "1 day" if days == 1 else f"{days:g} days"
        return Maturity(mature=False, coverage=coverage, reason=f"labels still arriving: due {wait} after the window")
    needed = SHARE_OF_EXPECTED * expected_coverage
    if coverage >= needed:
        return Maturity(mature=True, coverage=coverage, reason="")
    known = "no" if not coverage > 0 else f"{coverage:.0%} of"
    return Maturity(mature=False, coverage=coverage, reason=f"{known} labels known, {needed:.0%} needed")
