import io

import pytest

from core.explain.protobuf import is_onnx

WHOLE = b"\x08\x0a" + b"\x3a\x02\x0a\x00" + b"\x12\x01x"


def test_a_version_and_a_graph_make_a_model_and_the_stream_is_rewound():
    stream = io.BytesIO(WHOLE)
    assert is_onnx(stream)
    assert stream.tell() == 0


@pytest.mark.parametrize(
    "content",
    [WHOLE[:-1], b"\x08\x0a", b"\x3a\x00", b"\x08" + b"\xff" * 12, b"\x0b\x01", b"\x9a\x06\x00", b"text of a person"],
)
def test_anything_else_is_no_onnx_model(content):
    assert not is_onnx(io.BytesIO(content))
