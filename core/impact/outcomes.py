"""What each outcome of a binary decision is worth, and what it would be worth under a named baseline."""

import numpy as np
from numpy.typing import NDArray

from core.log.document import ValueDocument

Floats = NDArray[np.float64]

ALL_NEGATIVE, ALL_POSITIVE, REFERENCE_MEDIAN = "all_negative", "all_positive", "reference_median"


def outcome_values(value: ValueDocument) -> Floats:
    """Return the declared worth of decision × actual, ``(2, 2)``: ``[[tn, fn], [fp, tp]]``.

    In the currency for the kind ``confusion``; multipliers of the row's amount for ``per_amount``.

    >>> outcome_values(ValueDocument(kind="confusion", tp=120, fp=-40, fn=-150, tn=0, currency="USD",
    ...                              source="assumed")).tolist()
    [[0.0, -150.0], [-40.0, 120.0]]
    """
    return np.array([[value.tn, value.fn], [value.fp, value.tp]], np.float64)


def baseline_values(value: ValueDocument) -> Floats:
    """Return what the same rows would be worth had every decision been the baseline's, ``(2, 2)``.

    Both rows are alike: the decision that was made no longer counts, only what was actual.

    >>> baseline_values(ValueDocument(kind="confusion", tp=120, fp=-40, fn=-150, tn=0, currency="USD",
    ...                               source="assumed", baseline="all_negative")).tolist()
    [[0.0, -150.0], [0.0, -150.0]]
    """
    always = outcome_values(value)[1 if value.baseline == ALL_POSITIVE else 0]
    return np.stack([always, always])
