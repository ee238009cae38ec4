"""Title and sentence of the page Findings and reviews, made from its numbers."""

from collections.abc import Sequence
from datetime import date

from app import words
from app.governed.calendar import Line
from core.findings.finding import Finding
from core.reviews.calendar import Due


def title(found: Sequence[Finding], due: Sequence[Line], today: date) -> str:
    """Return how many findings are open, how many of them are late, and how many reviews."""
    n_open, late = sum(one.is_open for one in found), sum(one.is_overdue(today) for one in found)
    overdue = sum(line.duty.state is Due.OVERDUE for line in due)
    told = words.plural(n_open, "open finding") if n_open else "No open finding"
    told += f", {late} overdue" if late else ""
    return f"{told}; {words.plural(overdue, 'review')} overdue" if overdue else f"{told}; no review overdue"


def sentence(found: Sequence[Finding], due: Sequence[Line], today: date) -> str:
    """Return what is most urgent, and what an overdue review holds up."""
    told = []
    first = next((one for one in found if one.is_open), None)
    if first is not None:
        when = "was due" if first.is_overdue(today) else "is due"
        told.append(
            f"Most urgent: “{first.title}” of {first.model} {when} {words.day(first.due)}, owned by {first.owner}."
        )
    held = sorted({line.model for line in due if line.duty.blocks})
    if held:
        told.append(f"No release of {words.enumerate_names(held)} until it is validated or excepted.")
    late = [line for line in due if line.duty.state is Due.OVERDUE and not line.duty.blocks]
    if late:
        more = f", and {len(late) - 1} more" if len(late) > 1 else ""
        told.append(f"Overdue without holding anything up: {late[0].duty.why} ({late[0].model}){more}.")
    return words.plain(" ".join(told) or "Nothing waits to be mended, and nothing is late.")
