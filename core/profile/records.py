"""What is stored beside the counts of a day, and what a build did."""

from dataclasses import dataclass
from datetime import date, datetime

from core.profile.profile import Profile

UNDATED = date(1970, 1, 1)
"""Unit of reference rows that carry no date."""

REFERENCE_ROLE = "reference"
"""Role under which the profiles of a version's reference are stored."""

ROLES = ("served", "canary", "shadow", "replay")
"""Roles of the log's rows, what is live first."""

DAY_GRAIN = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProfile:
    """The profile of one version, role and unit with where it came from.

    Attributes
    ----------
    n_rows, n_labelled : int
        Rows, and rows whose actual is known.
    log_version : int
        Version of the log's table that was read; 0 for a reference.
    batches_hash : str
        Names the batches that the rows came from (the file's sha256 for a reference).
    packed : bytes
        The profile as it is stored.
    provenance_id : str
        Names exactly these counts; see `core.profile.engines.provenance`.
    """

    version_id: int
    role: str
    day: date
    profile: Profile
    packed: bytes
    n_rows: int
    n_labelled: int
    log_version: int
    batches_hash: str
    provenance_id: str
    built_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """What is known of a profiled day without opening its profile."""

    role: str
    day: date
    n_rows: int
    n_labelled: int
    provenance_id: str
    built_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did: profiled units, their rows, seconds of wall time, units that must wait and why."""

    windows: int
    rows: int
    seconds: float
    waiting: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSet:
    """What `set_reference` did; `changed` is False when the same reference stood already."""

    binning_id: str
    rows: int
    days: int
    left_out: tuple[str, ...]
    changed: bool
