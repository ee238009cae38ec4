import random

import pyarrow as pa
import pytest

from core.errors import BadInputError
from core.log import csv_files


def rows(path, names=("a",), size=1_000):
    chunks = list(csv_files.chunks(path, tuple(names), size))
    values = [tuple(row[n] for n in names) for c in chunks for row in pa.table(c.columns).to_pylist()]
    numbers = [int(n) for c in chunks for n in c.numbers]
    return values, numbers, [broken for c in chunks for broken in c.broken]


def test_every_value_is_text_and_only_an_unquoted_nothing_is_missing(tmp_path):
    (tmp_path / "f.csv").write_text('a,b\n1,NA\n,x\n"",null\n007,1e5\n')
    values, numbers, broken = rows(tmp_path / "f.csv", ("a", "b"))
    assert values == [("1", "NA"), (None, "x"), ("", "null"), ("007", "1e5")]
    assert (numbers, broken) == ([1, 2, 3, 4], [])


def test_rows_keep_their_numbers_across_broken_rows_and_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "_BLOCK", 4_096)
    rng = random.Random(3)
    lines, bad = ["a,b"], set()
    for number in range(1, 5_001):
        if rng.random() < 0.01:
            bad.add(number)
            lines.append("x" if rng.random() < 0.5 else "1,2,3")
        else:
            lines.append(f"{number},y")
    (tmp_path / "f.csv").write_text("\n".join(lines))
    values, numbers, broken = rows(tmp_path / "f.csv")
    assert [int(value) for (value,) in values] == numbers
    assert {row.number for row in broken} == bad
    assert "values where the header has 2" in broken[0].why


def test_a_value_may_hold_separators_quotes_and_line_breaks(tmp_path):
    (tmp_path / "f.csv").write_text('a,b\r\n"x,""y""\r\nz",1\r\nw,2\r\n', newline="")
    values, _, broken = rows(tmp_path / "f.csv", ("a", "b"))
    assert values == [('x,"y"\r\nz', "1"), ("w", "2")]
    assert broken == []


def test_a_loose_quote_that_swallows_whole_rows_is_refused(tmp_path):
    (tmp_path / "f.csv").write_text('a,b\n1,"x\n2,y\n3,"z\n4,w\n')
    with pytest.raises(BadInputError, match="neither begins nor ends a value"):
        rows(tmp_path / "f.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a;b\n1;2\n", "semicolons"),
        ("a\tb\n1\t2\n", "tabs"),
        ("a|b\n1|2\n", "bars"),
        ("a,,b\n1,2,3\n", "without a name"),
        ("a,b\n", "no rows"),
        ("a,b", "no rows"),
        ("\na,b\n1,2", "empty first line"),
    ],
)
def test_headers_that_cannot_be_right_are_refused(tmp_path, text, says):
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(BadInputError, match=says):
        csv_files.column_names(tmp_path / "f.csv")


def test_old_macintosh_lines_are_read(tmp_path):
    (tmp_path / "f.csv").write_bytes(b"a,b\r1,2\r3,4\r")
    assert csv_files.column_names(tmp_path / "f.csv") == ("a", "b")
    assert rows(tmp_path / "f.csv")[0] == [("1",), ("3",)]


def test_one_column_needs_no_separator(tmp_path):
    (tmp_path / "f.csv").write_text("a\n1\n")
    assert csv_files.column_names(tmp_path / "f.csv") == ("a",)
    assert rows(tmp_path / "f.csv")[0] == [("1",)]


@pytest.mark.parametrize("header", ['a,"b\nc"\n1,2\n', 'a,"b\r\nc"\n1,2\n', 'a,"b\n1,2\n'])
def test_a_name_with_a_line_break_in_the_header_is_refused(tmp_path, header):
    (tmp_path / "f.csv").write_bytes(header.encode())
    with pytest.raises(BadInputError, match="a column name with a line break or an open quotation mark in its header"):
        csv_files.column_names(tmp_path / "f.csv")
