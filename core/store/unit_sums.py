"""Sums over the rows of a unit of what only a model can tell of a row; kept until what they rest on changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.profile.packed import pack, unpack
from core.store.tables import UnitSumsRow


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSums:
    """The sums of one unit of a version in one role.

    Attributes
    ----------
    basis : str
        What they rest on (the unit's profile and the model): where it differs from today's they are stale.
    sums : (n,) float64
        What each one is a sum of is said where they are made.
    """

    role: str
    day: date
    basis: str
    sums: NDArray[np.float64]


def put_unit_sums(session: Session, version_id: int, kind: str, found: Sequence[UnitSums]) -> None:
    """Store the sums of some units in place of those that stood there."""
    for one in found:
        session.execute(
            delete(UnitSumsRow).where(
                UnitSumsRow.version_id == version_id,
                UnitSumsRow.kind == kind,
                UnitSumsRow.role == one.role,
                UnitSumsRow.day == one.day,
            )
        )
        session.add(
            UnitSumsRow(
                version_id=version_id,
                role=one.role,
                day=one.day,
                kind=kind,
                basis=one.basis,
                sums=pack(np.zeros(0, np.int64), np.asarray(one.sums, np.float64)),
            )
        )
    session.flush()


def unit_sums(
    session: Session, version_id: int, kind: str, roles: Collection[str], days: Collection[date] | None = None
) -> tuple[UnitSums, ...]:
    """Return the stored sums of a version, by role and unit (None: every unit)."""
    statement = select(UnitSumsRow).where(
        UnitSumsRow.version_id == version_id, UnitSumsRow.kind == kind, UnitSumsRow.role.in_(list(roles))
    )
    if days is not None:
        statement = statement.where(UnitSumsRow.day.in_(list(days)))
    rows = session.scalars(statement.order_by(UnitSumsRow.role, UnitSumsRow.day))
    return tuple(UnitSums(role=row.role, day=row.day, basis=row.basis, sums=unpack(row.sums)[1]) for row in rows)
