"""What must be said beside every amount: where the values come from, the coverage, what is left out."""

from core.impact.periods import Period
from core.log.document import ValueDocument

BASELINES = {
    "all_negative": "deciding against every one",
    "all_positive": "deciding for every one",
    "reference_median": "always predicting the reference's median",
}
"""What each named baseline does."""


def told(value: ValueDocument, period: Period, *, coverage: float) -> str:
    """Return source, currency and baseline of the values, the label coverage, and the units left out.

    Parameters
    ----------
    coverage : share of all rows of the period that the amount rests on
    """
    parts = [
        f"{value.source} values in {value.currency}, baseline {value.baseline} ({BASELINES[value.baseline]})",
        f"over the {100 * coverage:.1f} % of rows whose actual is known and settled",
    ]
    if period.provisional:
        parts.append(f"so far: {period.why_left_out}")
    elif period.n_left_out:
        parts.append(f"{period.n_left_out} of {period.n_units} units left out: {period.why_left_out}")
    return "; ".join(parts)
