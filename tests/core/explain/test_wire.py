import pyarrow as pa
import pytest

from core.explain import wire


def test_a_table_survives_its_frame():
    sent = wire.rows(pa.table({"a": [1.0, None]}))
    kind, length = wire.header(sent[: wire.HEADER.size])
    assert kind == wire.ROWS
    assert wire.read_rows(sent[wire.HEADER.size :][:length]).to_pydict() == {"a": [1.0, None]}


def test_a_frame_that_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="a frame of"):
        wire.header(wire.HEADER.pack(b"R", wire.LARGEST_FRAME + 1))


@pytest.mark.parametrize("content", [b"", b"nothing", bytes(200)])
def test_bytes_that_are_no_table_are_refused(content):
    with pytest.raises(ValueError, match="no Arrow table"):
        wire.read_rows(content)
