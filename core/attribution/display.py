"""What the figures of attribution draw: parts of a change, their segments, and measures over windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.attribution.attribution import Amount, Change
from core.attribution.multivariate import Limits, MultivariateDrift
from core.attribution.shift import Shift
from core.windows import Grain, parse_unit

MOST_BARS = 12
MIX, WITHIN, BETWEEN, CHANGE = "mix of segments", "within segments", "between segments", "change"
INPUTS, RELATION = "inputs moved", "relation changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of a change as a step of a waterfall; the last one of a waterfall is the change itself."""

    name: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """Steps that add up to the last one.

    Attributes
    ----------
    share : bool
        A metric in [0, 1] that is shown as percent, so that its change is in percentage points.
    """

    steps: tuple[Step, ...]
    share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBars:
    """Parts of a change by segment, the largest first; all of length S, `parts` by the name of the part."""

    names: tuple[str, ...]
    parts: tuple[tuple[str, tuple[float, ...]], ...]
    share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitedSeries:
    """A measure over windows with where it lies in the reference.

    Attributes
    ----------
    starts : tuple of date
    labels : tuple of str
        Each window as people write it.
    value : tuple of float or None
    """

    name: str
    starts: tuple[date, ...]
    labels: tuple[str, ...]
    value: tuple[float | None, ...]
    n: tuple[int, ...]
    limits: Limits
    grain: Grain
    two_sided: bool

    @property
    def beyond(self) -> tuple[bool, ...]:
        """Which windows lie beyond the limits."""
        return tuple(
            one is not None and (one > self.limits.high or (self.two_sided and one < self.limits.low))
            for one in self.value
        )


def change_steps(change: Change, *, share: bool) -> Waterfall:
    """Return mix, within, between and the whole change as a waterfall."""
    parts = [(MIX, change.mix), (WITHIN, change.within), (BETWEEN, change.between), (CHANGE, change.change)]
    return Waterfall(steps=tuple(Step(name=name, amount=one) for name, one in parts if one is not None), share=share)


def cause_steps(found: Shift, *, share: bool) -> Waterfall | None:
    """Return covariate part, concept part and the whole change; None where they cannot be told apart by weights."""
    if found.covariate is None or found.concept is None:
        return None
    parts = ((INPUTS, found.covariate), (RELATION, found.concept), (CHANGE, found.change))
    return Waterfall(steps=tuple(Step(name=name, amount=one) for name, one in parts), share=share)


def segment_bars(change: Change, *, share: bool) -> SegmentBars:
    """Return the parts of the twelve segments that add most."""
    shown = change.parts[:MOST_BARS]
    kinds: Sequence[tuple[str, tuple[float, ...]]] = [
        (MIX, tuple(one.mix.value for one in shown)),
        (WITHIN, tuple(one.within.value for one in shown)),
        (BETWEEN, tuple(one.between.value for one in shown if one.between is not None)),
    ]
    return SegmentBars(
        names=tuple(one.name for one in shown), parts=tuple(kind for kind in kinds if kind[1]), share=share
    )


def error_series(found: MultivariateDrift, grain: Grain) -> LimitedSeries:
    """Return the reconstruction error over windows; too small an error is beyond the limits too."""
    values = tuple(one.error for one in found.points)
    return _series(found, grain, "reconstruction error", values, found.error_limits, two_sided=True)


def auc_series(found: MultivariateDrift, grain: Grain) -> LimitedSeries:
    """Return the AUC of the domain classifier over windows."""
    values = tuple(one.auc for one in found.points)
    return _series(found, grain, "domain classifier AUC", values, found.auc_limits, two_sided=False)


def _series(
    found: MultivariateDrift,
    grain: Grain,
    name: str,
    values: tuple[float | None, ...],
    limits: Limits,
    *,
    two_sided: bool,
) -> LimitedSeries:
    return LimitedSeries(
        name=name,
        starts=tuple(parse_unit(one.start, grain) for one in found.points),
        labels=tuple(one.start for one in found.points),
        value=values,
        n=tuple(one.n for one in found.points),
        limits=limits,
        grain=grain,
        two_sided=two_sided,
    )
