"""Tables behind plots: nothing in them runs in a spreadsheet."""

import csv
import io

import pytest

from app.tables import PlotTable, cell, csv_text
from app.words import JOINER


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(text):
    table = PlotTable(name="t", columns={text: [text]})
    rows = list(csv.reader(io.StringIO(csv_text(table), newline="")))
    assert [one for row in rows for one in row if not one.startswith("'")] == []
    assert cell(text) == f"{JOINER}{text}"


def test_numbers_and_plain_texts_stay_as_they_are():
    table = PlotTable(name="t", columns={"a": [-1, 2.5, None, True], "b": ["x=1", "a, b", 'c"d', "−3.1 %"]})
    rows = list(csv.reader(io.StringIO(csv_text(table), newline="")))
    assert rows == [["a", "b"], ["-1", "x=1"], ["2.5", "a, b"], ["", 'c"d'], ["True", "−3.1 %"]]
    assert [cell(value) for value in table.columns["a"]] == [-1, 2.5, None, True]
