import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInputError
from core.log import parquet_files


def test_rows_come_in_chunks_whatever_the_row_groups_are(tmp_path):
    pq.write_table(pa.table({"a": np.arange(1_000), "b": ["x"] * 1_000}), tmp_path / "f.parquet", row_group_size=300)
    chunks = list(parquet_files.chunks(tmp_path / "f.parquet", ("a",), 128))
    assert np.concatenate([chunk.columns["a"].to_numpy() for chunk in chunks]).tolist() == list(range(1_000))
    assert np.concatenate([chunk.numbers for chunk in chunks]).tolist() == list(range(1, 1_001))
    assert max(len(chunk.numbers) for chunk in chunks) <= 128


def test_repeated_text_is_read_as_codes_and_ids_are_not(tmp_path):
    rows = pa.table({"id": [f"a long identifier {i}" for i in range(5_000)], "level": ["some level"] * 5_000})
    pq.write_table(rows, tmp_path / "f.parquet")
    (chunk,) = parquet_files.chunks(tmp_path / "f.parquet", ("id", "level"), 10_000)
    assert pa.types.is_dictionary(chunk.columns["level"].type)
    assert pa.types.is_string(chunk.columns["id"].type)


def test_a_long_text_behind_few_codes_is_not_unfolded(tmp_path):
    rows = pa.table({"id": pa.DictionaryArray.from_arrays(np.zeros(50_000, dtype=np.int32), ["x" * 100_000])})
    pq.write_table(rows, tmp_path / "f.parquet", store_schema=False)
    before = pa.total_allocated_bytes()
    (chunk,) = parquet_files.chunks(tmp_path / "f.parquet", ("id",), 100_000)
    assert len(chunk.numbers) == 50_000
    assert pa.total_allocated_bytes() - before < 10_000_000


def test_a_file_beyond_the_limit_of_values_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "MAX_CELLS", 100)
    pq.write_table(pa.table({"a": np.arange(51), "b": np.arange(51)}), tmp_path / "f.parquet")
    with pytest.raises(BadInputError, match="51 rows × 2 columns, more than 100 values; split it"):
        parquet_files.column_names(tmp_path / "f.parquet")


def test_too_many_row_groups_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_files, "MAX_ROW_GROUPS", 2)
    pq.write_table(pa.table({"a": np.arange(6)}), tmp_path / "f.parquet", row_group_size=2)
    with pytest.raises(BadInputError, match="3 row groups"):
        parquet_files.column_names(tmp_path / "f.parquet")


def test_a_file_that_packs_well_but_is_small_is_no_bomb(tmp_path):
    pq.write_table(pa.table({"a": np.zeros(1_000_000)}), tmp_path / "f.parquet", compression="zstd")
    assert parquet_files.column_names(tmp_path / "f.parquet") == ("a",)


def test_only_the_columns_asked_for_must_be_plain(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": [[1]]}), tmp_path / "f.parquet")
    assert len(list(parquet_files.chunks(tmp_path / "f.parquet", ("a",), 10))) == 1
    with pytest.raises(BadInputError, match="'b' is nested"):
        list(parquet_files.chunks(tmp_path / "f.parquet", ("a", "b"), 10))
