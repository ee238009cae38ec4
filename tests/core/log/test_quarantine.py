import numpy as np
import pyarrow as pa

from core.log.chunks import BrokenRow, Chunk
from core.log.outcomes import QuarantinedRow
from core.log.quarantine import IN_FULL, Tally, add_broken, add_row, add_unreadable, listed, shown_value, total
from core.log.rows import Broken


def row(number, column="a", rule="r"):
    return QuarantinedRow(row=number, column=column, rule=rule, value="v", fix="f")


def test_rows_come_back_in_the_order_of_the_file():
    tally: Tally = {}
    for number, column in ((5, "b"), (2, "a"), (3, "b")):
        add_row(tally, row(number, column))
    assert [one.row for one in listed(tally)] == [2, 3, 5]
    assert total(tally) == 3


def test_beyond_the_first_of_a_kind_only_their_number_is_kept():
    tally: Tally = {}
    chunk = Chunk(columns={"a": pa.array(["x"] * 3_000)}, numbers=np.arange(1, 3_001))
    for start in (0, 700, 2_000):
        positions = np.arange(start, {0: 700, 700: 2_000, 2_000: 3_000}[start])
        add_broken(tally, chunk, Broken(positions=positions, column="a", rule="r", fix="f"))
    add_row(tally, row(1, rule="other"))
    kept = listed(tally)
    assert total(tally) == 3_001
    assert len(kept) == IN_FULL + 2
    assert (kept[-1].row, kept[-1].count, kept[-1].rule) == (None, 3_000 - IN_FULL, "r")


def test_an_unreadable_row_says_why_and_shows_its_text():
    tally: Tally = {}
    add_unreadable(tally, [BrokenRow(number=7, text="x" * 500, why="has 1 values where the header has 3")])
    (one,) = listed(tally)
    assert (one.row, one.column, one.rule) == (7, "", "row_broken")
    assert "has 1 values where the header has 3" in one.fix
    assert len(one.value) <= 201


def test_values_are_shown_on_one_printable_line():
    assert shown_value(None) == ""
    assert shown_value("a\nb") == "a\\nb"
    assert shown_value(1.5) == "1.5"
