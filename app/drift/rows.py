"""Rows of the Drift page from core results: a verdict, its drift in numbers, what the model says of the feature."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from app.drift.views import DriftRow
from core.checks.limits import Limits
from core.checks.verdicts import Verdict
from core.drift.display import Distribution, counted_distribution, distribution
from core.drift.feature import FeatureDrift
from core.log.schema import ModelSchema
from core.points import finite
from core.profile.bins import Bins, NumericBins
from core.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFacts:
    """What is known of a feature beside its drift.

    Attributes
    ----------
    importance : float or None
        Share of the model's importance in [0, 1].
    compared_with : str
        The reference in words.
    measured : bool
        PSI against the reference of the header can be computed, whatever the verdict: see `measured`.
    training_outside : float or None
        Only for seasonal features.
    """

    meaning: str
    importance: float | None
    seasonal: bool
    compared_with: str
    provenance_id: str
    training_outside: float | None = None
    measured: bool = True


def drift_row(verdict: Verdict, drift: FeatureDrift, bins: Bins | None, facts: FeatureFacts) -> DriftRow:
    """Return one row of the table.

    Parameters
    ----------
    verdict : of this feature (or of ``score``), history applied
    drift : of one window, without leading axes, against the verdict's own reference
    bins : of the feature; None for decisions and actuals that are classes
    """
    known = facts.measured
    shown = shown_distribution(drift, bins)
    plain_cells = len(shown.names) - shown.n_missing_cells
    excess = finite(float(drift.psi_excess)) if known else None
    return DriftRow(
        feature=verdict.feature or "",
        numeric=isinstance(bins, NumericBins),
        seasonal=facts.seasonal,
        state=verdict.state,
        raw_state=verdict.raw_state,
        reason=verdict.reason,
        importance=facts.importance,
        impact=None
        if verdict.value is None or facts.importance is None
        else facts.importance * max(verdict.value, 0.0),
        psi=finite(float(drift.psi)) if known else None,
        psi_low=finite(float(drift.psi_ci.low)) if known else None,
        psi_high=finite(float(drift.psi_ci.high)) if known else None,
        excess=excess,
        excess_low=finite(float(drift.psi_excess_ci.low)) if known else None,
        excess_high=finite(float(drift.psi_excess_ci.high)) if known else None,
        judged=verdict.value,
        judged_low=verdict.ci_low,
        judged_high=verdict.ci_high,
        ks=finite(float(drift.ordered.ks_statistic)) if drift.ordered is not None and known else None,
        missing_reference=_missing_share(drift.reference_cells),
        missing_current=_missing_share(drift.current_cells),
        reference_share=shown.reference_share[:plain_cells],
        current_share=shown.current_share[:plain_cells],
        n_reference=int(drift.m),
        n=int(drift.n),
        since=verdict.since,
        compared_with=facts.compared_with,
        training_outside=facts.training_outside,
        significant=verdict.significant,
        adjusted_p=verdict.adjusted_p,
        false_alarms_month=verdict.false_alarms_month,
        provenance_id=facts.provenance_id,
        meaning=facts.meaning,
        grain=verdict.grain,
    )


def shown_distribution(drift: FeatureDrift, bins: Bins | None, *, unit: str = "") -> Distribution:
    """Return the shares of one window and its reference, ready to be drawn."""
    if bins is None:
        names = drift.cell_names[:-1]
        return counted_distribution(names, drift.reference_cells[:-1], drift.current_cells[:-1])
    return distribution(bins, drift.reference_cells, drift.current_cells, unit=unit)


def measured(drift: FeatureDrift, limits: Limits) -> bool:
    """Say whether both sides have enough rows and values for the metrics, as `watchroom metrics` does."""
    n, m = int(drift.n), int(drift.m)
    enough = n >= limits["feature_drift"].minimum_n and m >= limits.rules.minimum_reference
    return enough and int(drift.current_cells[-1]) < n and int(drift.reference_cells[-1]) < m


def with_stored_importance(schema: ModelSchema, stored: Mapping[str, float]) -> ModelSchema:
    """Return the schema with the stored SHAP importance of its features where none declares any."""
    if not stored or any(one.importance is not None for one in schema.features.values()):
        return schema
    known = {name: replace(one, importance=stored.get(name)) for name, one in schema.features.items()}
    return replace(schema, features=MappingProxyType(known))


def _missing_share(cells: np.ndarray) -> float | None:
    total = int(cells.sum())
    return float(cells[-1] / total) if total else None


def ranked(rows: list[DriftRow]) -> tuple[DriftRow, ...]:
    """Return the rows worst first: over their limit, then without any values, then judged, then not judged.

    Within each, by impact; without any importance by PSI excess.
    """
    weighted = any(row.importance is not None for row in rows)

    def worth(row: DriftRow) -> tuple[int, float, float]:
        if row.state in (State.WARNING, State.CRITICAL):
            group = 3
        elif row.absent:
            group = 2
        else:
            group = int(row.state is not State.NOT_APPLICABLE)
        impact = row.importance if row.absent else row.impact
        return group, (impact if weighted else row.judged) or 0.0, row.judged or 0.0

    return tuple(sorted(rows, key=worth, reverse=True))
