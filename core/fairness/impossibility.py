"""Why calibration and equal error rates cannot both hold, shown with this model's own numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.fairness.gaps import (
    FEWEST_EVENTS,
    FEWEST_ROWS,
    ODDS_DIFFERENCE,
    compared_groups,
    difference,
    difference_interval,
    homogeneity,
)
from core.fairness.rates import ACCURACY, FPR, PPV, TPR, Tally, tallies

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SIGNIFICANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossibility:
    """Chouldechova's identity for the groups that are compared, in their order; arrays of shape (K,).

    Attributes
    ----------
    labels : tuple of str, length K >= 2
    places : tuple of int, length K
        Places of these groups in the protected column.
    n, base_rate, precision, recall, false_positive_rate : (K,)
        As observed over the rows with decision and actual.
    common_precision, common_recall, common_false_positive_rate : float
        Of these groups together.
    required_false_positive_rate : (K,)
        What each group's false positive rate has to be if all groups had the common precision and recall; above 1
        where no decision could have them.
    required_precision : (K,)
        What each group's precision has to be if all groups had the common recall and false positive rate.
    base_rate_gap, gap_low, gap_high : float
        Largest difference of base rates with its interval.
    p_value : float
        Chi-square test that all base rates are equal.
    """

    labels: tuple[str, ...]
    places: tuple[int, ...]
    n: Floats
    base_rate: Floats
    precision: Floats
    recall: Floats
    false_positive_rate: Floats
    common_precision: float
    common_recall: float
    common_false_positive_rate: float
    required_false_positive_rate: Floats
    required_precision: Floats
    base_rate_gap: float
    gap_low: float
    gap_high: float
    p_value: float

    @property
    def binds(self) -> bool:
        """Whether the base rates differ by more than chance, so that not everything can be equal."""
        return self.p_value <= SIGNIFICANCE

    def words(self) -> str:
        """Return the finding in one or two sentences made of the numbers.

        Where the base rates do not differ by more than chance, it says that nothing stands in the way here.
        """
        high, low = int(np.argmax(self.base_rate)), int(np.argmin(self.base_rate))
        if not self.binds:
            return (
                f"The base rates of these groups do not differ by more than chance ({_percent(self.base_rate_gap)} "
                "between the largest and the smallest): precision and error rates could be equal here."
            )
        first, second = (
            f"{self.labels[place]} (base rate {_percent(float(self.base_rate[place]))}) needs a false positive rate of "
            f"{_percent(float(self.required_false_positive_rate[place]))}"
            for place in (high, low)
        )
        return (
            f"If every group had this model's precision of {_percent(self.common_precision)} and recall of "
            f"{_percent(self.common_recall)}, {first} and {second}. Base rates differ, so equal precision and equal "
            "error rates cannot both hold, whatever the model."
        )


def required_false_positive_rate(base_rate: Floats, precision: Floats, recall: Floats) -> Floats:
    """Return the only false positive rate that goes with a base rate, a precision and a recall.

    FPR = p/(1 - p) · (1 - PPV)/PPV · TPR: an identity of every confusion matrix. Values above 1 say that no decision
    has that precision and recall at that base rate; NaN at p = 1 or PPV = 0.

    References
    ----------
    Chouldechova 2017; Kleinberg, Mullainathan & Raghavan 2017 (the same for calibrated scores).

    >>> round(float(required_false_positive_rate(0.4, 0.8, 0.6)), 3)
    0.1
    """
    p, ppv, tpr = (np.asarray(x, np.float64) for x in (base_rate, precision, recall))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = p / (1 - p) * (1 - ppv) / ppv * tpr
    return np.asarray(np.where((p < 1) & (ppv > 0), found, np.nan), np.float64)


def required_precision(base_rate: Floats, recall: Floats, false_positive_rate: Floats) -> Floats:
    """Return the only precision that goes with a base rate and the two error rates: p·TPR/(p·TPR + (1 - p)·FPR)."""
    p, tpr, fpr = (np.asarray(x, np.float64) for x in (base_rate, recall, false_positive_rate))
    selected = p * tpr + (1 - p) * fpr
    found: Floats = np.divide(p * tpr, selected, out=np.full(selected.shape, np.nan), where=selected > 0)
    return found


def impossibility(
    confusion: Ints | Floats,
    labels: tuple[str, ...],
    *,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> Impossibility:
    """Return what the groups' own base rates make impossible.

    Parameters
    ----------
    confusion : (G, 3, 3) decision × actual
    labels : tuple of str, length G
    fewest_rows, fewest_events, hidden : see `compared_groups`

    Raises
    ------
    NotEnoughDataError
        With fewer than two groups to compare, or when no compared row was selected rightly.

    References
    ----------
    Chouldechova 2017.
    """
    cells = np.asarray(confusion, np.float64)
    masks = compared_groups(cells, ODDS_DIFFERENCE, fewest_rows=fewest_rows, fewest_events=fewest_events, hidden=hidden)
    mask = np.logical_and.reduce(masks)
    places = np.flatnonzero(mask)
    if places.size < 2:
        raise NotEnoughDataError(
            f"fewer than two groups with {fewest_rows} labelled rows and {fewest_events} rows of each actual"
        )
    counted, pooled = tallies(cells[places]), tallies(cells[places].sum(0))
    if float(pooled[PPV].successes) <= 0:
        raise NotEnoughDataError("no row of these groups was selected rightly, so that precision and recall are 0")
    base = Tally(successes=counted[TPR].n, n=counted[ACCURACY].n)
    everyone = np.ones(places.size, bool)
    ends = difference_interval(base, everyone)
    precision, recall, fpr = (float(pooled[name].share) for name in (PPV, TPR, FPR))
    return Impossibility(
        labels=tuple(labels[place] for place in places),
        places=tuple(places.tolist()),
        n=base.n,
        base_rate=base.share,
        precision=counted[PPV].share,
        recall=counted[TPR].share,
        false_positive_rate=counted[FPR].share,
        common_precision=precision,
        common_recall=recall,
        common_false_positive_rate=fpr,
        required_false_positive_rate=required_false_positive_rate(
            base.share, np.asarray(precision), np.asarray(recall)
        ),
        required_precision=required_precision(base.share, np.asarray(recall), np.asarray(fpr)),
        base_rate_gap=float(difference(base.share)),
        gap_low=float(ends.low),
        gap_high=float(ends.high),
        p_value=float(homogeneity(base, everyone).p),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
