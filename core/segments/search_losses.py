"""What a row costs: the losses by which segments are searched, and which one is searched first."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import BadInputError, NotEnoughDataError
from core.profile.columns import numeric_column

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CLIP = float(np.finfo(np.float64).eps)


class LossKind(StrEnum):
    """A loss of one row; what is larger is worse."""

    LOG_LOSS = "log_loss"
    ERROR = "error"
    MISSED_POSITIVES = "missed_positives"
    EXCESS_LOG_LOSS = "excess_log_loss"
    ABSOLUTE_ERROR = "absolute_error"


IS_SHARE = frozenset({LossKind.ERROR, LossKind.MISSED_POSITIVES})
"""Losses of 0 and 1, whose mean is a share and whose test is exact."""

NOT_A_LOSS_OF_ZERO = frozenset({LossKind.EXCESS_LOG_LOSS})
"""Losses whose usual mean is about 0: "times the usual" means nothing there."""

_RANKED = frozenset({"log_loss", "roc_auc", "average_precision", "brier_score", "miscalibration", "calibration_drift"})
_MISSED = frozenset({"recall", "false_negative_rate"})
_CALLED = frozenset({"accuracy", "precision", "f1", "mcc", "specificity", "false_positive_rate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLosses:
    """The losses of the rows that have one.

    Attributes
    ----------
    kept : (n_rows,) bool
        Rows with a loss: actual known, and what else it needs; of missed positives the actual positives only.
    loss : (n_kept,) float64
    n_labelled : int
        Rows with a known actual.
    """

    kept: Bools
    loss: Floats
    n_labelled: int


def losses_of(task: str, *, probability: bool) -> tuple[LossKind, ...]:
    """Return the losses that a task has, the first one searched first unless something else is in breach."""
    if task == "regression":
        return (LossKind.ABSOLUTE_ERROR,)
    if task == "multiclass":
        return (LossKind.ERROR,)
    counted = (LossKind.ERROR, LossKind.MISSED_POSITIVES)
    return (LossKind.LOG_LOSS, *counted, LossKind.EXCESS_LOG_LOSS) if probability else counted


def default_loss(task: str, *, probability: bool, breached: Collection[str] = ()) -> LossKind:
    """Return the loss that is searched when none is named: of the task, and of what is in breach.

    A breach of ranking or calibration asks for the log loss, one of recall for missed positives, one of other rates of
    decisions for errors; several in this order.

    Parameters
    ----------
    breached : codes of checks that are in breach; what is no check of performance is passed over

    >>> default_loss("binary", probability=True).value
    'log_loss'
    >>> default_loss("binary", probability=True, breached=["recall_change"]).value
    'missed_positives'
    """
    offered = losses_of(task, probability=probability)
    metrics = {code.removesuffix("_change") for code in breached}
    for named, kind in (
        (_RANKED, LossKind.LOG_LOSS),
        (_MISSED, LossKind.MISSED_POSITIVES),
        (_CALLED, LossKind.ERROR),
    ):
        if metrics & named and kind in offered:
            return kind
    return offered[0]


def row_losses(rows: pa.Table, kind: LossKind) -> RowLosses:
    """Return the loss of each row of `core.profile.window_rows` that has one.

    Log losses clip the score as the profiles do, to [eps, 1 - eps]. The excess log loss is the log loss less what the
    score itself expects it to be (its entropy): about 0 wherever scores are probabilities, however hard the rows are.

    Parameters
    ----------
    rows : with ``score``, ``decision`` and ``actual``

    Raises
    ------
    NotEnoughDataError
        When no row has what the loss needs; the message is the reason.
    """
    actual, score = _column(rows, "actual"), _column(rows, "score")
    known = ~np.isnan(actual)
    if not known.any():
        raise NotEnoughDataError("no actuals are known yet")
    match kind:
        case LossKind.ABSOLUTE_ERROR:
            each = np.abs(score - actual)
        case LossKind.ERROR:
            each = np.where(np.isnan(_column(rows, "decision")), np.nan, _column(rows, "decision") != actual)
        case LossKind.MISSED_POSITIVES:
            each = np.where(
                (actual == 1) & ~np.isnan(_column(rows, "decision")), _column(rows, "decision") != 1, np.nan
            )
        case _:
            each = _log_losses(score, actual, less_expected=kind is LossKind.EXCESS_LOG_LOSS)
    kept = known & np.isfinite(each)
    if not kept.any():
        raise NotEnoughDataError(_missing(kind))
    return RowLosses(kept=kept, loss=np.asarray(each[kept], np.float64), n_labelled=int(known.sum()))


def _log_losses(score: Floats, actual: Floats, *, less_expected: bool) -> Floats:
    p = np.clip(score, CLIP, 1 - CLIP)
    happened, not_happened = -np.log(p), -np.log1p(-p)
    loss = np.where(actual == 1, happened, not_happened)
    return loss - (p * happened + (1 - p) * not_happened) if less_expected else loss


def _column(rows: pa.Table, name: str) -> Floats:
    return numeric_column(rows, name)[0]


def _missing(kind: LossKind) -> str:
    if kind is LossKind.MISSED_POSITIVES:
        return "no row was positive in the end"
    return "no row has both an actual and a decision" if kind is LossKind.ERROR else "no row has an actual and a score"


def parse_loss(text: str, offered: Collection[LossKind]) -> LossKind:
    """Return the loss of a name.

    Raises
    ------
    BadInputError
        When the task has no such loss.
    """
    found = next((one for one in offered if one.value == text), None)
    if found is None:
        known = ", ".join(one.value for one in offered)
        raise BadInputError(f"Segments of this model cannot be searched by '{text[:40]}'; known: {known}.")
    return found
