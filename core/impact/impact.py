"""What a model was worth and what it decided, for many windows or segments at once, whatever the value model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.errors import NotEnoughDataError
from core.impact.decisions import DECISION_RATE, DECISIONS, decisions_of
from core.impact.outcomes import baseline_values, outcome_values
from core.impact.worth import (
    NET_VALUE,
    VERSUS_BASELINE,
    Worth,
    amount_worth,
    confusion_worth,
    error_worth,
)
from core.log.document import ValueDocument
from core.log.schema import ModelSchema
from core.performance.confusion import share
from core.performance.estimates import Estimate, estimate, first_reason, said
from core.profile.binning import MULTICLASS
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.layout import Layout
from core.profile.profile import (
    amount_counts,
    confusion,
    regression_counts,
    segment_confusion,
    segment_regression_counts,
    segment_totals,
    totals,
)
from core.stats.intervals import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRICS = (NET_VALUE, VERSUS_BASELINE, DECISIONS, DECISION_RATE)
"""Names of impact metrics, in the order in which they are shown."""

NO_ROWS = "no predictions in this window"
WHOLE_ONLY = "amounts are summed for the whole population only"


def no_value(owner: str) -> str:
    """Return why a model without a value model has no net value, and who can change that.

    >>> no_value("ops-ml")
    "no value model is declared: the model's owner, ops-ml, can add one under value: in model.yaml"
    """
    return f"no value model is declared: the model's owner, {owner}, can add one under value: in model.yaml"


def no_value_of_classes(owner: str) -> str:
    """Return why a multiclass model has no net value, and whom to ask."""
    return f"no value model fits several classes yet: ask the model's owner, {owner}, what right and wrong are worth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Every impact metric, in the order of `METRICS`; arrays share the leading axes ``(...)`` of the counts.

    Attributes
    ----------
    estimates : mapping of metric name to Estimate
        Values in the currency of the value model, ``decisions`` a count, ``decision_rate`` in [0, 1].
    n_rows, n_labelled : (...) float64
        All rows, and those whose actual is known: the values are of these alone.
    coverage : (...) float64
        n_labelled / n_rows in [0, 1]; NaN without rows.
    """

    estimates: Mapping[str, Estimate]
    n_rows: Floats
    n_labelled: Floats
    coverage: Floats


def impact_of(layout: Layout, schema: ModelSchema, ints: Ints, floats: Floats, *, by_segment: bool = False) -> Impact:
    """Return net value, its difference to the baseline, decisions and their rate.

    The values are of rows whose actual is known and that were decided, never scaled up to the others: `coverage`
    stands beside. Not applicable, with the reason: the values without a value model, of a multiclass model, before
    any actual, and by segment where they are per amount; all without a row.

    Parameters
    ----------
    ints, floats : (..., n_ints) int64 and (..., n_floats) float64
    by_segment : bool
        One more trailing axis, the segments of the binning.
    """
    counted = segment_totals(layout, ints) if by_segment else totals(layout, ints)
    n_rows, n_labelled = (np.asarray(counted[..., place], np.float64) for place in (TOTAL_ROWS, TOTAL_LABELLED))
    empty = said(n_rows <= 0, NO_ROWS)
    worth = _worth(layout, schema, ints, floats, by_segment=by_segment)
    values = [replace(one, reason=first_reason(empty, one.reason)) for one in (worth.net, worth.versus)]
    found = (*values, *decisions_of(layout, ints, by_segment=by_segment))
    return Impact(
        estimates=MappingProxyType({one.metric: one for one in found}),
        n_rows=n_rows,
        n_labelled=n_labelled,
        coverage=share(n_labelled, n_rows),
    )


def _worth(layout: Layout, schema: ModelSchema, ints: Ints, floats: Floats, *, by_segment: bool) -> Worth:
    shape = ints.shape[:-1] + ((len(layout.binning.segments),) if by_segment else ())
    value = schema.value
    if layout.binning.task == MULTICLASS:
        return _withheld(shape, no_value_of_classes(schema.owner))
    if value is None:
        return _withheld(shape, no_value(schema.owner))
    match value.kind:
        case "error":
            counted = segment_regression_counts if by_segment else regression_counts
            residuals = counted(layout, ints, floats)
            return error_worth(residuals, cost_over=float(value.cost_over), cost_under=float(value.cost_under))
        case "per_amount":
            return _withheld(shape, WHOLE_ONLY) if by_segment else _amounts(layout, value, ints, floats)
        case _:
            cells = (segment_confusion if by_segment else confusion)(layout, ints)
            return confusion_worth(cells[..., :2, :2], outcome_values(value), baseline_values(value))


def _amounts(layout: Layout, value: ValueDocument, ints: Ints, floats: Floats) -> Worth:
    try:
        counts = amount_counts(layout, ints, floats)
    except NotEnoughDataError as why:
        return _withheld(ints.shape[:-1], str(why))
    found = amount_worth(counts, outcome_values(value), baseline_values(value))
    known = np.asarray(confusion(layout, ints)[..., :2, :2].sum((-2, -1)), np.float64)
    left = np.char.mod("%d", (known - found.net.n).astype(np.int64))
    told = np.where(known > found.net.n, np.char.add(left, " rows without an amount are left out"), "")
    return Worth(net=replace(found.net, remark=told), versus=replace(found.versus, remark=told))


def _withheld(shape: tuple[int, ...], why: str) -> Worth:
    none, reason = np.full(shape, np.nan), np.full(shape, f"not applicable: {why}")
    interval, n = Interval(low=none, high=none), np.zeros(shape)
    return Worth(
        net=estimate(NET_VALUE, none, interval, n=n, reason=reason),
        versus=estimate(VERSUS_BASELINE, none, interval, n=n, reason=reason),
    )
