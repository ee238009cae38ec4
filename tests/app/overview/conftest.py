"""A made-up story and the view around it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.overview.views import Amount, Attention, OverviewView, Story, Worth
from core.impact.display import ValueSeries
from core.impact.periods import Comparison
from core.selection import Every
from core.states import State
from core.windows import Grain, Window

NONE = Amount(value=None, low=None, high=None, n=0, why="")
SERIES = ValueSeries(
    labels=("2013-09-01", "2013-10-01"),
    starts=(date(2013, 9, 1), date(2013, 10, 1)),
    dated=True,
    value=(230_000.0, 212_000.0),
    low=(200_000.0, 180_000.0),
    high=(260_000.0, 240_000.0),
    settled=(True, True),
    left_out=(0, 0),
    n=(27_000, 28_000),
    coverage=(0.97, 0.974),
    currency="USD",
)
STORY = Story(
    model="flight-delay",
    version="v1",
    owner="ops-ml",
    task="binary",
    staged=False,
    grain=Grain.DAY,
    words={"row": "flight", "rows": "flights", "positive_decision": "warned", "positive_actual": "late"},
    every=Every.MONTH,
    window=Window(date(2013, 10, 1), date(2013, 11, 1)),
    before=Window(date(2013, 9, 1), date(2013, 10, 1)),
    n_units=31,
    n_left_out=0,
    why_left_out="",
    provisional=False,
    net=Amount(value=212_000.0, low=180_000.0, high=240_000.0, n=28_000, why=""),
    versus=Amount(value=212_000.0, low=180_000.0, high=240_000.0, n=28_000, why=""),
    decisions=Amount(value=9_000.0, low=None, high=None, n=28_700, why=""),
    rate=Amount(value=0.3136, low=0.308, high=0.319, n=28_700, why=""),
    decisions_before=Amount(value=8_000.0, low=None, high=None, n=27_000, why=""),
    change=Comparison(
        now=212_000.0,
        before=230_000.0,
        difference=-18_000.0,
        low=-30_000.0,
        high=-6_000.0,
        relative=-18 / 230,
        per_unit=False,
    ),
    coverage=0.974,
    worth=Worth(
        currency="USD",
        source="assumed",
        baseline="all_negative",
        kind="confusion",
        target_month=None,
        values={"tp": 120.0, "fp": -40.0, "fn": 0.0, "tn": 0.0},
    ),
    attention=Attention(state=State.HEALTHY),
    series=SERIES,
    names=("Sep 2013", "Oct 2013"),
    removed="",
    reason="",
    provenance_id="abc123",
)


@pytest.fixture
def told():
    """Return a function that gives the story with changes."""
    return lambda **changes: replace(STORY, **changes)


@pytest.fixture
def view():
    """Return a function that gives the view of some stories."""
    return lambda *stories: OverviewView(
        stories=stories or (STORY,),
        others=(),
        every=Every.MONTH,
        as_of=datetime(2013, 11, 2, 12, tzinfo=UTC),
        frozen=False,
    )
