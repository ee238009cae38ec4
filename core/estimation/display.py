"""What the figures of estimation draw: label coverage by window, and the share of actuals known by age."""

from dataclasses import dataclass
from datetime import date

from core.estimation.lag import INTAKE_DAYS, KnownShare
from core.windows import Grain


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageStrip:
    """Share of rows with an actual in consecutive windows, oldest first.

    Attributes
    ----------
    starts : tuple of date
    labels : tuple of str
    share : tuple of float or None
        None without rows.
    mature : tuple of bool
        As the verdicts take it, by the declared delay.
    by_lag : tuple of bool
        By the lags that were seen; empty where these are not known.
    expected : float or None
        Share that ever comes: the plateau of the lag curve, else None.
    grain : Grain
        Of the calendar in which the axis is labelled.
    """

    starts: tuple[date, ...]
    labels: tuple[str, ...]
    share: tuple[float | None, ...]
    mature: tuple[bool, ...]
    by_lag: tuple[bool, ...]
    expected: float | None
    grain: Grain = Grain.DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class LagSteps:
    """The share of actuals known after d days, as steps.

    Attributes
    ----------
    days, share, low, high : tuple of float
        Beginning at day 0 and ending at the oldest age.
    plateau : float
        Share known at the oldest age.
    flat : bool
        The curve has stopped rising, so that 1 - plateau is "never labelled".
    wait : float
        Days after which 90 % of the actuals that ever come are known.
    n, n_known : int
    """

    days: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    plateau: float
    flat: bool
    wait: float
    n: int
    n_known: int

    @property
    def intake_days(self) -> int:
        """Days of intake that the curve is made of, at most."""
        return INTAKE_DAYS


def lag_steps(curve: KnownShare) -> LagSteps:
    """Return the curve as steps from day 0 to the oldest age.

    >>> from core.estimation.lag import known_share
    >>> steps = lag_steps(known_share([1, 2, 3], [2, 1, 0], [0, 1, 1]))
    >>> steps.days, [round(one, 2) for one in steps.share]
    ((0.0, 1.0, 2.0, 3.0), [0.0, 0.4, 0.6, 0.6])
    """
    days, share = curve.days.tolist(), curve.share.tolist()
    low, high = curve.low.tolist(), curve.high.tolist()
    if not days or days[0] > 0:
        days, share, low, high = [0.0, *days], [0.0, *share], [0.0, *low], [0.0, *high]
    if days[-1] < curve.oldest:
        days.append(curve.oldest)
        for values in (share, low, high):
            values.append(values[-1])
    return LagSteps(
        days=tuple(days),
        share=tuple(share),
        low=tuple(low),
        high=tuple(high),
        plateau=curve.plateau,
        flat=curve.flat,
        wait=curve.quantile(),
        n=curve.n,
        n_known=curve.n_known,
    )
