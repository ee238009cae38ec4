"""One side of a comparison: a version, how its rows are read, and in which units it has some."""

from dataclasses import dataclass
from datetime import date

from core.inventory.records import VersionInfo
from core.log.columns import ColumnIds
from core.log.contract import Contract
from core.log.schema import ModelSchema
from core.profile.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the log in which a version has rows; in all its roles of interest together."""

    day: date
    n_rows: int
    n_labelled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedVersion:
    """One side of a comparison.

    Attributes
    ----------
    ids : column of the user → internal id
    layout : Layout or None
        None: the version has no reference yet, and so no profiles.
    units : closed units with rows in `roles`, oldest first
    contract : Contract or None
    """

    version: VersionInfo
    schema: ModelSchema
    ids: ColumnIds
    roles: tuple[str, ...]
    layout: Layout | None
    units: tuple[Unit, ...]
    contract: Contract | None
