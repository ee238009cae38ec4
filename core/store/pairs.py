"""What a comparison of two versions of a model reads: their schemas, units with rows, and summed profiles."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import numpy as np
from sqlalchemy.orm import Session

from core.errors import NotEnoughDataError
from core.inventory.records import ModelInfo, VersionInfo
from core.log.columns import bind
from core.log.schema import ModelSchema
from core.performance.history import maturities
from core.performance.of_task import rows_known
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, add_stacks
from core.profile.records import REFERENCE_ROLE
from core.profile.summing import Summed, summed
from core.releases.gathering.compared import ComparedVersion, Unit
from core.store import models as stored_models
from core.store import profiles as stored_profiles
from core.store.columns import column_ids
from core.store.contracts import accepted_contract
from core.store.series import is_closed
from core.windows import Window, following

CHAMPION_ROLES = ("served", "canary")
CHALLENGER_ROLES = ("shadow", "canary")


def compared_version(
    session: Session, model: ModelInfo, version_id: int, roles: Sequence[str], at: datetime
) -> ComparedVersion:
    """Return one side of a comparison as it stands at `at`."""
    version = stored_models.version_by_id(session, version_id)
    schema = stored_models.schema(session, version.schema_id)
    layout, accepted = None, accepted_contract(session, version.id)
    if version.binning_id is not None:
        layout = Layout(stored_profiles.binning(session, version.binning_id))
    return ComparedVersion(
        version=version,
        schema=schema,
        ids=bind(schema, column_ids(session, model.id)),
        roles=tuple(roles),
        layout=layout,
        units=_units(session, version, schema, roles, at),
        contract=None if accepted is None else accepted.contract,
    )


def _units(
    session: Session, version: VersionInfo, schema: ModelSchema, roles: Sequence[str], at: datetime
) -> tuple[Unit, ...]:
    if version.binning_id is None:
        return ()
    held: dict[date, tuple[int, int]] = {}
    for one in stored_profiles.summaries(session, version_id=version.id, binning_id=version.binning_id, roles=roles):
        if one.n_rows and is_closed(one.day, schema, at):
            rows, labelled = held.get(one.day, (0, 0))
            held[one.day] = rows + one.n_rows, labelled + one.n_labelled
    return tuple(Unit(day=day, n_rows=held[day][0], n_labelled=held[day][1]) for day in sorted(held))


def mature_units(
    session: Session, champion: ComparedVersion, challenger: ComparedVersion, at: datetime, *, most_rows: int
) -> tuple[date, ...]:
    """Return the units in which both have rows and whose actuals are complete enough, oldest first.

    Of a long log the newest ones: as many as hold at most `most_rows` rows of the challenger, at least one.
    """
    theirs = {one.day: one.n_rows for one in challenger.units}
    common = [one for one in champion.units if one.day in theirs]
    grain = champion.schema.grain
    windows = [Window(one.day, following(one.day, grain)) for one in common]
    coverage = [one.n_labelled / one.n_rows for one in common]
    expected = _expected(session, champion)
    judged = maturities(windows, coverage, champion.schema, expected=expected, at=at)
    mature = [one.day for one, found in zip(common, judged, strict=True) if found.mature]
    kept: list[date] = []
    held = 0
    for day in reversed(mature):
        held += theirs[day]
        if kept and held > most_rows:
            break
        kept.append(day)
    return tuple(reversed(kept))


def _expected(session: Session, side: ComparedVersion) -> float:
    """Return the share of rows whose actual ever comes: that of the reference, 1 when it has none."""
    found = reference_counts(session, side)
    if found is None or side.layout is None:
        return 1.0
    n_rows, n_labelled = rows_known(side.layout, found.ints).tolist()
    return float(n_labelled / n_rows) if n_rows and n_labelled else 1.0


def reference_counts(session: Session, side: ComparedVersion) -> Summed | None:
    """Return the summed profile of a version's reference; None without one."""
    if side.layout is None:
        return None
    found = _load(session, side, REFERENCE_ROLE)
    return summed(found) if found.days else None


def unit_counts(session: Session, side: ComparedVersion, days: Collection[date]) -> Summed:
    """Return the summed profiles of a version's rows in some units.

    Raises
    ------
    NotEnoughDataError
        When the version has no profiles of them.
    """
    if side.layout is None or not days:
        raise NotEnoughDataError("there are no profiled rows of this version yet")
    first, last = min(days), max(days)
    stacks = [_load(session, side, role, start=first, end=following(last, side.schema.grain)) for role in side.roles]
    held = [one for one in stacks if one.days]
    if not held:
        raise NotEnoughDataError("there are no profiled rows of this version yet")
    together = add_stacks(*held)
    places = np.flatnonzero([day in set(days) for day in together.days])
    return summed(
        ProfileStack(
            binning_id=together.binning_id,
            days=tuple(together.days[place] for place in places),
            ints=together.ints[places],
            floats=together.floats[places],
            provenance_ids=tuple(together.provenance_ids[place] for place in places),
        )
    )


def _load(
    session: Session, side: ComparedVersion, role: str, *, start: date | None = None, end: date | None = None
) -> ProfileStack:
    assert side.layout is not None
    return stored_profiles.load(
        session, version_id=side.version.id, role=role, binning_id=side.layout.binning.id, start=start, end=end
    )
