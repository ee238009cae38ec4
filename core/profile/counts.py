"""What binary performance is computed from: counts and exact sums, never rows."""

from dataclasses import dataclass

from core.profile.bins import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceCounts:
    """Score × actual and decision × actual of a window; leading axes (days, segments) are allowed and shared.

    In a weighted model every array holds sums of weights instead of counts of rows, and
    `n_eff_share` turns a sum of weights into an effective number of rows.

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
