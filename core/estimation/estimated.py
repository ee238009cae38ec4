"""Estimated performance of consecutive windows, whatever the task, and how the estimates came true."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.estimation.binary import band, binary_estimates
from core.estimation.multiclass import multiclass_estimated, top_label_accuracy, whole_only
from core.estimation.regression import regression_estimated
from core.estimation.relation import Relation, relation
from core.estimation.validity import CHANGED
from core.performance.estimates import Estimate, first_reason
from core.performance.of_task import METRICS_OF
from core.performance.performance import Performance
from core.profile.binning import BINARY, MULTICLASS
from core.profile.bins import Ints
from core.profile.counts import PerformanceCounts
from core.profile.layout import Layout
from core.profile.profile import multiclass_counts, performance_counts, segment_performance_counts
from core.stats.intervals import Z95, Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BY_SEGMENT_LOSS = "not applicable: by segment scores are known to hundredths, too coarsely for a log loss"
SEGMENT_REGRESSION = "not applicable: the row model's sums are kept for all rows together"
BY_LOG = ("rmse",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """Counts as the profile holds them: ``(..., n_ints)`` and ``(..., n_floats)``."""

    ints: Ints
    floats: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSums:
    """What the row model of a regression left.

    Attributes
    ----------
    current : (W, len(SUMS)) of each window; zeros where a unit of it was not told yet
    reference : (len(SUMS),) or None without a row model
    """

    current: Floats
    reference: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """Estimates of consecutive windows, oldest first.

    Attributes
    ----------
    estimates : mapping of metric to Estimate ``(W,)``
        With the band as wide as mature windows showed that it must be; kept also where `suspended`.
    relations : mapping of metric to Relation ``(W,)``
    """

    estimates: Mapping[str, Estimate]
    relations: Mapping[str, Relation]

    def told(self) -> dict[str, Estimate]:
        """Return the estimates that may be told: those of suspended windows are withheld with the reason."""
        return {name: _withheld(one, self.relations[name].suspended) for name, one in self.estimates.items()}


def estimated(
    layout: Layout,
    reference: Vectors,
    current: Vectors,
    *,
    realised: Performance,
    mature: Bools,
    place: int | None = None,
    losses: LossSums | None = None,
    remembered: int | None = None,
) -> Estimated:
    """Return the estimates of consecutive windows of the whole population or of one segment.

    Parameters
    ----------
    reference : Vectors without leading axes
        The training reference of the version.
    current : Vectors with leading axes (W,)
    realised : Performance with leading axes (W,)
        Of the same population; the estimates do not use it, only `Relation` does.
    mature : (W,) bool
    place : int or None
        Of the segment.
    losses : LossSums or None
        Of a regression.
    remembered : int or None
        Windows that say how estimates come true; None: all.
    """
    plain = _plain(layout, reference, current, place=place, losses=losses, known_only=False)
    of_known = plain
    if losses is None:
        of_known = _plain(layout, reference, current, place=place, losses=None, known_only=True)
    relations = {
        name: relation(of_known[name].value, realised.estimates[name].value, one.error, mature, at_most=remembered)
        for name, one in plain.items()
    }
    return Estimated(
        estimates={name: _widened(one, relations[name]) for name, one in plain.items()}, relations=relations
    )


def _plain(
    layout: Layout,
    reference: Vectors,
    current: Vectors,
    *,
    place: int | None,
    losses: LossSums | None,
    known_only: bool,
) -> dict[str, Estimate]:
    task, probability = layout.binning.task, layout.binning.score_kind == "probability"
    if task == BINARY:
        before, now = (_scored(layout, side, place) for side in (reference, current))
        found = binary_estimates(
            before, now, threshold=layout.binning.threshold, probability=probability, known_only=known_only
        )
        return found if place is None else found | {"log_loss": _because(found["log_loss"], BY_SEGMENT_LOSS)}
    if task == MULTICLASS:
        return _multiclass(layout, reference, current, place=place, probability=probability, known_only=known_only)
    sums = LossSums(current=np.zeros((len(current.ints), 9)), reference=None) if losses is None else losses
    told = regression_estimated(sums.current, sums.reference)
    return told if place is None else {name: _because(one, SEGMENT_REGRESSION) for name, one in told.items()}


def _multiclass(
    layout: Layout, reference: Vectors, current: Vectors, *, place: int | None, probability: bool, known_only: bool
) -> dict[str, Estimate]:
    top = (_scored(layout, reference, place), _scored(layout, current, place))
    if place is not None:
        accuracy = top_label_accuracy(*top, probability=probability, known_only=known_only)
        rest = (name for name in METRICS_OF[MULTICLASS] if name != "accuracy")
        return {"accuracy": accuracy} | {name: whole_only(name, accuracy.n) for name in rest}
    sides = [multiclass_counts(layout, side.ints, side.floats) for side in (reference, current)]
    return multiclass_estimated(sides[0], sides[1], top, probability=probability, known_only=known_only)


def _scored(layout: Layout, side: Vectors, place: int | None) -> PerformanceCounts:
    if place is None:
        return performance_counts(layout, side.ints, side.floats)
    found = segment_performance_counts(layout, side.ints, side.floats)
    return replace(
        found,
        score_counts=found.score_counts[..., place, :, :],
        confusion=found.confusion[..., place, :, :],
        losses=found.losses[..., place, :, :],
        n_eff_share=found.n_eff_share[..., place],
    )


def _widened(one: Estimate, found: Relation) -> Estimate:
    """Return the estimate with the band that mature windows showed to be needed."""
    error = one.error * np.sqrt(found.phi)
    if one.metric in BY_LOG:
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = Z95 * error / one.value
        limits = Interval(low=one.value * np.exp(-relative), high=one.value * np.exp(relative))
    elif one.metric in ("mae", "brier_score"):
        limits = Interval(low=np.maximum(one.value - Z95 * error, 0.0), high=one.value + Z95 * error)
    else:
        limits = band(one.metric, one.value, error)
    wider = np.char.add(
        np.char.add("; band widened ×", np.char.mod("%.1f", np.sqrt(found.phi))),
        np.char.add(np.char.add(" by what ", np.char.mod("%d", found.n_known)), " mature windows showed"),
    )
    remark = np.char.add(one.remark.astype(np.str_), np.where(found.phi > 1, wider, ""))
    return replace(one, low=limits.low, high=limits.high, error=error, remark=remark)


def _withheld(one: Estimate, suspended: Bools) -> Estimate:
    value, low, high, error = (np.where(suspended, np.nan, part) for part in (one.value, one.low, one.high, one.error))
    reason = first_reason(one.reason, np.where(suspended, CHANGED, ""))
    return replace(one, value=value, low=low, high=high, error=error, reason=reason)


def _because(one: Estimate, why: str) -> Estimate:
    """Return the estimate withheld everywhere, for its own reason first."""
    everywhere = np.ones(one.value.shape, np.bool_)
    withheld = _withheld(one, everywhere)
    return replace(withheld, reason=first_reason(one.reason, np.full(one.value.shape, why)))
