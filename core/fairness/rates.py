"""What a model does to each protected group: rates of decisions and errors, ranking and calibration, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.calibration.calibration_error import calibration_error
from core.calibration.groups import equal_mass, merged
from core.calibration.miscalibration import calibration_chi_square
from core.calibration.recalibration import fitted_line, in_the_large
from core.calibration.score_bins import ScoreBins, class_bins
from core.performance.confusion import share
from core.performance.estimates import NO_ACTUALS, Estimate, Words, estimate, first_reason, said
from core.performance.ranking import roc_auc
from core.profile.group_counts import GroupCounts
from core.stats.intervals import Z95, Interval, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SELECTION_RATE, TPR, FPR = "selection_rate", "recall", "false_positive_rate"
FNR, PPV, NPV = "false_negative_rate", "precision", "negative_predictive_value"
ACCURACY, BASE_RATE = "accuracy", "base_rate"
RATES = (SELECTION_RATE, TPR, FPR, FNR, PPV, NPV, ACCURACY, BASE_RATE)
"""Shares of rows, each with its own denominator."""

OF_SCORES = (
    "roc_auc",
    "mean_score",
    "ece_debiased",
    "calibration_intercept",
    "calibration_slope",
    "calibration_in_the_large",
)
"""What is read from the scores of a group."""

METRICS = (*RATES, *OF_SCORES)
"""Names of the figures of a group, in the order in which they are shown."""

SMALLEST_CLASS, FEW_EVENTS = 5, 20
NO_DECISION = "no row of the group was decided"
NO_LABELLED_DECISION = "no row of the group has both a decision and an actual"
NO_POSITIVE, NO_NEGATIVE = "no decided row of the group was positive", "no decided row of the group was negative"
NONE_SELECTED, ALL_SELECTED = (
    "no labelled row of the group was selected",
    "every labelled row of the group was selected",
)
FEW_OF_A_CLASS = f"fewer than {SMALLEST_CLASS} rows of a class"
RANKING_SCORE = "the score is not declared a probability"
NO_LINE = "no line fits: one score, or scores that separate the classes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A share as its counts: successes and rows, arrays of one shape."""

    successes: Floats
    n: Floats

    @property
    def share(self) -> Floats:
        """Successes / rows, NaN without rows."""
        return share(self.successes, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates:
    """Every figure of every group; arrays share the leading axes and end with the groups, ``(..., G)``.

    Attributes
    ----------
    labels : tuple of str, length G
    estimates : mapping of metric name to Estimate, in the order of `METRICS`
        Without the figures of the scores where only decisions are counted (intersections, control columns).
    n_rows, n_decided, n_labelled, n_positive, n_negative : (..., G) float64
        Rows; rows with a decision; rows with an actual; those of them by actual.
    """

    labels: tuple[str, ...]
    estimates: Mapping[str, Estimate]
    n_rows: Floats
    n_decided: Floats
    n_labelled: Floats
    n_positive: Floats
    n_negative: Floats


def tallies(confusion: Ints | Floats) -> Mapping[str, Tally]:
    """Return the counts of every share in `RATES`.

    The selection rate is of all decided rows, labelled or not; the base rate of all labelled ones, decided or not; the
    others of the rows with both.

    Parameters
    ----------
    confusion : (..., 3, 3) decision (0, 1, none) × actual (0, 1, not known yet)
    """
    cells = np.asarray(confusion, np.float64)
    tn, fn, fp, tp = cells[..., 0, 0], cells[..., 0, 1], cells[..., 1, 0], cells[..., 1, 1]
    selected, decided = cells[..., 1, :].sum(-1), cells[..., :2, :].sum((-2, -1))
    positive, labelled = cells[..., 1].sum(-1), cells[..., :2].sum((-2, -1))
    return {
        SELECTION_RATE: Tally(successes=selected, n=decided),
        TPR: Tally(successes=tp, n=tp + fn),
        FPR: Tally(successes=fp, n=fp + tn),
        FNR: Tally(successes=fn, n=tp + fn),
        PPV: Tally(successes=tp, n=tp + fp),
        NPV: Tally(successes=tn, n=tn + fn),
        ACCURACY: Tally(successes=tp + tn, n=tp + fp + fn + tn),
        BASE_RATE: Tally(successes=positive, n=labelled),
    }


def group_rates(counts: GroupCounts, *, probability: bool = True) -> GroupRates:
    """Return every figure of every group of a protected column, each with its 95 % interval and n.

    Shares have Wilson intervals with their own denominators, the AUC DeLong's (Newcombe's in small groups), the
    calibration error that of its debiased value, intercept and slope ± z standard errors. Withheld, with the reason:
    a share with an empty denominator; AUC and calibration with fewer than 5 rows of either class; calibration of a
    ranking score. Small groups are *not* hidden here: that is done once, in `core.fairness.suppression`.

    Parameters
    ----------
    counts : GroupCounts
        Leading axes (windows) are allowed.
    probability : bool
        The score is declared a probability (`score_kind`).
    """
    found = confusion_rates(counts.labels, counts.confusion)
    bins = class_bins(counts.edges, counts.score_counts, counts.score_sums)
    by_score = (_auc(counts), *_calibration(bins, probability=probability))
    return replace(found, estimates=MappingProxyType({**found.estimates, **{one.metric: one for one in by_score}}))


def confusion_rates(labels: tuple[str, ...], confusion: Ints | Floats) -> GroupRates:
    """Return the shares in `RATES` of groups of which only decisions and actuals are counted.

    Parameters
    ----------
    labels : tuple of str, length G
    confusion : (..., G, 3, 3)
    """
    cells = np.asarray(confusion, np.float64)
    counted = tallies(cells)
    no_actual = np.where(counted[BASE_RATE].n > 0, "", NO_ACTUALS)
    both = first_reason(no_actual, said(counted[ACCURACY].n <= 0, NO_LABELLED_DECISION))
    why = {
        SELECTION_RATE: np.full(no_actual.shape, ""),
        BASE_RATE: no_actual,
    }
    estimates = {name: _share(name, counted[name], why.get(name, both)) for name in RATES}
    return GroupRates(
        labels=labels,
        estimates=MappingProxyType(estimates),
        n_rows=cells.sum((-2, -1)),
        n_decided=counted[SELECTION_RATE].n,
        n_labelled=counted[BASE_RATE].n,
        n_positive=counted[BASE_RATE].successes,
        n_negative=counted[BASE_RATE].n - counted[BASE_RATE].successes,
    )


EMPTY = {
    SELECTION_RATE: NO_DECISION,
    TPR: NO_POSITIVE,
    FNR: NO_POSITIVE,
    FPR: NO_NEGATIVE,
    PPV: NONE_SELECTED,
    NPV: ALL_SELECTED,
    ACCURACY: NO_LABELLED_DECISION,
    BASE_RATE: NO_LABELLED_DECISION,
}
"""Why a share has no denominator."""


def _share(name: str, tally: Tally, reason: Words) -> Estimate:
    empty = said(tally.n <= 0, EMPTY[name])
    interval = wilson(tally.successes, tally.n)
    return estimate(name, tally.share, interval, n=tally.n, reason=first_reason(reason, empty))


def _few(positives: Floats, negatives: Floats) -> Words:
    no_actuals = np.where(positives + negatives > 0, "", NO_ACTUALS)
    return first_reason(no_actuals, said(np.minimum(positives, negatives) < SMALLEST_CLASS, FEW_OF_A_CLASS))


def _auc(counts: GroupCounts) -> Estimate:
    positives, negatives = counts.score_counts[..., 1, :], counts.score_counts[..., 0, :]
    n_positive, n_negative = positives.sum(-1, dtype=np.float64), negatives.sum(-1, dtype=np.float64)
    found = roc_auc(positives, negatives)
    return estimate(
        "roc_auc",
        found.value,
        found.interval,
        n=n_positive + n_negative,
        reason=_few(n_positive, n_negative),
        error=found.error,
        bound=np.nan_to_num(found.above),
        approximate=np.minimum(n_positive, n_negative) < FEW_EVENTS,
    )


def _calibration(bins: ScoreBins, *, probability: bool) -> tuple[Estimate, ...]:
    """Return mean score, debiased calibration error, and the line that would correct the scores of each group."""
    n, events = bins.n.sum(-1), bins.events.sum(-1)
    few = _few(events, n - events)
    no_actuals = np.where(n > 0, "", NO_ACTUALS)
    if not probability:
        few = no_actuals = said(np.ones(n.shape, bool), RANKING_SCORE)
    approximate = np.minimum(events, n - events) < FEW_EVENTS
    groups = equal_mass(bins)
    error, line, large = calibration_error(groups), fitted_line(bins), in_the_large(bins)
    ends = error.interval(calibration_chi_square(merged(groups)).p)
    no_line = first_reason(few, said(np.isnan(line.slope), NO_LINE))

    def around(name: str, value: Floats, spread: Floats, reason: Words) -> Estimate:
        interval = Interval(low=value - Z95 * spread, high=value + Z95 * spread)
        return estimate(name, value, interval, n=n, reason=reason, error=spread, approximate=approximate)

    return (
        _mean_score(bins, no_actuals),
        estimate("ece_debiased", error.debiased, ends, n=n, reason=few, error=error.error, approximate=approximate),
        around("calibration_intercept", line.intercept, line.intercept_error, no_line),
        around("calibration_slope", line.slope, line.slope_error, no_line),
        around("calibration_in_the_large", large.value, large.error, few),
    )


def _mean_score(bins: ScoreBins, reason: Words) -> Estimate:
    """Return the mean score of the labelled rows; its spread has the mean of a bin in place of its rows."""
    n = bins.n.sum(-1)
    mean = share(bins.sum_p.sum(-1), n)
    variance = np.maximum(share(bins.sum_pp.sum(-1), n) - mean**2, 0.0)
    error = np.sqrt(variance / np.maximum(n - 1, 1.0))
    interval = Interval(low=np.maximum(mean - Z95 * error, 0.0), high=np.minimum(mean + Z95 * error, 1.0))
    return estimate("mean_score", mean, interval, n=n, reason=reason, error=error)


def intersection_labels(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the pairs of groups of two columns, those of one group of the first side by side.

    >>> intersection_labels(("F", "M"), ("under 40", "40 and over"))
    ('F × under 40', 'F × 40 and over', 'M × under 40', 'M × 40 and over')
    """
    return tuple(f"{a} × {b}" for a in first for b in second)


def intersection_rates(first: tuple[str, ...], second: tuple[str, ...], confusion: Ints | Floats) -> GroupRates:
    """Return the shares of every pair of groups of two protected columns, as one flat axis of groups.

    Parameters
    ----------
    first, second : labels of both columns, lengths Ga and Gb
    confusion : (..., Ga, Gb, 3, 3), see `pair_confusion`
    """
    shape = confusion.shape[:-4]
    flat = confusion.reshape(*shape, len(first) * len(second), 3, 3)
    return confusion_rates(intersection_labels(first, second), flat)
