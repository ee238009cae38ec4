"""Groups against a reference group that a person chose: differences, ratios, and the rule of four fifths."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.errors import BadInputError
from core.fairness.gaps import FEWEST_EVENTS, FEWEST_ROWS, compared_groups
from core.fairness.rates import FPR, SELECTION_RATE, TPR, Tally, tallies
from core.performance.estimates import Estimate, Words, estimate, first_reason, said
from core.stats.intervals import Interval
from core.stats.two_proportions import newcombe_difference, ratio_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

IMPACT_RATIO = "disparate_impact_ratio"
FOUR_FIFTHS = 0.8
Z_ONE_SIDED = float(special.ndtri(0.95))
POWER = 0.8
Z_POWER = float(special.ndtri(POWER))
BISECTIONS = 60
GROUP_IS_REFERENCE = "not applicable: the reference group itself"


class Finding(StrEnum):
    """What the rule of four fifths says of one group."""

    BREACH = "breach"
    NOT_CONCLUSIVE = "below .8, not conclusive"
    NOT_BELOW = "not below .8"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class FourFifths:
    """The rule of four fifths; arrays of one shape.

    Attributes
    ----------
    ratio : (...) selection rate of the group over that of the reference group
    upper : (...) one-sided 95 % upper bound of the ratio
    finding : (...) str, a `Finding`
    detectable : (...)
        The largest true ratio that these sizes would show as a breach in four cases of five; NaN where none would.
    """

    ratio: Floats
    upper: Floats
    finding: Words
    detectable: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstReference:
    """Every group of a protected column beside the chosen reference group.

    Attributes
    ----------
    reference : int, place of the reference group
    differences : mapping of rate to Estimate over (..., G)
        Group less reference, of selection rate, TPR and FPR, each with Newcombe's interval.
    ratios : mapping of rate to Estimate over (..., G)
        Group over reference.
    four_fifths : FourFifths over (..., G)
    impact : Estimate over (...)
        ``disparate_impact_ratio``: the smallest ratio of selection rates among the groups that are compared.
    lowest : (...) int64, the group of that ratio; -1 where there is none
    counted : (..., G) bool
        Groups with enough decided rows to be compared, the reference group among them.
    """

    reference: int
    differences: Mapping[str, Estimate]
    ratios: Mapping[str, Estimate]
    four_fifths: FourFifths
    impact: Estimate
    lowest: Ints
    counted: Bools


def four_fifths(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> FourFifths:
    """Return what the rule of four fifths says of a group beside the reference group.

    A breach needs the one-sided 95 % upper bound of the ratio below .8 (logarithmic with ½, z 1.644854; the score
    bound where a count is below 10); a ratio below .8 whose bound is not is "not conclusive". At a true ratio of
    exactly .8 the bare point accuses in one case of two, this rule in 2.9–4.4 of a hundred (statistics.md §6).

    Parameters
    ----------
    k1, n1 : (...) selected and decided rows of the group
    k2, n2 : (...) those of the reference group

    References
    ----------
    29 CFR 1607.4(D) (US Uniform Guidelines on Employee Selection Procedures, 1978); Katz et al. 1978.

    >>> found = four_fifths(30, 100, 500, 1000)
    >>> round(float(found.ratio), 2), round(float(found.upper), 3), str(found.finding)
    (0.6, 0.782, 'breach')
    """
    k1, n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (k1, n1, k2, n2)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (k1 / n1) / (k2 / n2)
    upper = _upper_bound(k1, n1, k2, n2)
    known = (n1 > 0) & (k2 > 0)
    finding = np.where(
        upper < FOUR_FIFTHS,
        Finding.BREACH.value,
        np.where(ratio < FOUR_FIFTHS, Finding.NOT_CONCLUSIVE.value, Finding.NOT_BELOW.value),
    )
    return FourFifths(
        ratio=np.where(known, ratio, np.nan),
        upper=np.where(known, upper, np.nan),
        finding=np.where(known, finding, Finding.NOT_APPLICABLE.value),
        detectable=detectable_ratio(n1, k2, n2),
    )


def _upper_bound(k1: Floats, n1: Floats, k2: Floats, n2: Floats) -> Floats:
    return ratio_interval(k1, n1, k2, n2, z=Z_ONE_SIDED).high


def detectable_ratio(n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> Floats:
    """Return the largest true ratio below .8 that would be a breach with a chance of 80 % at these sizes.

    The r in (0, .8) with log r + (z.95 + z.80)·se(r) = log .8, se(r) that of the logarithmic interval when the group
    is selected at r times the reference's rate. NaN where not even a group of which nobody is selected would be found.

    Parameters
    ----------
    n1 : (...) decided rows of the group
    k2, n2 : (...) selected and decided rows of the reference group

    >>> round(float(detectable_ratio(200, 1000, 2000)), 2)
    0.61
    """
    n1, k2, n2 = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (n1, k2, n2)))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = k2 / n2

    def found(ratio: Floats) -> Bools:
        expected = ratio * rate * n1
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = 1 / (expected + 0.5) - 1 / (n1 + 0.5) + 1 / (k2 + 0.5) - 1 / (n2 + 0.5)
            reached = np.log(ratio) + (Z_ONE_SIDED + Z_POWER) * np.sqrt(np.maximum(variance, 0.0))
        return np.asarray(reached <= np.log(FOUR_FIFTHS))

    grid = np.linspace(0.01, 0.79, 40)
    held = np.stack([found(np.full(n1.shape, one)) for one in grid])
    last = held.shape[0] - 1 - held[::-1].argmax(0)
    inside, outside = grid[last], np.minimum(grid[last] + 0.02, FOUR_FIFTHS)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        kept = found(middle)
        inside, outside = np.where(kept, middle, inside), np.where(kept, outside, middle)
    possible = (n1 > 0) & (k2 > 0) & (_upper_bound(np.zeros(n1.shape), n1, k2, n2) < FOUR_FIFTHS)
    return np.asarray(np.where(held.any(0) & possible, inside, np.nan), np.float64)


def against_reference(
    confusion: Ints | Floats,
    labels: tuple[str, ...],
    reference: str,
    *,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> AgainstReference:
    """Return every group beside the reference group that a person chose.

    Each interval is its own 95 %: with many groups one in twenty misses. Hidden groups, and everything when the
    reference group itself is hidden or empty, are not applicable; groups below the minimum keep difference and ratio
    with their intervals, but do not enter `impact`.

    Parameters
    ----------
    confusion : (..., G, 3, 3)
    labels : tuple of str, length G
    reference : str, one of `labels`
    fewest_rows, fewest_events, hidden : see `compared_groups`

    Raises
    ------
    BadInputError
        When there is no such group.
    """
    if reference not in labels:
        raise BadInputError(f"There is no group '{reference[:100]}' in this column.")
    place = labels.index(reference)
    cells = np.asarray(confusion, np.float64)
    shown = np.ones(cells.shape[:-2], bool) if hidden is None else ~np.broadcast_to(hidden, cells.shape[:-2])
    counted = tallies(cells)
    masks = compared_groups(
        cells, "demographic_parity_difference", fewest_rows=fewest_rows, fewest_events=fewest_events, hidden=~shown
    )
    rule = _rule(counted[SELECTION_RATE], place, shown)
    ratios = {name: _ratio(name, counted[name], place, shown) for name in (SELECTION_RATE, TPR, FPR)}
    impact, lowest = _smallest(ratios[SELECTION_RATE], counted[SELECTION_RATE], masks[0], place)
    return AgainstReference(
        reference=place,
        differences=MappingProxyType(
            {name: _difference(name, counted[name], place, shown) for name in (SELECTION_RATE, TPR, FPR)}
        ),
        ratios=MappingProxyType(ratios),
        four_fifths=rule,
        impact=impact,
        lowest=lowest,
        counted=masks[0],
    )


def _sides(tally: Tally, place: int) -> tuple[Floats, Floats, Floats, Floats]:
    k, n = tally.successes, tally.n
    return k, n, k[..., place, None], n[..., place, None]


def _why_not(tally: Tally, place: int, shown: Bools) -> Words:
    itself = np.where(np.arange(tally.n.shape[-1]) == place, GROUP_IS_REFERENCE, "")
    return first_reason(
        np.broadcast_to(itself, tally.n.shape),
        said(~shown[..., place, None] & np.ones(tally.n.shape, bool), "the reference group is hidden: it is too small"),
        said(~shown, "hidden: the group is too small"),
        said((tally.n[..., place, None] <= 0) & np.ones(tally.n.shape, bool), "the reference group has no such row"),
        said(tally.n <= 0, "the group has no such row"),
    )


def _difference(name: str, tally: Tally, place: int, shown: Bools) -> Estimate:
    k, n, k_reference, n_reference = _sides(tally, place)
    value = tally.share - tally.share[..., place, None]
    interval = newcombe_difference(k, n, k_reference, n_reference)
    return estimate(name, value, interval, n=n, reason=_why_not(tally, place, shown))


def _ratio(name: str, tally: Tally, place: int, shown: Bools) -> Estimate:
    k, n, k_reference, n_reference = _sides(tally, place)
    none = said((k_reference <= 0) & np.ones(n.shape, bool), "the reference group's rate is 0")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = tally.share / tally.share[..., place, None]
    interval = ratio_interval(k, n, k_reference, n_reference)
    value = np.where(np.isfinite(value), value, np.nan)
    return estimate(name, value, interval, n=n, reason=first_reason(_why_not(tally, place, shown), none))


def _rule(tally: Tally, place: int, shown: Bools) -> FourFifths:
    k, n, k_reference, n_reference = _sides(tally, place)
    found = four_fifths(k, n, k_reference, n_reference)
    away = _why_not(tally, place, shown) != ""
    return FourFifths(
        ratio=np.where(away, np.nan, found.ratio),
        upper=np.where(away, np.nan, found.upper),
        finding=np.where(away, Finding.NOT_APPLICABLE.value, found.finding),
        detectable=np.where(away, np.nan, found.detectable),
    )


def _smallest(ratios: Estimate, tally: Tally, counted: Bools, place: int) -> tuple[Estimate, Ints]:
    """Return the smallest ratio of a compared group to the reference group, and which group it is."""
    usable = counted & counted[..., place, None] & (ratios.reason == "")
    values = np.where(usable, ratios.value, np.inf)
    lowest = values.argmin(-1)
    any_left = usable.any(-1)

    def taken(numbers: Floats) -> Floats:
        return np.asarray(np.take_along_axis(numbers, lowest[..., None], -1)[..., 0], np.float64)

    few = said(~counted[..., place], "the reference group has too few decided rows, or is hidden")
    reason = first_reason(few, said(~any_left, "no other group can be compared with the reference group"))
    impact = estimate(
        IMPACT_RATIO,
        np.where(any_left, taken(values), np.nan),
        Interval(low=taken(ratios.low), high=taken(ratios.high)),
        n=taken(tally.n) + tally.n[..., place],
        reason=reason,
    )
    return impact, np.where(any_left, lowest, -1)
