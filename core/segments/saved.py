"""Saved segments: named filters that every page can be asked for, and how far their counting is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import BadInputError, NotEnoughDataError
from core.log.names import name_fault, same_name, shown
from core.log.schema import ModelSchema
from core.segments.filters import Filter, from_document, from_text, words
from core.selection import SAVED_MARK

LONGEST_NAME = 60
MOST_SEGMENTS = 20
"""Saved segments that a model has at a time: each of them is counted anew with every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSegment:
    """A filter that a person gave a name.

    Attributes
    ----------
    name : str
        Without the mark ``@``.
    conditions : sequence of mapping
        The filter, as `core.segments.filters.to_document` writes it.
    retired_at : aware datetime or None
        None: it stands.
    """

    id: int
    model_id: int
    name: str
    conditions: Sequence[Mapping[str, Any]]
    created_by: str
    created_at: datetime
    retired_at: datetime | None = None

    @property
    def label(self) -> str:
        """The name as the header and the command line have it: ``@name``."""
        return f"{SAVED_MARK}{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many of the units that must be counted are counted."""

    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether no unit is missing."""
        return self.done >= self.total


def checked_name(name: str, taken: Collection[str]) -> str:
    """Return the name of a new segment.

    Parameters
    ----------
    taken : collection of str
        Names of the model's segments that stand.

    Raises
    ------
    BadInputError
        When it is empty, too long, cannot be seen, holds ``=`` or ``@``, or is taken; or when there are too many.

    Examples
    --------
    >>> checked_name("young brokers", ())
    'young brokers'
    """
    fault = name_fault(name)
    if fault is not None or len(name) > LONGEST_NAME:
        said = fault or f"has {len(name)} characters"
        raise BadInputError(f"A saved segment needs a name of 1 to {LONGEST_NAME} characters; {shown(name)} {said}.")
    if "=" in name or SAVED_MARK in name:
        raise BadInputError(f"The name {shown(name)} holds '=' or '@', which mark segments; leave them out.")
    if same_name(name) in {same_name(one) for one in taken}:
        raise BadInputError(f"There is a saved segment {shown(name)} already; retire it first, or take another name.")
    if len(taken) >= MOST_SEGMENTS:
        raise BadInputError(f"A model has at most {MOST_SEGMENTS} saved segments; retire one that nobody needs.")
    return same_name(name)


def checked_filter(where: str, schema: ModelSchema) -> Filter:
    """Return the filter of a new segment.

    Raises
    ------
    BadInputError
        When it has no condition, cannot be read, or asks for a column that is not stored or is protected.
    """
    found = from_text(where, schema)
    if not found.conditions:
        raise BadInputError("A saved segment needs at least one condition; without any it would be all rows.")
    return found


def filter_of(saved: SavedSegment, schema: ModelSchema, newest: ModelSchema, *, version: str) -> Filter:
    """Return a saved segment's filter for the rows of a version.

    Parameters
    ----------
    schema : ModelSchema
        The version's own: a later version may have columns that an earlier one lacks.
    newest : ModelSchema
        The model's: what is protected by now is protected in every version.
    version : str
        Its name.

    Raises
    ------
    NotEnoughDataError
        When the version does not have the filter's columns, or one of them is protected.
    """
    try:
        wanted = from_document(list(saved.conditions), schema)
    except BadInputError as why:
        raise NotEnoughDataError(f"the saved segment {saved.label} does not fit {version}: {why}") from None
    for name in wanted.columns:
        if name in newest.protected:
            raise NotEnoughDataError(f"the saved segment {saved.label} reads '{name}', which is protected by now")
    return wanted


def filter_words(saved: SavedSegment, schema: ModelSchema) -> str:
    """Return the filter in words; where the schema has left it behind, the reason."""
    try:
        return words(filter_of(saved, schema, schema, version="the present schema"))
    except NotEnoughDataError as why:
        return str(why)


def waits(saved: SavedSegment, progress: Progress) -> str:
    """Return the sentence of a segment that cannot answer yet.

    >>> from datetime import UTC
    >>> one = SavedSegment(id=1, model_id=1, name="a", conditions=(), created_by="", created_at=datetime.now(UTC))
    >>> waits(one, Progress(done=12, total=364))
    'the saved segment @a is still being counted: 12 of 364 units are done'
    """
    done = f"{progress.done:,} of {progress.total:,} units are done"
    return f"the saved segment {saved.label} is still being counted: {done}"
