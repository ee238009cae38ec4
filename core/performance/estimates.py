"""A performance metric over many windows or segments: value, interval, error, n, or the reason why not."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]
Index = int | tuple[int | slice, ...]

UNDEFINED = "not applicable: its denominator is 0"
NO_ACTUALS = "not applicable: no actuals yet"
FEW_OF_A_CLASS = "fewer than 20 of a class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One metric with its uncertainty; arrays of one shape ``(...)``.

    Attributes
    ----------
    metric : str
    value : (...) float64, NaN where `reason` says why it is withheld
    low, high : (...) float64
        95 % interval; NaN where there is none.
    error : (...) float64
        Standard error, for differences between windows.
    n : (...) float64
        Rows the value rests on: its own denominator (effective rows when weighted).
    bound : (...) float64
        The value of the rows differs at most by this much (binning); 0 where the value is exact.
    approximate : (...) bool
        The interval is outside its tested range: few events, or a few rows with most of the squared error.
    reason : (...) str
        Empty where the value stands.
    remark : (...) str
        What else a reader must know of the value, such as the classes that a mean leaves out; or empty.
    caution : str
        Why an interval is approximate where it is.
    """

    metric: str
    value: Floats
    low: Floats
    high: Floats
    error: Floats
    n: Floats
    bound: Floats
    approximate: Bools
    reason: Words
    remark: Words
    caution: str = FEW_OF_A_CLASS

    def at(self, index: Index) -> "Estimate":
        """Return the estimate of one element (or slice) of the leading axes."""
        return replace(
            self,
            value=self.value[index],
            low=self.low[index],
            high=self.high[index],
            error=self.error[index],
            n=self.n[index],
            bound=self.bound[index],
            approximate=self.approximate[index],
            reason=self.reason[index],
            remark=self.remark[index],
        )

    @property
    def note(self) -> str:
        """What a reader must know of a single value: the reason, the bound, "approximate"; or empty."""
        if str(self.reason):
            return str(self.reason)
        notes = []
        if float(self.bound) > 0:
            notes.append(f"binning error at most {float(self.bound):.2g}")
        if str(self.remark):
            notes.append(str(self.remark))
        if bool(self.approximate):
            notes.append(f"interval approximate: {self.caution}")
        return "; ".join(notes)


def estimate(
    metric: str,
    value: Floats,
    interval: Interval,
    *,
    n: Floats,
    reason: Words,
    error: Floats | None = None,
    bound: Floats | None = None,
    approximate: Bools | None = None,
    remark: Words | None = None,
    caution: str = FEW_OF_A_CLASS,
) -> Estimate:
    """Return an `Estimate` whose numbers are withheld (NaN) wherever there is a reason.

    Where no standard error is given, the width of the interval over 2z stands for it.
    """
    shape = np.shape(value)
    reason = np.where((reason == "") & np.isnan(value), UNDEFINED, reason)
    withheld = np.broadcast_to(reason != "", shape)
    spread = (interval.high - interval.low) / (2 * Z95) if error is None else error
    return Estimate(
        metric=metric,
        value=_kept(value, withheld),
        low=_kept(interval.low, withheld),
        high=_kept(interval.high, withheld),
        error=_kept(spread, withheld),
        n=np.broadcast_to(np.asarray(n, np.float64), shape),
        bound=np.broadcast_to(np.zeros(()) if bound is None else bound, shape),
        approximate=np.broadcast_to(np.zeros((), bool) if approximate is None else approximate, shape),
        reason=np.broadcast_to(reason, shape),
        remark=np.broadcast_to(np.asarray("") if remark is None else remark, shape),
        caution=caution,
    )


def first_reason(*reasons: Words) -> Words:
    """Return element by element the first reason that is not empty."""
    chosen = np.asarray(reasons[0])
    for reason in reasons[1:]:
        chosen = np.where(chosen != "", chosen, reason)
    return chosen


def said(condition: Bools | np.bool_, why: str) -> Words:
    """Return ``not applicable: why`` where the condition holds, else an empty word."""
    return np.where(condition, f"not applicable: {why}", "")


def _kept(numbers: Floats, withheld: Bools) -> Floats:
    return np.asarray(np.where(withheld, np.nan, numbers), np.float64)
