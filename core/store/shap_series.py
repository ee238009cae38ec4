"""The stored sums of SHAP values of a version: of logged columns in its profiles, or of samples that were explained."""

from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from core.explain.attribution_drift import ShapSeries
from core.inventory.records import VersionInfo
from core.log.schema import ModelSchema
from core.profile.layout import Layout
from core.profile.profile import ProfileStack, shap_sums
from core.profile.records import REFERENCE_ROLE, UNDATED, DaySummary
from core.store.profiles import summaries
from core.store.series import LIVE_ROLES
from core.store.unit_sums import UnitSums, unit_sums

KIND = "shap"


def shap_basis(unit: DaySummary, artifact_sha256: str | None) -> str:
    """Return what the sums of a unit rest on: its profile and the model file."""
    return f"{unit.provenance_id}|{artifact_sha256}"


def reference_basis(version: VersionInfo) -> str:
    """Return what the sums of the reference rest on."""
    return f"{version.reference_sha256}|{version.artifact_sha256}"


def fresh_sums(session: Session, version: VersionInfo) -> dict[tuple[str, date], UnitSums]:
    """Return the stored sums of a version that rest on today's rows and model file, by role and unit.

    The reference stands under its role and `UNDATED`.
    """
    units = summaries(session, version_id=version.id, binning_id=version.binning_id, roles=LIVE_ROLES)
    wanted = {(one.role, one.day): shap_basis(one, version.artifact_sha256) for one in units}
    wanted[REFERENCE_ROLE, UNDATED] = reference_basis(version)
    stored = unit_sums(session, version.id, KIND, (*LIVE_ROLES, REFERENCE_ROLE))
    return {(one.role, one.day): one for one in stored if wanted.get((one.role, one.day)) == one.basis}


def shap_series(
    session: Session,
    version: VersionInfo,
    schema: ModelSchema,
    layout: Layout,
    stacks: tuple[ProfileStack, ProfileStack],
) -> ShapSeries | None:
    """Return the SHAP sums of reference and log: those of logged columns, else of the samples that a job explained.

    Parameters
    ----------
    stacks : profiles of the reference, and of the units of the log that are wanted

    Returns
    -------
    ShapSeries or None
        None: neither the reference nor the log has any.
    """
    if layout.binning.shap:
        return _logged(layout, *stacks)
    if version.artifact_sha256 is None:
        return None
    return _of_samples(fresh_sums(session, version), schema.feature_names, stacks[1].days)


def _logged(layout: Layout, reference: ProfileStack, log: ProfileStack) -> ShapSeries | None:
    before, now = (shap_sums(layout, one.ints, one.floats) for one in (reference, log))
    if not before.n.sum():
        return None
    return ShapSeries(
        features=before.features,
        reference_sums=np.stack([before.absolute.sum(0), before.squared.sum(0)], axis=-1),
        reference_n=before.n.sum(0),
        days=log.days,
        sums=np.stack([now.absolute, now.squared], axis=-1),
        n=now.n,
    )


def _of_samples(
    held: dict[tuple[str, date], UnitSums], features: tuple[str, ...], days: tuple[date, ...]
) -> ShapSeries | None:
    reference = held.get((REFERENCE_ROLE, UNDATED))
    if reference is None:
        return None
    size = len(features)
    total = {day: np.zeros(2 * size + 1) for day in days}
    for (role, day), one in held.items():
        if role != REFERENCE_ROLE and day in total:
            total[day] = total[day] + one.sums
    known = [day for day in days if total[day][-1] > 0]
    rows = np.stack([total[day] for day in known]) if known else np.zeros((0, 2 * size + 1))
    return ShapSeries(
        features=features,
        reference_sums=reference.sums[:-1].reshape(size, 2),
        reference_n=np.full(size, int(reference.sums[-1]), np.int64),
        days=tuple(known),
        sums=rows[:, :-1].reshape(len(known), size, 2),
        n=np.repeat(rows[:, -1:].astype(np.int64), size, axis=1),
    )


def shap_digests(session: Session, version: VersionInfo) -> dict[date, str]:
    """Return by unit what its stored SHAP sums rest on: a unit's state rests on it too; empty without a model file.

    The reference's is part of every one. Logged values need none: they are part of the unit's profile.
    """
    held = fresh_sums(session, version)
    reference = held.pop((REFERENCE_ROLE, UNDATED), None)
    if reference is None:
        return {}
    found: dict[date, str] = {}
    for (role, day), one in sorted(held.items()):
        found[day] = f"{found.get(day, reference.basis)}|{role}|{one.basis}"
    return found
