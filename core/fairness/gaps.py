"""Gaps between groups: by definition, with intervals over all pairs at once, a test, and what chance would show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from core.fairness.chance import DRAWS, Chance, null_gaps
from core.fairness.rates import ACCURACY, FPR, SELECTION_RATE, TPR, Tally, tallies
from core.performance.estimates import Estimate, Words, estimate, said
from core.stats.intervals import CONFIDENCE, Interval, wilson
from core.stats.two_proportions import ratio_interval, square_and_add

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PARITY_DIFFERENCE, PARITY_RATIO = "demographic_parity_difference", "demographic_parity_ratio"
ODDS_DIFFERENCE, ODDS_RATIO = "equalized_odds_difference", "equalized_odds_ratio"
OPPORTUNITY_DIFFERENCE = "equal_opportunity_difference"
METRICS = (PARITY_DIFFERENCE, PARITY_RATIO, ODDS_DIFFERENCE, ODDS_RATIO, OPPORTUNITY_DIFFERENCE)
"""Names of the gaps between groups, in the order in which they are shown."""

RATES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        PARITY_DIFFERENCE: (SELECTION_RATE,),
        PARITY_RATIO: (SELECTION_RATE,),
        ODDS_DIFFERENCE: (TPR, FPR),
        ODDS_RATIO: (TPR, FPR),
        OPPORTUNITY_DIFFERENCE: (TPR,),
    }
)
"""The rates that a gap compares."""

FEWEST_ROWS, FEWEST_EVENTS = 100, 10
"""Rows of a group, and rows of the rate's own denominator, below which it is listed but enters no gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Homogeneity:
    """Chi-square test that all groups have the same rate; arrays (...), NaN with fewer than two groups."""

    statistic: Floats
    df: Floats
    p: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One gap of a protected column; arrays (...) unless said otherwise.

    Attributes
    ----------
    estimate : Estimate
        Its `n` is the rows of the groups that are compared.
    highest, lowest : (...) int64
        Groups with the largest and the smallest rate (of the rate that decides); -1 where there is no gap.
    decided_by : (...) str
        The rate that makes the gap: for equalized odds the worse of TPR and FPR.
    homogeneity : Homogeneity
    chance : Chance
        What no difference would show at these sizes.
    smallest : (...) float64
        Rows of the smallest denominator among the compared groups; 0 without any.
    counted : (..., G) bool
        Groups that are compared.
    """

    estimate: Estimate
    highest: Ints
    lowest: Ints
    decided_by: Words
    homogeneity: Homogeneity
    chance: Chance
    smallest: Floats
    counted: Bools


def difference(rates: ArrayLike) -> Floats:
    """Return the largest rate less the smallest, along the last axis; NaN is no rate.

    >>> float(difference([0.75, 0.5, 0.5]))
    0.25
    """
    held = np.asarray(rates, np.float64)
    return _known(held, np.nanmax(_filled(held), -1) - np.nanmin(_filled(held), -1))


def ratio(rates: ArrayLike) -> Floats:
    """Return the smallest rate over the largest, along the last axis; NaN where all rates are 0.

    >>> float(ratio([0.75, 0.5, 0.5]))
    0.6666666666666666
    """
    held = np.asarray(rates, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _known(held, np.nanmin(_filled(held), -1) / np.nanmax(_filled(held), -1))


def _filled(rates: Floats) -> Floats:
    """Return the rates with 0 where a window has none at all, so that its extremes exist."""
    return np.where(np.isnan(rates).all(-1, keepdims=True), 0.0, rates)


def _known(rates: Floats, found: Floats) -> Floats:
    return np.asarray(np.where(np.isnan(rates).all(-1), np.nan, found), np.float64)


def simultaneous_z(n_groups: ArrayLike, *, families: int = 1) -> Floats:
    """Return the normal quantile that holds 95 % for all pairs of groups together (Bonferroni).

    Parameters
    ----------
    n_groups : (...) groups that are compared, of one rate
    families : int
        Rates that are compared at once: 2 for equalized odds.
    """
    g = np.asarray(n_groups, np.float64)
    pairs = np.maximum(g * (g - 1) / 2, 1.0) * families
    return np.asarray(-special.ndtri((1 - CONFIDENCE) / (2 * pairs)), np.float64)


def difference_interval(tally: Tally, counted: Bools, *, families: int = 1) -> Interval:
    """Return the interval of max - min over groups that holds for all pairs at once.

    Each ordered pair has Newcombe's interval at 1 - .05/pairs; the ends are the largest of the lower and the largest
    of the upper ends, the lower one at least 0. Coverage .950–.993; a percentile bootstrap covers a true 0 never.

    Parameters
    ----------
    tally : Tally, arrays (..., G)
    counted : (..., G) bool
    families : int
        See `simultaneous_z`.

    References
    ----------
    Newcombe 1998; statistics.md §6.
    """
    z = simultaneous_z(counted.sum(-1), families=families)[..., None]
    first = _wilson_at(tally, z)
    p = np.nan_to_num(tally.share)
    pair = square_and_add(
        p[..., :, None],
        Interval(low=first.low[..., :, None], high=first.high[..., :, None]),
        p[..., None, :],
        Interval(low=first.low[..., None, :], high=first.high[..., None, :]),
    )
    low, high = (_over_pairs(end, counted, least=False) for end in (pair.low, pair.high))
    return Interval(low=np.maximum(low, 0.0), high=np.minimum(high, 1.0))


def ratio_of_extremes_interval(tally: Tally, counted: Bools, *, families: int = 1) -> Interval:
    """Return the interval of min / max over groups that holds for all pairs at once.

    As `difference_interval` with the interval of a ratio (Katz with ½, Koopman's score where a count is below 10);
    the ends are the smallest of the lower and the smallest of the upper ends, at most 1.
    """
    z = simultaneous_z(counted.sum(-1), families=families)[..., None, None]
    k, n = tally.successes, tally.n
    both = counted[..., :, None] & counted[..., None, :] & ~np.eye(counted.shape[-1], dtype=bool)
    sides = np.broadcast_arrays(k[..., :, None], n[..., :, None], k[..., None, :], n[..., None, :], z)
    low, high = np.full(both.shape, np.inf), np.full(both.shape, np.inf)
    k1, n1, k2, n2, level = (side[both] for side in sides)
    found = ratio_interval(k1, n1, k2, n2, z=level)
    low[both], high[both] = found.low, found.high
    ends = [_over_pairs(end, counted, least=True) for end in (low, high)]
    return Interval(low=ends[0], high=np.minimum(ends[1], 1.0))


def _wilson_at(tally: Tally, z: Floats) -> Interval:
    """Return Wilson's intervals with a level for each window."""
    low, high = np.empty(tally.n.shape), np.empty(tally.n.shape)
    for level in np.unique(z).tolist():
        rows = np.broadcast_to(z == level, tally.n.shape)
        found = wilson(tally.successes[rows], tally.n[rows], z=level)
        low[rows], high[rows] = found.low, found.high
    return Interval(low=np.nan_to_num(low), high=np.nan_to_num(high))


def _over_pairs(values: Floats, counted: Bools, *, least: bool) -> Floats:
    """Return the extreme over ordered pairs of two different counted groups; NaN with fewer than two."""
    both = counted[..., :, None] & counted[..., None, :] & ~np.eye(counted.shape[-1], dtype=bool)
    away = np.inf if least else -np.inf
    held = np.where(both & ~np.isnan(values), values, away)
    found = held.min((-2, -1)) if least else held.max((-2, -1))
    return np.where(both.any((-2, -1)), found, np.nan)


def homogeneity(tally: Tally, counted: Bools) -> Homogeneity:
    """Return Pearson's chi-square test that the counted groups share one rate, without continuity correction.

    It has far more power than the range itself (.33–1.0 against .13). The statistic is 0 where the pooled rate is 0
    or 1: nothing differs.

    Parameters
    ----------
    tally : Tally, arrays (..., G)
    counted : (..., G) bool
    """
    k, n = np.where(counted, tally.successes, 0.0), np.where(counted, tally.n, 0.0)
    rows = n.sum(-1)
    pooled = np.divide(k.sum(-1), rows, out=np.zeros(rows.shape), where=rows > 0)[..., None]
    variance = n * pooled * (1 - pooled)
    parts = np.divide((k - n * pooled) ** 2, variance, out=np.zeros(n.shape), where=variance > 0)
    df = counted.sum(-1).astype(np.float64) - 1
    return _tested(parts.sum(-1), df)


def _tested(statistic: Floats, degrees: Floats) -> Homogeneity:
    known = degrees >= 1
    p = special.chdtrc(np.maximum(degrees, 1.0), statistic)
    return Homogeneity(
        statistic=np.where(known, statistic, np.nan), df=np.where(known, degrees, np.nan), p=np.where(known, p, np.nan)
    )


def compared_groups(
    confusion: ArrayLike,
    metric: str,
    *,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> tuple[Bools, ...]:
    """Return for each rate of a gap which groups enter it, (..., G) bool.

    A group needs `fewest_rows` rows (decided; for TPR and FPR decided with an actual) and, for TPR and FPR,
    `fewest_events` rows of that actual; the others are listed with their intervals but not ranked.

    Parameters
    ----------
    confusion : (..., G, 3, 3)
    metric : str, one of `METRICS`
    hidden : (..., G) bool or None
        Groups that are suppressed and so never compared.
    """
    counted = tallies(np.asarray(confusion))
    shown = np.True_ if hidden is None else ~np.asarray(hidden, bool)
    if RATES_OF[metric] == (SELECTION_RATE,):
        return (np.asarray(shown & (counted[SELECTION_RATE].n >= max(fewest_rows, 1))),)
    enough = shown & (counted[ACCURACY].n >= fewest_rows)
    return tuple(np.asarray(enough & (counted[name].n >= max(fewest_events, 1))) for name in RATES_OF[metric])


def group_gaps(
    confusion: Ints | Floats,
    *,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Mapping[str, Gap]:
    """Return every gap between groups by its name, in the order of `METRICS`.

    The values are fairlearn's with ``method="between_groups"`` over the groups that are compared: the largest rate
    less the smallest, the smallest over the largest; of equalized odds the larger of both differences (of TPR and
    FPR), the smaller of both ratios. Not applicable with fewer than two groups to compare.

    Parameters
    ----------
    confusion : (..., G, 3, 3) decision (0, 1, none) × actual (0, 1, not known yet)
        Counts of rows; leading axes (windows) are allowed.
    fewest_rows, fewest_events, hidden
        See `compared_groups`.
    seed, draws : see `null_gaps`; `draws` 0 leaves the chance out (trends, verdicts)

    References
    ----------
    Dwork et al. 2012 (parity); Hardt, Price & Srebro 2016 (odds, opportunity); Weerts et al. 2023 (fairlearn).
    """
    cells = np.asarray(confusion, np.float64)
    counted = tallies(cells)
    masks = {
        metric: compared_groups(
            cells, metric, fewest_rows=fewest_rows, fewest_events=fewest_events, hidden=hidden
        )
        for metric in METRICS
    }  # fmt: skip
    rates = {metric: [counted[name] for name in RATES_OF[metric]] for metric in METRICS}
    parity, odds = (
        null_gaps(rates[metric], masks[metric], seed=seed, draws=draws)
        for metric in (PARITY_DIFFERENCE, ODDS_DIFFERENCE)
    )
    chance = {
        PARITY_DIFFERENCE: parity.together.difference,
        PARITY_RATIO: parity.together.ratio,
        ODDS_DIFFERENCE: odds.together.difference,
        ODDS_RATIO: odds.together.ratio,
        OPPORTUNITY_DIFFERENCE: odds.alone[0].difference,  # its groups are those of the TPR there
    }
    return MappingProxyType(
        {
            metric: _gap(
                metric,
                rates[metric],
                masks[metric],
                _too_few(masks[metric], RATES_OF[metric], fewest_rows, fewest_events),
                chance=chance[metric],
            )
            for metric in METRICS
        }
    )


def _too_few(masks: Sequence[Bools], names: Sequence[str], rows: int, events: int) -> Words:
    few = np.logical_or.reduce([mask.sum(-1) < 2 for mask in masks])
    if tuple(names) == (SELECTION_RATE,):
        return said(few, f"fewer than two groups with {rows} decided rows")
    sides = {(TPR,): "positives", (TPR, FPR): "rows of each actual"}[tuple(names)]
    return said(few, f"fewer than two groups with {rows} labelled rows and {events} {sides}")


def _gap(metric: str, rates: Sequence[Tally], masks: Sequence[Bools], reason: Words, *, chance: Chance) -> Gap:
    of_ratio = metric in (PARITY_RATIO, ODDS_RATIO)
    shares = [np.where(mask, one.share, np.nan) for one, mask in zip(rates, masks, strict=True)]
    values = np.stack([ratio(one) if of_ratio else difference(one) for one in shares])
    interval_of = ratio_of_extremes_interval if of_ratio else difference_interval
    ends = [interval_of(one, mask, families=len(rates)) for one, mask in zip(rates, masks, strict=True)]
    worst = np.fmin.reduce if of_ratio else np.fmax.reduce
    decides = np.argmin(np.nan_to_num(values, nan=2.0), 0) if of_ratio else np.argmax(np.nan_to_num(values, nan=-1), 0)
    n = np.stack([np.where(mask, one.n, 0.0).sum(-1) for one, mask in zip(rates, masks, strict=True)]).sum(0)
    value = np.asarray(worst(values))
    why = np.where((reason == "") & np.isnan(value), "not applicable: no row of any group was selected", reason)
    tests = [homogeneity(one, mask) for one, mask in zip(rates, masks, strict=True)]
    return Gap(
        estimate=estimate(
            metric,
            value,
            Interval(low=worst(np.stack([one.low for one in ends])), high=worst(np.stack([one.high for one in ends]))),
            n=n,
            reason=why,
        ),
        highest=_extreme_group(shares, decides, why, largest=True),
        lowest=_extreme_group(shares, decides, why, largest=False),
        decided_by=np.asarray(RATES_OF[metric])[decides],
        # the rates rest on different rows, so that their statistics add up
        homogeneity=_tested(
            np.sum([one.statistic for one in tests], axis=0), np.sum([one.df for one in tests], axis=0)
        ),
        chance=chance,
        smallest=_smallest(rates, masks),
        counted=np.logical_or.reduce(masks),
    )


def _smallest(rates: Sequence[Tally], masks: Sequence[Bools]) -> Floats:
    least = np.minimum.reduce([np.where(mask, one.n, np.inf).min(-1) for one, mask in zip(rates, masks, strict=True)])
    return np.asarray(np.where(np.isfinite(least), least, 0.0), np.float64)


def _extreme_group(shares: Sequence[Floats], decides: Ints, reason: Words, *, largest: bool) -> Ints:
    away = -np.inf if largest else np.inf
    held = np.stack([np.where(np.isnan(one), away, one) for one in shares])
    places = held.argmax(-1) if largest else held.argmin(-1)
    chosen = np.take_along_axis(places, np.asarray(decides)[None], 0)[0]
    return np.asarray(np.where(reason == "", chosen, -1), np.int64)
