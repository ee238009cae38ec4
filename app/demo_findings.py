"""What validation found in the sample fleet: true of the sample, raised and answered by its invented people."""

from dataclasses import dataclass
from datetime import date

from app.demo_history import at_start
from app.demo_people import DEVELOPER, OWNER, VALIDATOR
from core.findings.service import close_finding, raise_finding
from core.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding, the day it was raised; the day it was closed and what showed that it is mended, or neither."""

    model: str
    raised: date
    severity: str
    category: str
    title: str
    text: str
    owner: str
    closed: date | None = None
    closure: str = ""


FOUND = (
    Found(
        model="flight-delay",
        raised=date(2013, 10, 1),
        severity="low",
        category="implementation",
        title="Latency of the scores is not logged",
        text="Staged: no gate can say whether a new version answers more slowly, until model.yaml names the column.",
        owner=DEVELOPER.name,
    ),
    Found(
        model="employment",
        raised=date(2014, 1, 1),
        severity="medium",
        category="use",
        title="Children are scored though none can work",
        text="Staged: most of the gap between the age groups is theirs. Leave them out of the mailing, or say why not.",
        owner=OWNER.name,
    ),
    Found(
        model="demand",
        raised=date(2013, 8, 5),
        severity="medium",
        category="governance",
        title="The record names nobody who is called when forecasts stop",
        text="Staged: a shop that gets no forecast orders as it did a week before, and nobody hears of it.",
        owner=OWNER.name,
        closed=date(2013, 9, 3),
        closure="Staged: the rota stands in the record; a call was tried on 2 September.",
    ),
)


def raise_findings(store: Store, model: str) -> None:
    """Put what was found in a model into the store, each on its day."""
    for found in (one for one in FOUND if one.model == model):
        made = raise_finding(
            at_start(store, found.raised),
            VALIDATOR,
            model=model,
            severity=found.severity,
            category=found.category,
            title=found.title,
            text=found.text,
            owner=found.owner,
        )
        if found.closed is not None:
            close_finding(at_start(store, found.closed), VALIDATOR, made.id, closure=found.closure)
