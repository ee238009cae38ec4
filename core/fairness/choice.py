"""The group of a protected column that the others are compared with: chosen by a person, with a reason."""

from dataclasses import dataclass
from datetime import datetime

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChoice:
    """One choice; `group` None withdraws the one before."""

    column: str
    group: str | None
    reason: str
    chosen_by: str
    chosen_at: datetime
