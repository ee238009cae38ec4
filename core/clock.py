"""The clock of a store: real time, or one frozen instant so that a demo always shows the same day."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time in UTC; stands still at `frozen_at` when that is given.

    Parameters
    ----------
    frozen_at : datetime or None
        Aware instant at which the clock stands, or None for real time.

    Raises
    ------
    BadInputError
        When `frozen_at` does not know its zone.

    >>> Clock(datetime(2014, 1, 1, 5, tzinfo=UTC)).now().isoformat()
    '2014-01-01T05:00:00+00:00'
    """

    frozen_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.frozen_at is not None and self.frozen_at.utcoffset() is None:
            raise BadInputError(f"The time {self.frozen_at.isoformat()} needs a zone, for example a final Z for UTC.")

    def now(self) -> datetime:
        """Return the aware UTC time of this clock."""
        return datetime.now(UTC) if self.frozen_at is None else self.frozen_at.astimezone(UTC)


SYSTEM = Clock()
"""Real time, whatever a store's clock says: audit entries and leases use it."""
