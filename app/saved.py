"""A saved segment that is chosen before its rows are counted: how far the counting is, above the page."""

from app import actions, waiting
from app.reading import opened
from app.views import Selection
from core.errors import CoreError
from core.segments.service import segment_progress
from core.selection import saved_name

SECONDS_A_UNIT = 0.05
"""What reading and counting one unit of 30,000 rows takes on one core."""


def told_until_counted(home: str, selection: Selection | None) -> None:
    """Draw how far the counting of the chosen saved segment is; nothing once it is done.

    The page below says of each number why it is not there yet.
    """
    name = None if selection is None else saved_name(selection.segment)
    if selection is None or name is None:
        return
    try:
        progress = segment_progress(opened(home), model=selection.model, version=selection.version, name=name)
    except CoreError:
        return  # the page says what is wrong
    if not progress.complete:
        waiting.shown_when_ready(
            home,
            actions.SAVED_SEGMENT,
            actions.segment_job(selection.model, selection.segment),
            seconds=SECONDS_A_UNIT * (progress.total - progress.done),
            what=f"the rows of {selection.segment}",
        )
