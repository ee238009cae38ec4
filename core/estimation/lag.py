"""How late actuals come: the share known after d days (Kaplan–Meier), its plateau, and maturity measured by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.performance.maturity import ENOUGH_COVERAGE, SHARE_OF_EXPECTED, Maturity
from core.profile.lag_grid import LAG_DAYS
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INTAKE_DAYS = 90
"""Days of intake before today that the curve is made of."""

QUANTILE = 0.9
AT_ONCE = 0.5
FEWEST_UNITS = 5
FLAT = 0.005
TAIL = 0.25
WEEK, FOLLOWED = 7.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownShare:
    """Kaplan–Meier estimate of the share of actuals that are known d days after the prediction.

    Attributes
    ----------
    days : (T,) ascending, days at which an actual came
    share : (T,) 1 - S(d) in [0, 1], constant from one day to the next
    low, high : (T,) 95 % interval by Greenwood's variance on the log(-log) scale
    at_risk : (T,) rows whose actual was still awaited when the day came
    n, n_known : int
        Rows, and those whose actual came.
    oldest : float
        Largest age in days at which a row was followed: of an actual that came, or of a row without one.
    """

    days: Floats
    share: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    n: int
    n_known: int
    oldest: float

    @property
    def plateau(self) -> float:
        """Share known at the oldest age, in [0, 1]; 0 when no actual came."""
        return float(self.share[-1]) if self.share.size else 0.0

    @property
    def flat(self) -> bool:
        """Whether the curve has stopped rising, so that what is missing will never come.

        Rows were followed for a week and three times as long as most actuals take, and in the last quarter of that
        time less than half a point came.
        """
        if self.share.size and self.plateau >= 1:
            return True
        long_enough = self.oldest >= max(WEEK, FOLLOWED * self.quantile())
        return long_enough and self.plateau - float(self.at(self.oldest * (1 - TAIL))) < FLAT

    def at(self, days: ArrayLike) -> Floats:
        """Return the share known after `days`."""
        place = np.searchsorted(self.days, np.asarray(days, np.float64), side="right")
        return np.asarray(np.concatenate([[0.0], self.share])[place], np.float64)

    def quantile(self, part: float = QUANTILE) -> float:
        """Return the days after which `part` of the actuals that ever come are known; NaN without any."""
        if not self.share.size:
            return float("nan")
        return float(self.days[np.searchsorted(self.share, part * self.plateau - 1e-12, side="left")])


def known_share(ages: ArrayLike, events: ArrayLike, censored: ArrayLike) -> KnownShare:
    """Return the Kaplan–Meier curve of the share of actuals known by age.

    S(d) = product over days t <= d of (1 - d_t/n_t), n_t the rows with an age or lag of at least t: a row without
    an actual is followed until today's age and then leaves, it is not counted as "never". A row that leaves on a day
    is still at risk on that day.

    Parameters
    ----------
    ages : (A,) days, ascending and distinct
    events : (A,) rows whose actual came at this age
    censored : (A,) rows of this age without an actual

    References
    ----------
    Kaplan & Meier 1958; Greenwood 1926; Kalbfleisch & Prentice 1980 (log(-log)).

    >>> found = known_share([1, 2, 3], [2, 1, 0], [0, 1, 1])
    >>> found.days.tolist(), found.share.round(4).tolist()
    ([1.0, 2.0], [0.4, 0.6])
    """
    age, came = np.asarray(ages, np.float64), np.asarray(events, np.float64)
    left = np.asarray(censored, np.float64)
    at_risk = np.cumsum((came + left)[::-1])[::-1]
    held = came > 0
    n, d = at_risk[held], came[held]
    survived = np.asarray(np.cumprod(1 - d / n), np.float64)
    limits = _log_log(survived, n, d)
    present = (came + left) > 0
    return KnownShare(
        days=age[held],
        share=1 - survived,
        low=1 - limits.high,
        high=1 - limits.low,
        at_risk=n,
        n=int(came.sum() + left.sum()),
        n_known=int(came.sum()),
        oldest=float(age[present][-1]) if present.any() else 0.0,
    )


def _log_log(survived: Floats, n: Floats, d: Floats) -> Interval:
    """Return the interval of S: exp(-exp(log(-log S) ± z·se)); the point itself at S = 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(d / (n * (n - d)))
        half = Z95 * np.sqrt(variance) / np.abs(np.log(survived))
        low, high = survived ** np.exp(half), survived ** np.exp(-half)
    inside = (survived > 0) & (survived < 1)
    return Interval(low=np.where(inside, low, survived), high=np.where(inside, high, survived))


def lag_curve(days: Sequence[date], lags: Ints, waiting: ArrayLike, *, today: date) -> KnownShare:
    """Return the curve of the units of the last 90 days, from their counts.

    Parameters
    ----------
    days : first day of each unit, length W
    lags : (W, len(LAG_DAYS) + 1) rows by days from prediction to actual, as `lag_counts` gives them
    waiting : (W,) rows without an actual
    today : the day of the model's calendar on which this is asked
    """
    counted: dict[float, list[float]] = {}
    grid = np.array([*LAG_DAYS, np.inf], np.float64)
    for day, row, without in zip(days, lags, np.asarray(waiting).tolist(), strict=True):
        age = float((today - day).days)
        if not 0 <= age <= INTAKE_DAYS:
            continue
        for lag, count in zip(np.minimum(grid, max(age, 0.0)).tolist(), row.tolist(), strict=True):
            if count:
                counted.setdefault(lag, [0.0, 0.0])[0] += count
        counted.setdefault(age, [0.0, 0.0])[1] += without
    ages = sorted(counted)
    table = np.array([counted[age] for age in ages]).reshape(-1, 2)
    return known_share(ages, table[:, 0], table[:, 1])


def came_at_once(days: Sequence[date], lags: Ints, *, today: date) -> bool:
    """Return whether more than half of the actuals became known on one day, for 5 units or more, or after today.

    Then the log does not know when they came: a history was loaded at once. Its curve would be that of the ages.

    Parameters
    ----------
    days, lags, today : as `lag_curve` takes them
    """
    total, after = int(lags.sum()), 0
    arrived: dict[int, list[int]] = {}
    edges = np.array([*LAG_DAYS, np.inf], np.float64)
    before = np.concatenate([[-np.inf], edges[:-1]])
    for day, row in zip(days, lags, strict=True):
        age = (today - day).days
        after += int(row[before > age].sum())
        for lag in range(1, LAG_DAYS.index(30) + 1):
            if row[lag]:
                arrived.setdefault(day.toordinal() + lag, []).append(int(row[lag]))
    spread = [sum(rows) for rows in arrived.values() if len(rows) >= FEWEST_UNITS]
    return total > 0 and max([after, *spread]) > AT_ONCE * total


def maturity_by_lag(coverage: float, age: float, curve: KnownShare) -> Maturity:
    """Return whether a window is mature by the lags that were seen.

    Mature when 98 % of its rows have their actual; or when its youngest row is older than the 90 % quantile of the
    lag and its coverage is at least .9 of the plateau.

    Parameters
    ----------
    coverage : share of rows with an actual, NaN without rows
    age : days between the window's youngest row and now
    """
    if coverage >= ENOUGH_COVERAGE:
        return Maturity(mature=True, coverage=coverage, reason="")
    wait = curve.quantile()
    if not age > wait:
        days = f"{wait:g} day{'' if wait == 1 else 's'}"
        return Maturity(
            mature=False, coverage=coverage, reason=f"labels still arriving: 90 % of them take up to {days}"
        )
    needed = SHARE_OF_EXPECTED * curve.plateau
    if coverage >= needed:
        return Maturity(mature=True, coverage=coverage, reason="")
    known = "no" if not coverage > 0 else f"{coverage:.0%} of"
    return Maturity(mature=False, coverage=coverage, reason=f"{known} labels known, {needed:.0%} needed")
