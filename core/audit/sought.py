"""What is looked for in the audit chain."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What entries must fit, all of it; None asks for everything.

    Attributes
    ----------
    object_id : str or None
        The object itself or what belongs to it: ``churn`` finds ``churn/v2`` too.
    since, until : datetime or None
        Aware; half-open.
    text : str or None
        Anywhere in what was, what is, the reason or the object's name; upper and lower case alike.
    before_seq : int or None
        Only entries before this one: the pages after the first.
    """

    person: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    before_seq: int | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that is looked for."""
        asked = (self.person, self.object_type, self.object_id, self.action, self.text)
        return tuple(text for text in asked if text is not None)
