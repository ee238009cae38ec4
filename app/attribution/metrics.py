"""How the metrics of a change are called and written: those of performance, and what only a change has."""

from collections.abc import Mapping
from typing import Literal

from app import words
from app.performance.metrics import METRICS, MetricWords

OWN: Mapping[str, MetricWords] = {
    "error_rate": MetricWords(
        name="error rate",
        short="error rate",
        scale="percent",
        definition="Share of decisions that were wrong.",
        formula=r"\frac{FP + FN}{n}",
    ),
    "selection_rate": MetricWords(
        name="selection rate",
        short="selection rate",
        scale="percent",
        definition="Share of rows that were decided positive, with or without an actual.",
        formula=r"\frac{\text{decided positive}}{\text{decided}}",
    ),
    "value_per_row": MetricWords(
        name="value per row",
        short="value per row",
        scale="unit",
        definition="Mean worth of a decided row with an actual, by the model's declared value model.",
        formula=r"\frac{1}{n}\sum_j v_j\,n_j",
    ),
    "mse": MetricWords(
        name="mean squared error",
        short="MSE",
        scale="unit",
        definition="Mean of the squared error, in the squared unit of the actual.",
        formula=r"\frac1n \sum_i (\hat y_i - y_i)^2",
    ),
    "ece": MetricWords(
        name="calibration error",
        short="ECE",
        scale="number",
        definition="Mean distance of what the score says from what happens.",
        formula=r"\sum_g w_g\,|\bar p_g - \bar y_g|",
    ),
    "ks": MetricWords(
        name="KS of the score",
        short="KS",
        scale="number",
        definition="Largest distance between the score distributions of positives and of negatives.",
        formula=r"\max_s |F_1(s) - F_0(s)|",
    ),
}

LESS_IS_BETTER = frozenset({"error_rate", "mse", "ece"})
"""Beside those of `core.performance.of_task.LESS_IS_BETTER`."""

NEITHER = frozenset({"selection_rate", "bias"})
"""Metrics of which neither direction is worse in itself."""

Scale = Literal["percent", "number", "unit"]


def spoken(metric: str) -> MetricWords:
    """Return a metric's words."""
    return OWN.get(metric) or METRICS[metric]


def size(metric: str, change: float) -> str:
    """Return the size of a change without its sign: percents in points.

    >>> size("roc_auc", -0.0412), size("accuracy", 0.031), size("mae", -12.345)
    ('0.041', '3.1 pp', '12.3')
    """
    scale: Scale = spoken(metric).scale
    if scale == "percent":
        return f"{100 * abs(change):.1f} pp"
    return f"{abs(change):.3f}" if scale == "number" else words.significant(abs(change))


def signed(metric: str, change: float | None) -> str:
    """Return a change with its sign.

    >>> signed("roc_auc", -0.0412), signed("roc_auc", 0.0001), signed("roc_auc", None)
    ('−0.041', '0.000', '–')
    """
    if change is None:
        return words.NONE
    shown = spoken(metric).change(change)
    return shown if any(digit in "123456789" for digit in shown) else shown.lstrip("+−")


def between(metric: str, low: float | None, high: float | None) -> str:
    """Return the 95 % interval of a change.

    >>> between("accuracy", -0.04, -0.02)
    '−4.0 to −2.0 pp'
    """
    if low is None or high is None:
        return words.NONE
    first, last = signed(metric, low), signed(metric, high)
    return f"{first.removesuffix(' pp')} to {last}"


def is_share(metric: str) -> bool:
    """Return whether a metric is shown as percent."""
    return spoken(metric).scale == "percent"
