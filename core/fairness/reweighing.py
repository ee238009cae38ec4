"""What reweighing the training rows would do to decisions, as far as counts by score can tell without retraining."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.fairness.frontier import gap_of, threshold_groups
from core.fairness.gaps import FEWEST_EVENTS, FEWEST_ROWS
from core.fairness.thresholds import Consequence, consequence, cuts_of
from core.profile.group_counts import GroupCounts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STRENGTHS = tuple(round(0.1 * step, 1) for step in range(11))
MEANING = (
    "Estimated, not retrained: reweighing makes group and outcome independent in the training rows, which multiplies "
    "the odds of a score by the overall odds over the group's own. These points decide with scores changed so, at the "
    "threshold in force. A retrained model reaches them only if its features tell the groups apart; otherwise it lies "
    "between them and the present point, or elsewhere."
)
RANKING_SCORE = "reweighing changes probabilities, and the score is not declared one"
NO_THRESHOLD = "no threshold is declared at which reweighted scores could be decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reweighing:
    """Weights of reweighing and the path from the present scores to reweighted ones.

    Attributes
    ----------
    labels : tuple of str, length G
    counted : (G,) bool
        Groups whose scores are reweighted; the decisions of the others stay as they are.
    weights : (G, 2) float64
        P(group) P(actual) / P(group, actual) by actual 0 and 1; NaN for groups left out.
    strengths : tuple of float in [0, 1]
        0: the scores as they are, 1: wholly reweighted; the weights are taken to this power.
    points : tuple of Consequence, one for each strength
    """

    labels: tuple[str, ...]
    counted: Bools
    weights: Floats
    strengths: tuple[float, ...]
    points: tuple[Consequence, ...]


def reweighing_weights(actuals: Floats) -> Floats:
    """Return the weights that make group and actual independent, (G, 2): expected over observed rows.

    Parameters
    ----------
    actuals : (G, 2) rows by actual 0 and 1, all above 0

    References
    ----------
    Kamiran & Calders 2012.

    >>> reweighing_weights(np.array([[60.0, 40.0], [80.0, 20.0]])).round(3).tolist()
    [[1.167, 0.75], [0.875, 1.5]]
    """
    total = actuals.sum()
    expected = actuals.sum(1, keepdims=True) * actuals.sum(0, keepdims=True) / total
    return np.asarray(expected / actuals, np.float64)


def reweighing(
    counts: GroupCounts,
    constraint: str,
    *,
    threshold: float | None,
    probability: bool = True,
    values: Floats | None = None,
    fewest_rows: int = FEWEST_ROWS,
    fewest_events: int = FEWEST_EVENTS,
    hidden: Bools | None = None,
) -> Reweighing:
    """Return the path of decisions from the present scores to reweighted ones; `MEANING` says what it is worth.

    A score with odds o has the reweighted odds o · w₁/w₀ of its group, so that deciding it at the threshold in force
    is deciding o at that threshold's odds · (w₀/w₁)^strength: a threshold for each group, taken at the nearest edge
    of the score bins.

    Parameters
    ----------
    counts : GroupCounts without leading axes
    constraint : str
        The gap that the points tell.
    threshold : float in (0, 1) or None, in force now
    probability : bool
        The score is declared a probability.
    values, fewest_rows, fewest_events, hidden : see `frontier`

    Raises
    ------
    NotEnoughDataError
        For a ranking score, without a threshold, and with fewer than two groups to compare.

    References
    ----------
    Kamiran & Calders 2012; Elkan 2001 (weights and thresholds).
    """
    if not probability:
        raise NotEnoughDataError(RANKING_SCORE)
    if threshold is None or not 0 < threshold < 1:
        raise NotEnoughDataError(NO_THRESHOLD)
    counted = threshold_groups(counts, fewest_rows=fewest_rows, fewest_events=fewest_events, hidden=hidden)
    cuts, present = cuts_of(counts), np.asarray(counts.confusion[..., :2, :2], np.float64)
    actuals = np.asarray(counts.score_counts[counted, :2].sum(-1), np.float64)
    weights = np.full((len(counts.labels), 2), np.nan)
    weights[counted] = reweighing_weights(actuals)
    places = np.flatnonzero(counted).tolist()
    points = []
    for strength in STRENGTHS:
        odds = threshold / (1 - threshold) * (weights[counted, 0] / weights[counted, 1]) ** strength
        chosen = [cuts.nearest(float(one)) for one in odds / (1 + odds)]
        cells, thresholds = present.copy(), [None] * len(counts.labels)
        named: list[float | None] = list(thresholds)
        for place, cut in zip(places, chosen, strict=True):
            cells[place], named[place] = cuts.cells[place, cut], float(cuts.thresholds[cut])
        points.append(consequence(cells, tuple(named), gap=gap_of(cells[counted], constraint), values=values))
    return Reweighing(labels=counts.labels, counted=counted, weights=weights, strengths=STRENGTHS, points=tuple(points))
