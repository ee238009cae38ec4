"""What the checks of a version judge: its schema, its limits, and the stored profiles of reference and log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.checks.limits import Limits
from core.explain.attribution_drift import ShapSeries
from core.log.schema import ModelSchema
from core.profile.layout import Layout
from core.profile.profile import ProfileStack
from core.profile.records import DaySummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What the states of a version rest on, known without opening a profile.

    Attributes
    ----------
    reference, log : tuple of DaySummary
        Units of the training reference, and every closed unit of the live log (its roles together), oldest first.
    reference_groups : mapping of protected column to group
        The group that a person chose to compare the others with; columns without a choice are absent.
    shap_digests : mapping of unit to str
        What the stored SHAP sums of a unit rest on; empty where they are logged or nothing explains the version.
    """

    schema: ModelSchema
    limits: Limits
    binning_id: str
    reference: tuple[DaySummary, ...]
    log: tuple[DaySummary, ...]
    reference_groups: Mapping[str, str] = field(default_factory=dict)
    shap_digests: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The profiles that the checks of some units of one version need.

    Attributes
    ----------
    reference, log : ProfileStack
        Days of the training reference; the units that are judged, and at least the 56 days before the first of them.
    dated : bool
        The reference has timestamps.
    shap : ShapSeries or None
        Sums of SHAP values of the reference and of units of the log; None where nothing explains the version.
    """

    outline: Outline
    layout: Layout
    reference: ProfileStack
    log: ProfileStack
    dated: bool
    shap: ShapSeries | None = None

    @property
    def schema(self) -> ModelSchema:
        """The version's schema."""
        return self.outline.schema

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self.outline.limits
