"""Rows of a window as a whole: how many, how complete, how late, how long they took, how exact their numbers are.

As in `core.profile.profile`, vectors may have any leading axes, and every answer is a view with the same ones.
"""

from core.errors import BadInputError, NotEnoughDataError
from core.profile.bins import Ints
from core.profile.counts import TOTAL_ROWS
from core.profile.layout import Layout


def totals(layout: Layout, ints: Ints) -> Ints:
    """Return rows, labelled, decided, complete, errors, rows with a known error field, ``(..., 6)``.

    Labelled: the actual is known. Decided: a decision (binary), a predicted class (multiclass) or a finite
    prediction (regression) is there. Complete: no declared feature is missing (null or NaN). The places are
    named ``TOTAL_ROWS`` and so on in `core.profile.counts`; the last two are 0 where no error column is declared.
    """
    return layout.ints["totals"].of(ints)


def segment_totals(layout: Layout, ints: Ints) -> Ints:
    """Return `totals` of each segment, ``(..., S, 6)``."""
    return layout.ints["segment_totals"].of(ints)


def rows(layout: Layout, ints: Ints) -> Ints:
    """Return the number of rows, ``(...)``."""
    found: Ints = totals(layout, ints)[..., TOTAL_ROWS]
    return found


def latency_counts(layout: Layout, ints: Ints) -> Ints:
    """Return rows by latency on the grid ``LATENCY_EDGES_MS``, null and NaN last, ``(..., 353)``.

    Negative latencies stand in the first bin.

    Raises
    ------
    NotEnoughDataError
        When the schema declares no latency column.
    """
    block = layout.ints.get("latency")
    if block is None:
        raise NotEnoughDataError("latency is not logged: model.yaml names no latency_ms column")
    return block.of(ints)


def arrival_counts(layout: Layout, ints: Ints) -> Ints:
    """Return rows by hours from the end of their unit to their intake on the grid ``ARRIVAL_HOURS``, ``(..., 13)``.

    Rows that came before their unit ended stand in the first bin. Rows without a clock (numbered batches,
    references) are not counted.
    """
    return layout.ints["arrival"].of(ints)


def decimal_counts(layout: Layout, ints: Ints, name: str) -> Ints:
    """Return the finite values of a numeric feature with 0, 1, 2 and more decimals, ``(..., 4)``.

    A value has at most ``k`` decimals when ``value * 10**k`` is a whole number up to 1e-9 of itself.

    Raises
    ------
    BadInputError
        When the model declares no such numeric feature.
    """
    block = layout.ints.get(f"decimals:{name}")
    if block is None:
        raise BadInputError(f"The decimals of '{name}' are not counted: it is not a numeric feature of this version.")
    return block.of(ints)
