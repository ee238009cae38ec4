import numpy as np
import pyarrow as pa

from core.log.chunks import BrokenRow, Chunk


def test_a_chunk_keeps_the_rows_numbers_and_those_that_could_not_be_read():
    broken = BrokenRow(number=3, text="{", why="is not JSON")
    chunk = Chunk(columns={"a": pa.array([1, 2])}, numbers=np.array([1, 2]), broken=(broken,))
    assert chunk.broken[0].number not in chunk.numbers
    assert dict(chunk.absent) == {}
