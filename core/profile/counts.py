"""What performance is computed from: counts and exact sums, never rows."""

from dataclasses import dataclass

from core.profile.bins import Floats, Ints

N_TOTALS = 6
TOTAL_ROWS, TOTAL_LABELLED, TOTAL_DECIDED, TOTAL_COMPLETE, TOTAL_ERRORS, TOTAL_ERROR_KNOWN = range(N_TOTALS)
"""Places in the block ``totals``: rows; rows with a known actual; with a decision (a predicted class, a
prediction); without a missing declared feature; requests in error; rows whose error field is known."""

RESIDUAL_SUMS = (
    "e",
    "abs_e",
    "e2",
    "e4",
    "d",
    "d2",
    "d3",
    "d4",
    "e2d",
    "e2d2",
    "ape",
    "ape2",
    "over",
    "over2",
    "under",
    "under2",
    "baseline_over",
    "baseline_over2",
    "baseline_under",
    "baseline_under2",
    "over_baseline_over",
    "over_baseline_under",
    "under_baseline_over",
    "under_baseline_under",
)
"""What is summed over a regression's labelled rows with a prediction, in order of the last axis.

``e`` = prediction - actual, ``d`` = actual - centre, ``ape`` = |e| / |actual| over actuals that are not 0,
``over`` = max(e, 0), ``under`` = max(-e, 0), ``baseline_over`` and ``baseline_under`` the same with the
centre as the prediction; a number is a power, and the last four are products (for the variance of a
difference to the baseline)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceCounts:
    """Score × actual and decision × actual of a window; leading axes (days, segments) are allowed and shared.

    In a weighted model every array holds sums of weights instead of counts of rows, and
    `n_eff_share` turns a sum of weights into an effective number of rows.

    Of a multiclass model these are the counts of the top-label score: "actual" 1 says that the predicted
    class was right, and "decision" is 1 wherever a class was predicted.

    Attributes
    ----------
    edges : (B - 1,) float64, strictly increasing
        Right-closed score bins: bin ``b`` is ``(edges[b-1], edges[b]]``, first and last are open.
    score_counts : (..., 3, B) int64, or float64 when weighted
        Axis -2 is the actual: 0, 1, not known yet.
    score_sums, score_squares : (..., 2, B) float64 or None
        Sums of the score and of its square by actual (0, 1); None where only counts are kept (segments).
    confusion : (..., 3, 3) int64, or float64 when weighted
        Decision (0, 1, none) × actual (0, 1, not known yet).
    losses : (..., 2, 4) float64
        By actual: Σ(s-y)², Σ(s-y)⁴, Σ log loss, Σ log loss². Zero for a ranking score.
    n_eff_share : (...) float64
        Σw / Σw² over the rows with an actual; 1 for an unweighted model. A total of weights times
        this is Kish's effective number of rows (Σw)² / Σw².
    """

    edges: Floats
    score_counts: Ints | Floats
    score_sums: Floats | None
    score_squares: Floats | None
    confusion: Ints | Floats
    losses: Floats
    n_eff_share: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountCounts:
    """Money by decision × actual of a binary model with an amount; leading axes are allowed and shared.

    Attributes
    ----------
    amount_counts : (..., 3, 3) int64
        Rows with a finite amount: decision (0, 1, none) × actual (0, 1, not known yet).
    amounts : (..., 3, 3, 2) float64
        Σ amount and Σ amount² of those rows.
    """

    amount_counts: Ints
    amounts: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MulticlassCounts:
    """What multiclass performance is computed from; leading axes (days) are allowed and shared.

    Attributes
    ----------
    classes : tuple of str, length K
        In order of declaration.
    edges : (B - 1,) float64
        Right-closed bins of the top-label score (the largest over the classes).
    class_edges : (Bk - 1,) float64
        Right-closed bins of the score of a class, one grid for all.
    confusion : (..., K + 1, K + 1) int64
        Predicted class (last: none) × actual class (last: not known yet). Predicted is the logged decision,
        else the class with the largest score (the first of equals).
    score_counts : (..., 3, B) int64
        Top-label score by outcome: the predicted class was wrong, right, not known yet.
    score_sums, score_squares : (..., 2, B) float64
        Σ and Σ² of the top-label score: wrong, right.
    class_score_counts : (..., K, 3, Bk) int64
        Score of class k by actual: another class, class k, not known yet. Rows with all class scores.
    class_score_sums : (..., K, 2, Bk) float64
        Σ score of class k: another class, class k.
    class_losses : (..., 4) float64
        Over the labelled rows with all class scores (``score_counts[..., :2, :].sum()`` of them):
        Σ Brier, Σ Brier², Σ log loss, Σ log loss². Brier of a row is Σ over the classes of (p - y)², 0 to 2.
    """

    classes: tuple[str, ...]
    edges: Floats
    class_edges: Floats
    confusion: Ints
    score_counts: Ints
    score_sums: Floats
    score_squares: Floats
    class_score_counts: Ints
    class_score_sums: Floats
    class_losses: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMulticlassCounts:
    """The same per segment, on the coarse grid; leading axes (days) are allowed and shared.

    Attributes
    ----------
    classes : tuple of str, length K
    edges : (Bc - 1,) float64
        Right-closed bins of the top-label score.
    segment_classes : (..., S, K, 4) int64
        Of the labelled rows with a predicted class: true positives of class k, predicted k, actually k; and
        fourth: predicted k, over all rows.
    segment_score_counts : (..., S, 3, Bc) int64
        Top-label score by outcome: wrong, right, not known yet.
    segment_class_losses : (..., S, 4) float64
        As `MulticlassCounts.class_losses`, over ``segment_score_counts[..., :2, :].sum()`` rows.
    """

    classes: tuple[str, ...]
    edges: Floats
    segment_classes: Ints
    segment_score_counts: Ints
    segment_class_losses: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionCounts:
    """What regression performance is computed from; leading axes (days, segments) are allowed and shared.

    Attributes
    ----------
    edges : (Be - 1,) float64
        Right-closed bins of the absolute error, in the unit of the actual.
    centre : float
        Median of the reference's actuals (else of its predictions): the baseline's prediction.
    residual_sums : (..., len(RESIDUAL_SUMS)) float64
        Over the labelled rows with a finite prediction; see `RESIDUAL_SUMS`.
    error_counts : (..., Be) int64
        Those rows by absolute error.
    residual_n : (..., 2) int64
        Those rows; those of them whose actual is not 0.
    """

    edges: Floats
    centre: float
    residual_sums: Floats
    error_counts: Ints
    residual_n: Ints

    def total(self, name: str) -> Floats:
        """Return one of the sums, ``(...)``.

        >>> import numpy as np
        >>> one = RegressionCounts(
        ...     edges=np.empty(0), centre=0.0, residual_sums=np.arange(24.0), error_counts=np.zeros(1, int),
        ...     residual_n=np.zeros(2, int))
        >>> float(one.total("e2"))
        2.0
        """
        found: Floats = self.residual_sums[..., RESIDUAL_SUMS.index(name)]
        return found
