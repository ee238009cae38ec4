"""Cells of the inventory: a duty, a broken glass, and what begins like a formula."""

from datetime import date
from types import SimpleNamespace

import pytest

from app import navigation, tables
from app.inventory import draw, rows
from core.reviews.calendar import Due, Duty
from core.reviews.review import ReviewKind

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("state", "last", "cell"),
    [
        (Due.OVERDUE, None, "■ never"),
        (Due.OVERDUE, DAY, "■ overdue, 1 Mar 2026"),
        (Due.EXCEPTED, DAY, "▲ excepted, 1 Mar 2026"),
        (Due.SOON, DAY, "▲ 1 Mar 2026"),
        (Due.MET, DAY, "1 Mar 2026"),
        (Due.NOT_ASKED, DAY, "–"),
    ],
)
def test_a_validation_says_when_it_is_due_and_whether_that_is_past(state, last, cell):
    duty = Duty(kind=ReviewKind.VALIDATION, last=last, due=DAY, state=state, blocks=False, why="")
    assert rows.validation(duty) == cell
    assert rows.validation(None) == "–"


@pytest.mark.parametrize(
    ("column", "url", "more"),
    [
        ("model", "model", {}),
        ("tier", "model", {"part": "tier"}),
        ("card", "model", {"part": "card"}),
        ("open findings", "findings", {"of": "churn"}),
        ("validation due", "findings", {"of": "churn", "half": "reviews"}),
        ("release", "dossier", {}),
    ],
)
def test_a_click_opens_the_page_of_what_was_clicked(column, url, more):
    row = SimpleNamespace(model="churn", champion="v1", retired=False, release="v2 waits")
    assert draw.destination(row, column) == (url, {"model": "churn", "version": "v1", **more})
    assert url in navigation.urls()


def test_what_no_page_shows_is_not_opened_and_without_a_release_there_is_no_dossier():
    assert draw.destination(SimpleNamespace(champion="", retired=False), "model") is None
    assert draw.destination(SimpleNamespace(champion="v1", retired=True), "model") is None
    bare = SimpleNamespace(model="churn", champion="v1", retired=False, release="")
    assert draw.destination(bare, "release") == ("model", {"model": "churn", "version": "v1"})


def test_a_model_named_like_a_formula_is_no_formula_in_the_file():
    table = tables.PlotTable(name="inventory", columns={"model": ["=cmd|1"], "release": ["■ glass broken"]})
    assert tables.csv_text(table).splitlines()[1] == "'=cmd|1,■ glass broken"
