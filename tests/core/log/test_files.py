import hashlib

import numpy as np
import pytest

from core.errors import BadInputError
from core.log.files import Format, content_hash, open_source, read_chunks
from tests.log_kit import predictions, saved


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_every_format_gives_the_same_rows_under_the_same_numbers(tmp_path, suffix):
    source = open_source(saved(predictions(50), tmp_path / f"f.{suffix}"))
    chunks = list(read_chunks(source, ["id", "carrier"]))
    assert [i for chunk in chunks for i in chunk.columns["id"].to_pylist()] == predictions(50)["id"].to_list()
    assert np.concatenate([chunk.numbers for chunk in chunks]).tolist() == list(range(1, 51))
    assert all(chunk.broken == () for chunk in chunks)
    assert source.columns == tuple(predictions(1).columns)


def test_the_format_goes_by_the_suffix_in_any_case(tmp_path):
    path = saved(predictions(2), tmp_path / "f.parquet")
    path = path.rename(tmp_path / "F.PQ")
    assert open_source(path).format is Format.PARQUET


def test_the_content_hash_is_over_identity_and_bytes_only(tmp_path):
    one, two = saved(predictions(3), tmp_path / "one.csv"), saved(predictions(3), tmp_path / "two.csv")
    identity = ("m", "v", "served")
    assert content_hash(open_source(one), identity) == content_hash(open_source(two), identity)
    assert content_hash(open_source(one), identity) != content_hash(open_source(one), ("m", "v", "shadow"))
    expected = hashlib.sha256(b"m\x00v\x00served" + b"\x00" + one.read_bytes()).hexdigest()
    assert content_hash(open_source(one), identity) == expected


def test_parts_of_the_identity_cannot_run_into_each_other(tmp_path):
    source = open_source(saved(predictions(3), tmp_path / "one.csv"))
    assert content_hash(source, ("ab", "c")) != content_hash(source, ("a", "bc"))


def test_a_file_replaced_while_it_is_read_is_refused(tmp_path):
    path = saved(predictions(3), tmp_path / "f.csv")
    source = open_source(path)
    saved(predictions(4), path)
    with pytest.raises(BadInputError, match="was changed while it was read"):
        list(read_chunks(source, ["id"]))
