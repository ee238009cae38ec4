"""From the Fleet to the cause in at most four clicks: features, segments, rows, why, and who is hurt.

A click is a navigation, a row or a control. Two findings are followed: the worst week of the real flights, and the
staged incident of credit-risk. The header's selection and the filter of the rows must come along.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.watched import PATIENCE, Watched

POLL = 250
MOST_CLICKS = 4
WORK = 120_000
"""Milliseconds that a page's long work may take on a busy machine."""

ROW_HEIGHT = 32
COLUMNS = {"perf": 634}
"""Pixels from the left edge of the Fleet's table to the middle of a column, at 1440 pixels."""

HEADER = ("model", "version", "window", "reference", "segment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An incident, how the Performance page names its window, and what must be found."""

    model: str
    link: str
    window: str
    title: str
    segment: str
    columns: frozenset[str]


FLIGHTS = Finding(
    model="flight-delay",
    link="22 to 28 Apr 2013",
    window="2013-04-22..2013-04-29",
    title="Critical in this window: log loss",
    segment="the usual log loss",
    columns=frozenset({"pressure", "precip"}),
)
CREDIT = Finding(
    model="credit-risk",
    link="2 to 15 Dec 2013",
    window="2013-12-02..2013-12-16",
    title="in purpose = business",
    segment="purpose = business and channel = broker",
    columns=frozenset({"purpose", "channel"}),
)
FINDINGS = [pytest.param(FLIGHTS, id="flights"), pytest.param(CREDIT, id="credit")]


class Walk:
    """A person on the Fleet, whose clicks are counted and whose selection must not be lost."""

    def __init__(self, seen: Watched, address: str) -> None:
        self.seen, self.page, self.clicks = seen, seen.page, 0
        self.header: dict[str, str] = {}
        seen.open(f"{address}/")

    def cell(self, row: str, column: str) -> None:
        """Click the middle of a cell; the table is a canvas with its text in a table that nobody sees."""
        canvas = self.page.locator("[data-testid=stDataFrame] canvas").first
        names = canvas.locator("tbody tr td[aria-colindex='2']")
        expect(names.first).to_be_attached(timeout=PATIENCE)
        place = next(at for at, text in enumerate(names.all_text_contents()) if text.split(" ")[0] == row)
        box = canvas.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + COLUMNS[column], box["y"] + ROW_HEIGHT * (place + 1) + ROW_HEIGHT / 2)
        self.clicks += 1

    def link(self, name: str) -> None:
        """Click a link, which must keep what the header says."""
        self._click(self.page.get_by_role("link", name=re.compile(re.escape(name))).last)
        self.kept()

    def _click(self, target: Locator) -> None:
        target.click(timeout=PATIENCE)
        self.clicks += 1

    def arrived(self, url: str, title: str | re.Pattern[str], *, timeout: int = PATIENCE) -> None:
        """Wait for a page and for the finding in its title: long work is waited for on the page itself."""
        expect(self.page).to_have_url(re.compile(rf":\d+/{url}\?"), timeout=PATIENCE)
        expect(self.page.locator("h1")).to_contain_text(title, timeout=timeout)
        self.seen.settled()
        self.kept()

    def kept(self) -> None:
        """Hold that the URL says of the header what it said; a page writes its URL a moment after its title."""
        for _ in range(PATIENCE // POLL):
            said = self.said()
            if all(said[name] == value for name, value in self.header.items() if name in said):
                return
            self.page.wait_for_timeout(POLL)
        assert self.said() == self.header

    def said(self) -> dict[str, str]:
        """Return what the URL says of header and filter."""
        query = parse_qs(urlsplit(self.page.url).query)
        return {name: query[name][0] for name in (*HEADER, "where") if name in query}

    def columns(self) -> set[str]:
        """Return the columns that the filter of the rows names; a page writes its URL a moment after its title."""
        expect(self.page).to_have_url(re.compile("[?&]where="), timeout=PATIENCE)
        return {condition["column"] for condition in json.loads(self.said()["where"])}


@pytest.fixture
def walk(chromium: Browser, working: str) -> Iterator[Callable[[Finding], Walk]]:
    """Return a function that walks from the Fleet to the window of a finding: two clicks."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    seen = Watched(context.new_page())

    def to_window(finding: Finding) -> Walk:
        one = Walk(seen, working)
        one.cell(finding.model, "perf")
        one.arrived("performance", "ROC AUC")
        one.link(finding.link)
        expect(one.page).to_have_url(re.compile(re.escape(f"window={finding.window}")), timeout=PATIENCE)
        one.arrived("performance", finding.title)
        one.header = {name: one.said()[name] for name in HEADER}
        assert one.header | {"model": finding.model, "window": finding.window} == one.header
        return one

    yield to_window
    context.close()
    assert seen.wrong == []


def to_segments(one: Walk, finding: Finding) -> None:
    one.link("Where → Segments")
    one.arrived("segments", finding.segment, timeout=WORK)
    assert one.columns() == finding.columns


@pytest.mark.parametrize("finding", FINDINGS)
def test_which_features_move_the_scores_is_reached(finding, walk):
    one = walk(finding)
    one.link("Why → Explain")
    one.arrived("explain", "the scores most", timeout=WORK)
    expect(one.page.get_by_text("moves a score by")).to_be_visible(timeout=PATIENCE)
    assert one.clicks <= MOST_CLICKS


@pytest.mark.parametrize("finding", FINDINGS)
def test_which_segment_is_worst_is_reached_and_what_moves_its_scores_by_one_click_more(finding, walk):
    one = walk(finding)
    to_segments(one, finding)
    first = one.page.locator("[data-testid=stDataFrame] canvas").first.locator("tbody tr").first
    assert all(name in first.inner_text() for name in finding.columns)
    one.link("Why → Explain")
    one.arrived("explain", "the scores most", timeout=WORK)
    assert one.columns() == finding.columns
    assert all(name in one.page.get_by_text("Only ").first.inner_text() for name in finding.columns)
    assert one.clicks <= MOST_CLICKS


@pytest.mark.parametrize("finding", FINDINGS)
def test_which_rows_are_behind_it_and_why_they_scored_so_is_reached(finding, walk):
    one = walk(finding)
    to_segments(one, finding)
    one.link("Which rows → Explain")
    expect(one.page.get_by_text("the scores furthest from what came true")).to_be_visible(timeout=WORK)
    expect(one.page.get_by_text("Main reasons, from the numbers")).to_be_visible(timeout=WORK)
    one.arrived("explain", "the scores most")
    rows = one.page.locator("[data-testid=stDataFrame] canvas").first.locator("tbody tr")
    expect(rows).to_have_count(5)
    explained = rows.first.locator("td").first.inner_text()
    expect(one.page.locator("h3").filter(has_text=explained)).to_be_visible(timeout=PATIENCE)
    expect(one.page.get_by_text(re.compile("(raised|lowered) the score by")).first).to_be_visible(timeout=PATIENCE)
    expect(one.page.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE)
    assert explained in one.page.url
    assert one.columns() == finding.columns
    assert one.clicks <= MOST_CLICKS


def test_whether_a_protected_group_is_hurt_is_reached_with_the_filter_kept(walk):
    one = walk(CREDIT)
    to_segments(one, CREDIT)
    one.link("Who is hurt → Fairness")
    one.arrived("fairness", re.compile(r"flagged in|selection rates"))
    expect(one.page.get_by_text("Rates of the groups with their 95 % intervals").first).to_be_visible(timeout=PATIENCE)
    expect(one.page.get_by_text("is kept for the way back and not applied here")).to_be_visible(timeout=PATIENCE)
    assert one.columns() == CREDIT.columns
    assert one.clicks <= MOST_CLICKS


def test_a_model_without_a_protected_column_says_so(walk):
    one = walk(FLIGHTS)
    one.link("Who is hurt → Fairness")
    one.arrived("fairness", "Fairness is not shown for this model")
    expect(one.page.get_by_text("No protected column is declared")).to_be_visible(timeout=PATIENCE)
    assert one.clicks <= MOST_CLICKS
