import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInputError
from core.log import json_files


def rows(path, names, size=1_000):
    chunks = list(json_files.chunks(path, tuple(names), size))
    values = [row for c in chunks for row in pa.table(c.columns).to_pylist()]
    return values, [int(n) for c in chunks for n in c.numbers], [broken for c in chunks for broken in c.broken]


def test_numbers_keep_every_digit_as_text(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"a": 12345678901234567890, "b": 0.10}\n{"a": true, "b": null}\n{"b": "x"}\n')
    values, numbers, broken = rows(tmp_path / "f.jsonl", ("a", "b"))
    assert values == [{"a": "12345678901234567890", "b": "0.10"}, {"a": "true", "b": None}, {"a": None, "b": "x"}]
    assert (numbers, broken) == ([1, 2, 3], [])


def test_broken_lines_keep_their_numbers_and_the_others_are_read(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"a": 1}\n{oops\n\n[1]\n{"a": {"b": 1}}\n{"a": 1, "a": 2}\n{"a": 2}\n')
    values, numbers, broken = rows(tmp_path / "f.jsonl", ("a",), size=1)
    assert ([v["a"] for v in values], numbers) == (["1", "2"], [1, 6])
    assert [row.number for row in broken] == [2, 3, 4, 5]
    assert [row.why.split(" (")[0] for row in broken] == [
        "is not JSON",
        'is not an object such as {"id": "a"}',
        "holds a nested value in 'a'",
        "names a column twice",
    ]


def test_a_nested_value_that_nobody_asked_for_does_not_matter(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"a": 1, "meta": {"b": [1]}}\n')
    assert rows(tmp_path / "f.jsonl", ("a",))[0] == [{"a": "1"}]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[1]\n", "is not an object"),
        (b"a: 1\n", "is not JSON"),
        (b"\n \n", "no rows"),
        ('{"a": "ü"}\n'.encode("latin-1"), "not UTF-8"),
        (b'{"a": 1}' * 1_100_000, "a line of more than"),
    ],
)
def test_what_is_not_json_lines_is_refused(tmp_path, content, says):
    (tmp_path / "f.jsonl").write_bytes(content)
    with pytest.raises(BadInputError, match=says):
        json_files.column_names(tmp_path / "f.jsonl")


@given(
    st.lists(st.text(max_size=5).filter(lambda t: t.isascii() or t.encode("utf-8", "ignore").decode() == t), max_size=5)
)
def test_text_comes_through_unchanged(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("json") / "f.jsonl"
    path.write_text("".join(json.dumps({"a": text}) + "\n" for text in texts), encoding="utf-8")
    assert [row["a"] for row in rows(path, ("a",))[0]] == texts


def test_a_line_nested_beyond_all_measure_is_a_broken_row_wherever_it_stands(tmp_path):
    deep = "[" * 200_000
    (tmp_path / "f.jsonl").write_text(f'{{"a": 1}}\n{deep}\n{{"a": 2}}\n')
    values, numbers, broken = rows(tmp_path / "f.jsonl", ("a",))
    assert ([v["a"] for v in values], numbers) == (["1", "2"], [1, 3])
    assert [(row.number, row.why) for row in broken] == [(2, "is nested too deeply")]
    (tmp_path / "f.jsonl").write_text(f'{deep}\n{{"a": 1}}\n')
    assert json_files.column_names(tmp_path / "f.jsonl") == ("a",)
    (tmp_path / "f.jsonl").write_text(deep)
    with pytest.raises(BadInputError, match="its first line is nested too deeply"):
        json_files.column_names(tmp_path / "f.jsonl")


def test_columns_that_only_later_lines_name_are_known(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"a": 1}\n{"b": 2, "a": 1}\n' + '{"a": 1}\n' * 1_000 + '{"late": 1}\n')
    assert json_files.column_names(tmp_path / "f.jsonl") == ("a", "b")


def test_a_missing_key_is_told_from_a_null(tmp_path):
    (tmp_path / "f.jsonl").write_text('{"a": null}\n{"b": 1}\n')
    (chunk,) = json_files.chunks(tmp_path / "f.jsonl", ("a",), 10)
    assert chunk.columns["a"].to_pylist() == [None, None]
    assert chunk.absent["a"].tolist() == [False, True]
