"""Every drift metric of one feature, told in words."""

import math

from app import words
from app.drift.views import MetricLine
from core.drift.feature import FeatureDrift, OrderedDrift
from core.drift.figures import number
from core.windows import Grain, variation_words

NO_ORDER = "not applicable: categories have no order"


def metric_lines(drift: FeatureDrift, *, p_value: float, unit: str, grain: Grain) -> tuple[MetricLine, ...]:
    """Return the metrics of one window as a table tells them, the judged one first.

    Parameters
    ----------
    drift : without leading axes
    p_value : of the chi-square with rare cells pooled and both corrections for what units differ by; NaN if unknown
    unit : of the feature, or empty
    """
    told = words.p_value(p_value if math.isfinite(p_value) else None)
    excess, whole = drift.psi_excess_ci, drift.psi_ci
    return (
        MetricLine(
            name="PSI above chance",
            value="nothing" if drift.psi_excess < 0 else words.two(float(drift.psi_excess)),
            interval=words.within(float(excess.low), float(excess.high)) if excess.high > 0 else "",
            note="what limits are compared with",
        ),
        MetricLine(
            name="PSI",
            value=words.two(float(drift.psi)),
            interval=words.within(float(whole.low), float(whole.high)),
            note=f"without drift 99 of 100 windows of this size stay below {words.two(float(drift.psi_null))}",
        ),
        MetricLine(name="Kullback–Leibler divergence", value=words.three(float(drift.kl_divergence)), note="in nats"),
        MetricLine(
            name="Jensen–Shannon distance",
            value=words.three(float(drift.js_distance)),
            note=f"0 to 1; without drift 99 of 100 windows stay below {words.three(float(drift.js_null))}",
        ),
        *_ordered(drift.ordered, unit),
        MetricLine(
            name="chi-square",
            value=number(float(drift.chi2_statistic)),
            note=f"{int(drift.chi2_df)} degrees of freedom; p {told} "
            f"with rare cells pooled and corrected for {variation_words(grain)}",
        ),
        MetricLine(
            name="Cramér's V",
            value=words.three(float(drift.cramers_v)),
            note=f"falls when the window is small; balanced {words.three(float(drift.cramers_v_balanced))}",
        ),
    )


def _ordered(ordered: OrderedDrift | None, unit: str) -> tuple[MetricLine, ...]:
    """Return the metrics that need an order."""
    if ordered is None:
        names = ("Kolmogorov–Smirnov distance", "Wasserstein distance")
        return tuple(MetricLine(name=name, value=words.NONE, note=NO_ORDER) for name in names)
    distance, scaled = float(ordered.wasserstein), float(ordered.wasserstein_scaled)
    moved = f"{number(distance)} {unit}".strip() if math.isfinite(distance) else words.NONE
    size = f"{number(scaled)} standard deviations of the reference" if math.isfinite(scaled) else "no finite value"
    return (
        MetricLine(
            name="Kolmogorov–Smirnov distance",
            value=words.three(float(ordered.ks_statistic)),
            note=f"binning error at most {words.three(float(ordered.ks_bound))}",
        ),
        MetricLine(
            name="Wasserstein distance",
            value=moved,
            note="the reference is constant: its scale has no meaning" if ordered.constant else size,
        ),
    )
