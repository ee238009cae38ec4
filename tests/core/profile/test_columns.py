import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from core.profile.columns import coded_chunks, codes_of, level_counts, number_text, numeric_column, small_ints


def test_null_and_nan_are_told_apart_by_the_number_of_nulls():
    rows = pa.table({"a": pa.chunked_array([[1.0, None], [float("nan"), 3.0]])})
    values, n_null = numeric_column(rows, "a")
    assert n_null == 1
    np.testing.assert_array_equal(values, [1, np.nan, np.nan, 3])


def test_a_slice_of_a_column_is_read_from_its_own_start():
    rows = pa.table({"a": [0.0, 1.0, 2.0, 3.0], "i": pa.array([0, 1, None, 1], pa.int8())}).slice(1, 2)
    assert numeric_column(rows, "a")[0].tolist() == [1, 2]
    assert small_ints(rows, "i", 2).tolist() == [1, 2]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.float32(), pa.bool_()])
def test_other_number_types_are_read_as_float64(kind):
    values, n_null = numeric_column(pa.table({"a": pa.array([1, None, 0], pa.int64()).cast(kind)}), "a")
    assert n_null == 1
    np.testing.assert_array_equal(values, [1, np.nan, 0])


def test_absent_columns_are_all_null():
    rows = pa.table({"a": [1.0, 2.0]})
    assert numeric_column(rows, "b")[1] == 2
    assert small_ints(rows, "b", 2).tolist() == [2, 2]
    assert codes_of(coded_chunks(rows, "b"), lambda text: 0, 9).tolist() == [9, 9]
    assert level_counts(rows, "b") == {}


def test_a_text_has_one_code_over_chunks_with_different_dictionaries():
    column = pa.chunked_array(
        [pa.array(["x", None, "y"]).dictionary_encode(), pa.array(["y", "z"]).dictionary_encode()]
    )
    chunks = coded_chunks(pa.table({"c": column}), "c")
    assert codes_of(chunks, "xyz".index, 9).tolist() == [0, 9, 1, 1, 2]
    assert level_counts(pa.table({"c": column}), "c") == {"x": 1, "y": 2, "z": 1}


def test_a_null_inside_a_dictionary_is_missing():
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array([None, "a"]))
    assert codes_of(coded_chunks(pa.table({"c": column}), "c"), lambda text: 0, 9).tolist() == [9, 0, 9]


def test_numbers_become_segment_texts_without_decimals():
    column = pa.table({"c": [3.0, 2.5, None, float("nan")]})
    assert level_counts(column, "c") == {"3": 1, "2.5": 1}
    assert number_text(True) == "true"


def test_a_table_without_rows_has_no_values():
    rows = pa.table({"a": pa.array([], pa.float64()), "c": pa.array([], pa.string())})
    assert numeric_column(rows, "a")[0].size == 0
    assert small_ints(rows, "a", 2).size == 0
    assert codes_of(coded_chunks(rows, "c"), lambda text: 0, 9).size == 0


def test_reading_and_counting_a_file_does_not_import_pandas(tmp_path, rows):
    import pyarrow.parquet as pq

    pq.write_table(rows(500), tmp_path / "day.parquet")
    program = """
import sys
import pyarrow as pa, pyarrow.parquet as pq
from core.profile.kernel import profile
from core.profile.make_binning import make_binning
from core.profile.plan import Plan
from core.profile.packed import pack, unpack
with pq.ParquetFile(sys.argv[1], read_dictionary=["f_0003"]) as file:
    rows = pa.Table.from_batches(list(file.iter_batches()))
plan = Plan(kinds={"a": "numeric", "c": "categorical"}, sources={"a": "f_0001", "c": "f_0003"}, segments=("c",))
made = profile(rows, make_binning(rows, plan))
unpack(pack(made.ints, made.floats))
heavy = {"pandas", "sklearn", "shap"} & set(sys.modules)
sys.exit(f"imported {heavy}" if heavy else 0)
"""
    call = [sys.executable, "-c", program, tmp_path / "day.parquet"]
    ran = subprocess.run(call, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
