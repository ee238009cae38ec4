"""Every threshold that the score bins allow, with what each would decide in every group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.impact.worth import confusion_worth
from core.profile.group_counts import GroupCounts
from core.stats.intervals import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """What a cut before each score bin would decide, of the labelled rows of each group.

    Attributes
    ----------
    thresholds : (B + 1,) float64
        Scores of at least it are selected: -inf (everyone), just above each edge of the bins, +inf (nobody). One that
        was declared is among them exactly.
    cells : (G, B + 1, 2, 2) float64
        Decision × actual of each group at each cut.
    """

    thresholds: Floats
    cells: Floats

    @property
    def n(self) -> Floats:
        """Labelled rows with a score, (G,)."""
        return np.asarray(self.cells[:, 0].sum((-2, -1)), np.float64)

    def nearest(self, threshold: float) -> int:
        """Return the cut nearest to a threshold: exact for one that was declared, whose edge the bins have."""
        if not np.isfinite(threshold):
            return 0 if threshold < 0 else self.thresholds.size - 1
        inner = self.thresholds[1:-1]
        return 1 + int(np.abs(inner - threshold).argmin()) if inner.size else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What a set of decisions means for all groups together.

    Attributes
    ----------
    thresholds : tuple of float or None, length G
        A group's threshold; scores of at least it are selected. None: its decisions stay as they are.
    selection_rates, recalls, false_positive_rates : tuple of float or None, length G
    gap : float in [0, 1]
        Of the constraint, over the groups that are compared.
    accuracy, accuracy_low, accuracy_high : float
        Of all groups together, with its 95 % interval.
    value, value_low, value_high : float or None
        Net value in the currency of the value model; None without one.
    n : int
        Rows with actual that this is computed over.
    """

    thresholds: tuple[float | None, ...]
    selection_rates: tuple[float | None, ...]
    recalls: tuple[float | None, ...]
    false_positive_rates: tuple[float | None, ...]
    gap: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    value: float | None
    value_low: float | None
    value_high: float | None
    n: int


def cuts_of(counts: GroupCounts) -> Cuts:
    """Return what every cut would decide.

    A bin is decided as a whole: between two edges no threshold can be told from another.

    Parameters
    ----------
    counts : GroupCounts without leading axes
    """
    actual = np.asarray(counts.score_counts[..., :2, :], np.float64)
    below = np.concatenate([np.zeros((*actual.shape[:-1], 1)), np.cumsum(actual, -1)], axis=-1)
    above = actual.sum(-1)[..., None] - below
    cells = np.stack([below, above], axis=-3)  # (G, decision, actual, B + 1)
    edges = np.nextafter(np.asarray(counts.edges, np.float64), np.inf)
    thresholds = np.concatenate([[-np.inf], edges, [np.inf]])
    return Cuts(thresholds=thresholds, cells=np.moveaxis(cells, -1, 1))


def rates_of_cells(cells: Floats) -> tuple[Floats, Floats, Floats]:
    """Return selection rate, TPR and FPR of labelled decisions, (...); NaN where there is no such row.

    Parameters
    ----------
    cells : (..., 2, 2) decision × actual
    """

    def share(top: Floats, bottom: Floats) -> Floats:
        found: Floats = np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)
        return found

    positive, negative = cells[..., 1].sum(-1), cells[..., 0].sum(-1)
    return (
        share(cells[..., 1, :].sum(-1), positive + negative),
        share(cells[..., 1, 1], positive),
        share(cells[..., 1, 0], negative),
    )


def consequence(
    cells: Floats, thresholds: tuple[float | None, ...], *, gap: float, values: Floats | None
) -> Consequence:
    """Return what decisions mean, from their confusion matrices.

    Parameters
    ----------
    cells : (G, 2, 2) decision × actual of each group
    gap : see `Consequence`
    values : (2, 2) worth of each cell in money, or None
    """
    total = cells.sum(0)
    n, right = float(total.sum()), float(total[0, 0] + total[1, 1])
    ends = wilson(right, n)
    selected, recall, false_positive = rates_of_cells(cells)
    worth = None if values is None else confusion_worth(total, values, np.zeros((2, 2))).net
    return Consequence(
        thresholds=thresholds,
        selection_rates=_known(selected),
        recalls=_known(recall),
        false_positive_rates=_known(false_positive),
        gap=gap,
        accuracy=right / n if n else float("nan"),
        accuracy_low=float(ends.low),
        accuracy_high=float(ends.high),
        value=None if worth is None else float(worth.value),
        value_low=None if worth is None else float(worth.low),
        value_high=None if worth is None else float(worth.high),
        n=round(n),
    )


def _known(rates: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(rate) else float(rate) for rate in rates)
