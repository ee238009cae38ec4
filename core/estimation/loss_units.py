"""Which units of a log a row model has told, and what its sums of whole windows are."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.estimation.direct_loss import SUMS
from core.profile.records import DaySummary
from core.windows import Window

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossUnit:
    """One unit of a version's log in one role; `basis` names what its sums must rest on to be today's."""

    role: str
    day: date
    basis: str


def loss_units(summaries: Iterable[DaySummary], model_basis: str) -> tuple[LossUnit, ...]:
    """Return the units with rows; their basis changes with the unit's profile and with the row model."""
    return tuple(
        LossUnit(
            role=one.role,
            day=one.day,
            basis=hashlib.sha256(f"{one.provenance_id}|{model_basis}".encode()).hexdigest()[:32],
        )
        for one in summaries
        if one.n_rows
    )


def window_sums_of(windows: Sequence[Window], units: Sequence[LossUnit], held: Mapping[LossUnit, Floats]) -> Floats:
    """Return the sums of each window, ``(W, len(SUMS))``; a window with a unit that was not told is left at 0.

    Parameters
    ----------
    held : mapping of unit, with the basis that it was told on, to its sums
    """
    current = np.zeros((len(windows), len(SUMS)))
    for row, window in enumerate(windows):
        mine = [held.get(one) for one in units if one.day in window]
        told = [one for one in mine if one is not None]
        if mine and len(told) == len(mine):
            current[row] = np.sum(told, axis=0)
    return current
