from dataclasses import replace
from datetime import date

import pytest

from app.serving.draw import tiles
from app.serving.findings import rate, state, title, why_it_matters
from app.serving.rows import service_view
from app.views import Selection
from core.checks.verdicts import Verdict
from core.selection import MetricQuery
from core.serving.service import service_detail
from core.states import State
from core.windows import Window
from tests.value_fleet import FAILING_DAY, SERVED_START

FAILED = SERVED_START.fromordinal(SERVED_START.toordinal() + FAILING_DAY)


@pytest.fixture
def view(valued):
    def shown(model, first=date(2024, 4, 2), last=date(2024, 4, 3)):
        window = Window(first, last)
        selection = Selection(model=model, version="v1", window="1d", reference="training", segment="all")
        return service_view(service_detail(valued, MetricQuery(model=model, window=window)), selection, ())

    return shown


def verdict(**changes):
    given = {
        "check": "error_rate",
        "family": "service",
        "state": State.CRITICAL,
        "raw_state": State.CRITICAL,
        "value": 0.4,
        "limit": 0.05,
        "n": 60,
        "window_start": FAILED,
        "window_end": FAILED,
        "detail": "40.0 %, limit 5.0 %",
        "since": FAILED,
    }
    return Verdict(**(given | changes))


def test_the_title_says_the_finding_in_numbers(view):
    assert title(view("loans")).startswith("No request failed and 95 of 100 were answered within")
    assert title(view("sales")) == "60 requests; errors and latency are not logged"
    bad = replace(view("loans"), verdicts=(verdict(),))
    assert title(bad).startswith("Requests fail more often than the limit allows")
    assert state(bad) is State.CRITICAL


def test_what_is_not_logged_says_which_column_to_name(view):
    assert "latency\\_ms" in why_it_matters(view("sales"))


def test_a_breach_says_since_when_and_where_to_look(view):
    bad = replace(view("loans", FAILED, FAILED.fromordinal(FAILED.toordinal() + 1)), verdicts=(verdict(),))
    assert "since 12 Mar 2024" in why_it_matters(bad)
    assert "Look at" in why_it_matters(bad)


def test_without_a_verdict_nothing_is_called_well(view):
    assert state(view("loans")) is State.NOT_APPLICABLE
    assert why_it_matters(view("loans")) == "No check judged this window."
    unsure = replace(view("loans"), verdicts=(verdict(state=State.HEALTHY, inconclusive=True),))
    assert "Too few requests" in why_it_matters(unsure)


def test_segments_of_the_source_come_first_and_add_up(view):
    rows = view("loans").segments
    assert {row.label for row in rows} == {"app", "branch"}
    assert sum(row.requests for row in rows) == 60
    assert sum(row.share for row in rows) == pytest.approx(1)


def test_a_rate_is_told_in_the_unit_that_reads_best():
    assert [rate(one) for one in (120.0, 2 / 60, 1 / 86_400)] == ["120 a second", "2.00 a minute", "1.00 a day"]


def test_segments_stand_by_their_error_rate_worst_first(view):
    rates = [
        row.error_rate or 0.0 for row in view("loans", FAILED, FAILED.fromordinal(FAILED.toordinal() + 1)).segments
    ]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > rates[-1]


def test_an_error_rate_that_cannot_be_told_from_its_limit_is_not_green(view):
    unsure = verdict(state=State.HEALTHY, raw_state=State.HEALTHY, inconclusive=True)
    shown = next(one for one in tiles(replace(view("loans"), verdicts=(unsure,))) if one.label == "errors")
    assert (shown.note, shown.state) == ("◌ too few to tell", None)
