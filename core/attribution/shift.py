"""Did the inputs move, or did the relation of input and outcome change? Importance weighting of the reference.

A domain classifier tells rows of the window from rows of the reference by their inputs; its odds weigh the rows of
the reference so that their inputs look like the window's. The metric on the reference so weighted, R_w, is what the
model would show had only the inputs moved:

    covariate part = R_w - R_0,  concept part = R_1 - R_w,  together R_1 - R_0.

It can only work where the reference holds rows like those of the window: the effective sample size says whether.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attribution.attribution import Amount
from core.attribution.domain import DomainScores, auc_of_rows, domain_scores
from core.attribution.inputs import Inputs
from core.attribution.row_metrics import OF_ROWS, Outcomes, RowMetric, usable
from core.errors import NotEnoughDataError
from core.log.document import ValueDocument
from core.profile.binning import MULTICLASS

Floats = NDArray[np.float64]
Report = Callable[[float, str], None]

BOOTSTRAPS = 500
FEWEST_ROWS = 200
FEWEST_EFFECTIVE, LEAST_SHARE, CLIPPED_BELOW = 200.0, 0.10, 0.50
HALF = 0.5
LEAST_OVERLAP = 0.70
"""Share of the window that must have a counterpart in the reference: the mean of the density ratio."""

LOSSES_OF_CLASSES = ("log_loss", "brier_score")
MOST_MOVED = 8


class Verdict(StrEnum):
    """What is said of the change, in plain words."""

    INPUTS = "inputs moved"
    RELATION = "the relation changed"
    UNKNOWN = "cannot be told apart here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An input by how well it alone tells window from reference: the AUC of its best column, from 0.5 to 1."""

    feature: str
    auc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The covariate part and the concept part of the change of a metric.

    Attributes
    ----------
    verdict : Verdict
    why : str
        The rule that decided, in words.
    before, now, weighted : float
        R_0, R_1 and R_w of the sampled rows.
    change, covariate, concept : Amount or None
        With bootstrap intervals; covariate and concept are None where the weights cannot carry them.
    ess, ess_share : float
        Effective number of rows of the weighted reference before any cut, and its share of them in [0, 1].
    overlap : float
        About the share of the window that has a counterpart in the reference: the mean density ratio, at most 1.
    auc : float
        Of the domain classifier.
    clipped : float or None
        Where the largest weights were cut: the .99 quantile; None where they were not.
    moved : tuple of Moved, the one that tells most first
    n_reference, n_current : int
        Sampled rows that the metric is of.
    left_out : tuple of str
        Features that hold one value in the reference.
    """

    metric: str
    verdict: Verdict
    why: str
    before: float
    now: float
    weighted: float
    change: Amount
    covariate: Amount | None
    concept: Amount | None
    ess: float
    ess_share: float
    overlap: float
    auc: float
    classifier: str
    clipped: float | None
    moved: tuple[Moved, ...]
    n_reference: int
    n_current: int
    left_out: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the result as plain JSON."""
        return {**asdict(self), "verdict": self.verdict.value}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the result of a stored document."""
        amounts = {
            name: None if document[name] is None else Amount(**document[name])
            for name in ("change", "covariate", "concept")
        }
        moved = tuple(Moved(**one) for one in document["moved"])
        fixed = {"verdict": Verdict(document["verdict"]), "moved": moved, "left_out": tuple(document["left_out"])}
        return cls(**{**document, **amounts, **fixed})


def effective_sample_size(weights: ArrayLike) -> float:
    """Return (Σw)²/Σw²: how many rows of equal weight would say as much.

    References
    ----------
    Kish 1965.

    >>> effective_sample_size([1, 1, 1, 1]), effective_sample_size([1, 0, 0, 0])
    (4.0, 1.0)
    """
    w = np.asarray(weights, np.float64)
    return float(w.sum() ** 2 / (w * w).sum())


def importance_weights(odds: Floats) -> tuple[Floats, float | None]:
    """Return the weights, cut at their .99 quantile only where less than half of the rows would count; and the cut."""
    if effective_sample_size(odds) / len(odds) >= CLIPPED_BELOW:
        return odds, None
    cut = float(np.quantile(odds, 0.99))
    return np.minimum(odds, cut), cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Rows of one side: encoded inputs ``(n, p)`` and outcomes."""

    inputs: Floats
    outcomes: Outcomes


def find_cause(
    reference: Side,
    current: Side,
    *,
    inputs: Inputs,
    metric: str,
    task: str,
    value: ValueDocument | None = None,
    seed: int = 0,
    report: Report | None = None,
) -> Shift:
    """Return how much of a metric's change the inputs explain, and how much they do not.

    Only rows that hold all that the metric needs count, on both sides. Weights are the self-normalised odds of a
    domain classifier (logistic regression, or gradient boosting where that is better), cross-fitted in 5 folds.
    Intervals: 500 bootstraps of the rows of both sides with the weights held fixed; they do not hold the error of
    the weights themselves.

    Verdict: nothing is told apart where the effective sample size is below 200 or below .10 of the rows, or where the
    mean density ratio says that less than .70 of the window has a counterpart (an effective sample size alone does not
    see a window that lies wholly outside the reference: its weights are all alike). "The
    relation changed" needs the concept part's interval off 0 and at least half of the change in size; "inputs moved"
    the same of the covariate part.

    Parameters
    ----------
    seed : of the folds and the bootstrap

    Raises
    ------
    NotEnoughDataError
        When a side has fewer than 200 usable rows, or the metric is not one of rows or not defined in them.

    References
    ----------
    Shimodaira 2000; Sugiyama, Krauledat & Müller 2007; statistics.md §9.
    """
    why = not_of_rows(metric, task)
    if why:
        raise NotEnoughDataError(why)
    before, now = (_usable(side, metric, task, name) for side, name in ((reference, "reference"), (current, "window")))
    if report is not None:
        report(0.2, f"fitting the domain classifier on {len(before.inputs) + len(now.inputs):,} rows")
    scores = domain_scores(before.inputs, now.inputs, seed=seed, report=report)
    weights, cut = importance_weights(scores.odds())
    metrics = RowMetric(metric, before.outcomes, value=value), RowMetric(metric, now.outcomes, value=value)
    once = _three(metrics, weights, np.ones(len(before.inputs)), np.ones(len(now.inputs)))
    if not np.isfinite(once).all():
        raise NotEnoughDataError(f"{metric.replace('_', ' ')} is not defined in these rows")
    if report is not None:
        report(0.7, f"drawing {BOOTSTRAPS} bootstraps")
    again = _bootstrapped(metrics, weights, (len(before.inputs), len(now.inputs)), seed=seed)
    moved = _moved(before.inputs, now.inputs, inputs)
    return _judged(metric, once, again, scores, cut=cut, moved=moved, left_out=inputs.left_out)


def not_of_rows(metric: str, task: str) -> str:
    """Return why a metric cannot be worked out from weighted rows; empty when it can.

    >>> not_of_rows("ece", "binary")
    'ece is not worked out from weighted rows'
    """
    if task == MULTICLASS and metric in LOSSES_OF_CLASSES:
        return f"{metric.replace('_', ' ')} of several classes is not worked out from rows"
    return "" if metric in OF_ROWS else f"{metric.replace('_', ' ')} is not worked out from weighted rows"


def _usable(side: Side, metric: str, task: str, name: str) -> Side:
    kept = usable(side.outcomes, metric, task)
    if int(kept.sum()) < FEWEST_ROWS:
        raise NotEnoughDataError(
            f"the {name} has {int(kept.sum()):,} rows with all that {metric.replace('_', ' ')} needs; "
            f"at least {FEWEST_ROWS} are wanted to tell the inputs from the relation"
        )
    outcomes = side.outcomes
    return Side(
        inputs=side.inputs[kept],
        outcomes=Outcomes(score=outcomes.score[kept], decision=outcomes.decision[kept], actual=outcomes.actual[kept]),
    )


def _three(metrics: tuple[RowMetric, RowMetric], weights: Floats, before: Floats, now: Floats) -> Floats:
    """Return R_0, R_w and R_1 for how often each row counts, ``(3,)``."""
    reference, current = metrics
    return np.array([reference.of(before), reference.of(before * weights), current.of(now)])


def _bootstrapped(
    metrics: tuple[RowMetric, RowMetric], weights: Floats, sizes: tuple[int, int], *, seed: int
) -> Floats:
    """Return R_0, R_w and R_1 of every bootstrap, ``(BOOTSTRAPS, 3)``."""
    rng = np.random.default_rng(seed + 1)

    def drawn(n: int) -> Floats:
        return np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)

    return np.stack([_three(metrics, weights, drawn(sizes[0]), drawn(sizes[1])) for _ in range(BOOTSTRAPS)])


def _judged(
    metric: str,
    once: Floats,
    again: Floats,
    scores: DomainScores,
    *,
    cut: float | None,
    moved: tuple[Moved, ...],
    left_out: tuple[str, ...],
) -> Shift:
    # of the weights as they are: cut ones would hide that the window has little in common with the reference
    n_rows = len(scores.reference)
    ess = effective_sample_size(scores.odds())
    change, covariate, concept = (
        _amount(float(once[last] - once[first]), again[:, last] - again[:, first])
        for first, last in ((0, 2), (0, 1), (1, 2))
    )
    overlap = min(float(scores.density_ratio().mean()), 1.0)
    too_little = _little_in_common(ess, n_rows, overlap)
    verdict, why = (Verdict.UNKNOWN, too_little) if too_little else _verdict(change, covariate, concept)
    return Shift(
        metric=metric,
        verdict=verdict,
        why=why,
        before=float(once[0]),
        now=float(once[2]),
        weighted=float(once[1]),
        change=change,
        covariate=None if too_little else covariate,
        concept=None if too_little else concept,
        ess=ess,
        ess_share=ess / n_rows,
        overlap=overlap,
        auc=scores.auc,
        classifier=scores.classifier,
        clipped=cut,
        moved=moved,
        n_reference=n_rows,
        n_current=len(scores.current),
        left_out=left_out,
    )


def _little_in_common(ess: float, n_rows: int, overlap: float) -> str:
    """Return why the reference cannot be weighted to look like the window; empty when it can."""
    if ess < FEWEST_EFFECTIVE or ess / n_rows < LEAST_SHARE:
        return (
            f"the window has little in common with the reference: of its {n_rows:,} rows only as many as {ess:,.0f} "
            f"look like the window, fewer than {FEWEST_EFFECTIVE:.0f} or than {100 * LEAST_SHARE:.0f} %"
        )
    if overlap < LEAST_OVERLAP:
        return (
            "the window has little in common with the reference: only about "
            f"{100 * overlap:.0f} % of its rows have a counterpart there, less than {100 * LEAST_OVERLAP:.0f} %"
        )
    return ""


def _verdict(change: Amount, covariate: Amount, concept: Amount) -> tuple[Verdict, str]:
    """Return the verdict of parts that the weights carry."""
    if _carries(concept, change):
        return Verdict.RELATION, "the part that the inputs do not explain is off 0 and at least half of the change"
    if _carries(covariate, change):
        return Verdict.INPUTS, "the part that the inputs explain is off 0 and at least half of the change"
    if change.low <= 0 <= change.high:
        return Verdict.UNKNOWN, "the change itself is within what chance gives"
    return Verdict.UNKNOWN, "no part is both off 0 and at least half of the change"


def _carries(part: Amount, change: Amount) -> bool:
    return not part.low <= 0 <= part.high and abs(part.value) >= HALF * abs(change.value)


def _amount(value: float, drawn: Floats) -> Amount:
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Amount(value=value, low=float(low), high=float(high))


def _moved(reference: Floats, current: Floats, inputs: Inputs) -> tuple[Moved, ...]:
    """Return the inputs by how well each alone tells the window from the reference."""
    labels = np.r_[np.zeros(len(reference)), np.ones(len(current))]
    best: dict[str, float] = {}
    for place, owner in enumerate(inputs.owners):
        alone = auc_of_rows(np.r_[reference[:, place], current[:, place]], labels)
        best[owner] = max(best.get(owner, 0.5), alone, 1 - alone)
    ordered = sorted(best, key=lambda name: (-best[name], name))[:MOST_MOVED]
    return tuple(Moved(feature=name, auc=best[name]) for name in ordered)
