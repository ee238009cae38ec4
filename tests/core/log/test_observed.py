from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInputError
from core.log.files import open_source
from core.log.observed import MAX_CELLS, MAX_ROWS, observe


def seen(path):
    columns, left_out = observe(open_source(path))
    return {column.name: column for column in columns}, left_out


def parquet(folder, **columns):
    pq.write_table(pa.table(columns), folder / "log.parquet")
    return folder / "log.parquet"


def csv(folder, text):
    (folder / "log.csv").write_text(text, encoding="utf-8")
    return folder / "log.csv"


def test_values_are_counted_once_each_without_the_missing_ones(tmp_path):
    columns, left_out = seen(csv(tmp_path, "a,b\n1,x\nNA,x\n1,\n2,y\n"))
    assert dict(zip(columns["a"].values.to_pylist(), columns["a"].counts.tolist(), strict=True)) == {"1": 2, "2": 1}
    assert (columns["a"].rows, columns["a"].distinct, columns["a"].missing_share) == (4, 2, 0.25)
    assert (columns["b"].distinct, columns["b"].missing_share) == (2, 0.25)
    assert left_out == {}


def test_shares_are_of_the_rows_with_a_value(tmp_path):
    columns, _ = seen(csv(tmp_path, "n,t\n1,2013-07-19\n1,soon\n1,2013-07-19\nx,\n"))
    assert columns["n"].number_share == 0.75
    assert columns["n"].numbers.tolist() == [1.0]
    assert columns["t"].time_share == pytest.approx(2 / 3)
    assert columns["n"].is_text


def test_nan_is_missing_and_infinity_a_number(tmp_path):
    columns, _ = seen(parquet(tmp_path, a=pa.array([1.0, float("nan"), None, float("inf")])))
    assert columns["a"].numbers.tolist() == [1.0, np.inf]
    assert columns["a"].missing_share == 0.5


@pytest.mark.parametrize(
    ("column", "number_share", "time_share"),
    [
        (pa.array([1, 2]), 1.0, 0.0),
        (pa.array([True, False]), 1.0, 0.0),
        (pa.array([Decimal("1.5"), None]), 1.0, 0.0),
        (pa.array([0, 1], pa.timestamp("us", "UTC")), 0.0, 1.0),
        (pa.array([0, 1], pa.date32()), 0.0, 1.0),
        (pa.array(["a", "b"]), 0.0, 0.0),
        (pa.array(["a", "b"]).dictionary_encode(), 0.0, 0.0),
        (pa.nulls(2), 0.0, 0.0),
        (pa.array([2**53, 2**53 + 1]), 0.5, 0.0),
    ],
)
def test_every_plain_type_is_seen(tmp_path, column, number_share, time_share):
    columns, _ = seen(parquet(tmp_path, a=column))
    assert (columns["a"].number_share, columns["a"].time_share) == (number_share, time_share)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prediction_id", ("prediction", "id")),
        ("predictionId", ("prediction", "id")),
        ("requestID", ("request", "id")),
        ("IDNumber", ("id", "number")),
        ("y_true", ("y", "true")),
        ("Score 2", ("score",)),
    ],
)
def test_names_fall_into_words(tmp_path, name, words):
    columns, _ = seen(parquet(tmp_path, **{name: pa.array([1])}))
    assert columns[name].words == words


def test_columns_that_cannot_be_read_or_named_are_told_apart(tmp_path):
    path = parquet(tmp_path, a=pa.array([1]), b=pa.array([[1]]), c=pa.array([b"x"]), **{" d": pa.array([1])})
    columns, left_out = seen(path)
    assert list(columns) == ["a"]
    assert left_out[" d"] == "has a name that begins or ends with a space"
    assert left_out["b"].startswith("is of type 'list<")
    assert left_out["c"] == "is of type 'binary'"


def test_no_more_than_the_first_rows_are_read_and_fewer_of_a_wide_file(tmp_path):
    columns, _ = seen(parquet(tmp_path, a=pa.array(range(MAX_ROWS + 7))))
    assert (columns["a"].rows, columns["a"].distinct) == (MAX_ROWS, MAX_ROWS)
    width, n = 500, MAX_CELLS // 500 + 7
    wide, _ = seen(parquet(tmp_path, **{f"f{i}": pa.array(np.ones(n)) for i in range(width)}))
    assert wide["f0"].rows == MAX_CELLS // width


def test_broken_rows_are_passed_over(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"a": 1}\nnot JSON\n{"a": 2}\n')
    columns, _ = seen(path)
    assert columns["a"].rows == 2


def test_a_file_without_a_readable_row_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"a": [1]}\n{"a": [2]}\n')
    with pytest.raises(BadInputError, match=r"no row to guess from \(its row 1 holds a nested value in 'a'\)"):
        seen(path)


def test_a_file_without_a_usable_column_is_refused(tmp_path):
    with pytest.raises(BadInputError, match=r"no row to guess from \(no column is usable\)"):
        seen(parquet(tmp_path, a=pa.array([[1]])))


def test_a_damaged_file_is_refused(tmp_path):
    path = parquet(tmp_path, a=pa.array(range(10_000)))
    whole = bytearray(path.read_bytes())
    whole[100:20_000] = bytes(19_900)
    path.write_bytes(bytes(whole))
    with pytest.raises(BadInputError, match="damaged Parquet file"):
        seen(path)
