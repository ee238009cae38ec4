"""Which of a binning's segments a question means."""

from core.errors import BadInputError
from core.profile.binning import Binning, Segment
from core.selection import Slice


def chosen_segments(binning: Binning, wanted: Slice) -> tuple[tuple[Segment, int], ...]:
    """Return the segments of a slice with their places in the profile's segment axis.

    Raises
    ------
    BadInputError
        When the column is not a segment column, or has no such value in the reference.
    """
    columns = tuple(dict.fromkeys(segment.column for segment in binning.segments))
    if wanted.column not in columns:
        known = ", ".join(columns) or "none is declared"
        raise BadInputError(f"'{wanted.column[:100]}' is not a segment column of this version; segments: {known}.")
    mine = tuple((segment, place) for place, segment in enumerate(binning.segments) if segment.column == wanted.column)
    if wanted.level is None:
        return mine
    chosen = tuple((segment, place) for segment, place in mine if segment.label == wanted.level)
    if not chosen:
        shown = ", ".join(segment.label for segment, _ in mine[:10])
        raise BadInputError(
            f"'{wanted.column}' has no segment '{wanted.level[:100]}'; values with one of their own: {shown}."
        )
    return chosen
