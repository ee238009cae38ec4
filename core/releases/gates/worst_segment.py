"""The gate "worst segment": no segment loses by the change what the whole gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special

from core.releases.gates.changes import class_log_losses, log_losses
from core.releases.gates.gate import GateOutcome, GateResult
from core.releases.gates.limits import GateLimits
from core.releases.gates.outcome import unanswered
from core.releases.gates.pairs import Pairs, too_few
from core.releases.gates.segment_tests import judge_segments
from core.releases.gates.units import unit_errors
from core.segments.filters import words
from core.segments.search_candidates import Candidates, candidates
from core.segments.search_levels import levels_of

Floats = NDArray[np.float64]

GATE = "worst_segment"
MOST_SHOWN, MOST_PAIRED = 10, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChange:
    """A segment in which the challenger's mean loss is larger.

    Attributes
    ----------
    harm : float
        Mean loss of the challenger less that of the champion in it; `low`, `high` its 95 % interval, as if it alone
        had been looked at.
    least : float
        Lower end that holds over everything searched: above the limit just where `beyond` is significant.
    shown : float
        The same with the curse of the winner taken out; `harm` itself where nothing is significant.
    worse, beyond : float
        Adjusted p of "not worse", and of "not worse by more than the limit", over everything searched.
    """

    where: str
    n: int
    champion: float
    harm: float
    low: float
    high: float
    least: float
    shown: float
    worse: float
    beyond: float

    def as_json(self) -> dict[str, Any]:
        """Return the segment as the evidence holds it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSearch:
    """Everything searched: the ten segments that lose most surely first, and how fine the search was.

    Attributes
    ----------
    loss : which loss
    overall : the champion's mean loss over all pairs
    limit : float, in the unit of the loss
    n_searched : int
    n_beyond, n_open : int
        Segments that lose by more than the limit; those that lose, and their interval holds the limit.
    detectable : float
        The growth that would be found in four of five segments of the middle size, though it were the only one.
    tested : tuple of (rows, degrees of freedom, growth, standard error)
        Of every segment searched: all that the corrections are made of.
    """

    loss: str
    overall: float
    limit: float
    n_searched: int
    n_beyond: int
    n_open: int
    detectable: float
    tested: tuple[tuple[int, int, float, float], ...]
    segments: tuple[SegmentChange, ...]


def search_segments(pairs: Pairs, columns: Sequence[str], *, probability: bool, share: float) -> SegmentSearch | None:
    """Return the segments of one or two columns where the challenger loses most, tested over everything searched.

    The segments are those of the search for worst segments (`core.segments`): tenths or values of one column, thirds
    by thirds of two of the first eight, at least 50 rows and one in 200. The loss of a row is the log loss where
    scores are probabilities, the error of the decision otherwise, the absolute error in a regression. The test is the
    paired one-sided t of the rows' differences, corrected by Benjamini–Hochberg at q = .02, once against 0 and once
    against the limit (`core.releases.gates.segment_tests`). The error of a segment is that of independent rows or of
    independent units, the larger (`core.releases.gates.units`).

    Parameters
    ----------
    columns : columns of `pairs.rows` that segments are made of, most important first
    share : the limit as a share of the champion's mean loss over all pairs

    Returns
    -------
    SegmentSearch or None
        None when the pairs have no loss, or no column parts them.

    References
    ----------
    Benjamini & Hochberg 1995; Zhong & Prentice 2008.
    """
    loss, losses = _losses(pairs, probability=probability)
    kept = np.isfinite(losses[0]) & np.isfinite(losses[1])
    if not kept.any():
        return None
    rows = pairs.rows.filter(pa.array(kept))
    ours, apart = losses[0][kept], (losses[1] - losses[0])[kept]
    found = candidates(rows, [levels_of(rows, rows, name) for name in columns], n_paired=MOST_PAIRED)
    if not len(found.n):
        return None
    return _tested(found, ours, apart, pairs.unit[kept], loss=loss, limit=share * float(ours.mean()))


def _losses(pairs: Pairs, *, probability: bool) -> tuple[str, tuple[Floats, Floats]]:
    sides = (pairs.champion, pairs.challenger)
    if pairs.task == "regression":
        first, second = (np.abs(side.score - pairs.actual) for side in sides)
        return "absolute error", (first, second)
    if pairs.task == "multiclass" and probability and all(side.classes.shape[1] for side in sides):
        first, second = (class_log_losses(side.classes, pairs.actual) for side in sides)
        return "log loss", (first, second)
    if pairs.task == "binary" and probability:
        first, second = (log_losses(side.score, pairs.actual) for side in sides)
        return "log loss", (first, second)
    first, second = (
        np.where(np.isnan(side.decision), np.nan, side.decision != pairs.actual).astype(np.float64) for side in sides
    )
    return "share of wrong decisions", (first, second)


def _tested(
    found: Candidates, ours: Floats, apart: Floats, unit: NDArray[np.int64], *, loss: str, limit: float
) -> SegmentSearch:
    n = found.n.astype(np.float64)
    total, squares = found.sums(apart)
    before, _ = found.sums(ours)
    mean = total / n
    error = np.sqrt(np.maximum(squares / n - mean**2, 0.0) / (n - 1))
    by_unit, n_units = _by_unit(found, apart, unit)
    degrees = np.where(by_unit > error, n_units, n) - 1
    error = np.maximum(np.maximum(error, by_unit), np.finfo(np.float64).tiny)
    judged = judge_segments(degrees, mean, error, limit)
    half = special.stdtrit(degrees, 0.975) * error
    return SegmentSearch(
        loss=loss,
        overall=float(ours.mean()),
        limit=limit,
        n_searched=len(n),
        n_beyond=judged.n_beyond,
        n_open=judged.n_open,
        detectable=judged.detectable,
        tested=tuple(zip(found.n.tolist(), degrees.astype(int).tolist(), mean.tolist(), error.tolist(), strict=True)),
        segments=tuple(
            SegmentChange(
                where=words(found.filter_at(int(place))),
                n=int(n[place]),
                champion=float(before[place] / n[place]),
                harm=float(mean[place]),
                low=float(mean[place] - half[place]),
                high=float(mean[place] + half[place]),
                least=float(judged.least[place]),
                shown=float(judged.shown[place]),
                worse=float(judged.worse[place]),
                beyond=float(judged.beyond[place]),
            )
            for place in judged.order[:MOST_SHOWN]
        ),
    )


def _by_unit(found: Candidates, apart: Floats, unit: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the standard error of each segment's mean where only units are independent, and in how many it lies."""
    errors, held, n_units = np.zeros(len(found.n)), np.zeros(len(found.n)), int(unit.max()) + 1
    for place, cut in enumerate(found.cuts):
        mine = slice(*np.searchsorted(found.cut, (place, place + 1)))
        keys, parts = cut.codes.astype(np.int64) * n_units + unit, found.part[mine]
        shape, size = (cut.n_parts, n_units), cut.n_parts * n_units
        total = np.bincount(keys, apart, size).astype(np.float64).reshape(shape)[parts]
        rows = np.bincount(keys, minlength=size).reshape(shape)[parts]
        errors[mine], held[mine] = unit_errors(total, rows), (rows > 0).sum(axis=1)
    return errors, held


def worst_segment_gate(pairs: Pairs | None, found: SegmentSearch | None, limits: GateLimits) -> GateResult:
    """Return whether a segment is shown to lose by more than the limit.

    Fails when a segment is worse by more than the limit (adjusted p ≤ .02, which is: its lower end over everything
    searched lies above it). Passes when no segment is worse at all (adjusted p against 0 over .02), or what is worse
    is worse by less than the limit (its interval lies below it); but only where the growth that would have been
    found, `detectable`, is no larger than the limit: silence of a search that sees nothing is no pass. Else there is
    no answer. A pass is no proof that every small segment is as before.
    """
    measure = "mean loss of a segment grows by"
    if pairs is None:
        return unanswered(GATE, measure, "there is no champion to compare with")
    why = too_few(pairs, limits.pairs)
    if why or found is None:
        return unanswered(GATE, measure, why or "no column parts the pairs", n=pairs.n)
    seen = not found.n_open and found.detectable <= found.limit
    outcome = GateOutcome.FAILED if found.n_beyond else GateOutcome.PASSED if seen else GateOutcome.INCONCLUSIVE
    one = found.segments[0]
    return GateResult(
        gate=GATE,
        outcome=outcome,
        measure=f"{found.loss} grows by, in {one.where}",
        value=one.shown,
        limit=found.limit,
        limit_kind="at most",
        ci_low=one.least,
        ci_high=one.high,
        n=one.n,
        reason=_reason(outcome, found),
        details={
            "searched": found.n_searched,
            "loss": found.loss,
            "champion": found.overall,
            "detectable": found.detectable,
            "segments": [each.as_json() for each in found.segments],
        },
    )


def _reason(outcome: GateOutcome, found: SegmentSearch) -> str:
    if outcome is GateOutcome.FAILED:
        return f"{found.n_beyond} of {found.n_searched:,} segments lose by more than the limit"
    if outcome is GateOutcome.INCONCLUSIVE and not found.n_open:
        return (
            f"none of {found.n_searched:,} segments is shown to lose, but a growth below {found.detectable:.2g} would "
            "hardly be found in so few pairs"
        )
    if outcome is GateOutcome.INCONCLUSIVE:
        return f"{found.n_open} of {found.n_searched:,} segments lose; more pairs would tell by how much"
    return f"none of {found.n_searched:,} segments is shown to lose by more than the limit"
