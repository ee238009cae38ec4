"""Cells of the inventory: a duty, a broken glass, and what begins like a formula."""

from datetime import date

import pytest

from app import tables
from app.inventory import rows
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


def test_a_model_named_like_a_formula_is_no_formula_in_the_file():
    table = tables.PlotTable(name="inventory", columns={"model": ["=cmd|1"], "release": ["■ glass broken"]})
    assert tables.csv_text(table).splitlines()[1] == "'=cmd|1,■ glass broken"
