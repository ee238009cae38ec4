import bz2
import pickle
from collections import OrderedDict

import joblib
import numpy as np
import pytest

from core.explain.pickled import HEAD, MANY, PACKED_HEAD, joblib_words, pickle_words


class Named:
    """A model of one's own."""


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "kept",
    [[1], {"a": 1}, (1, 2), "words", 5, 2**80, None, 1.5, b"bytes", OrderedDict(a=1), np.eye(2), Named(), Named, len],
    ids=lambda kept: type(kept).__name__,
)
def test_whatever_is_pickled_is_told_in_every_protocol(kept, protocol):
    assert pickle_words(pickle.dumps(kept, protocol=protocol)) == "a pickle"


@pytest.mark.parametrize("protocol", [0, 1])
def test_a_pickle_that_is_longer_than_what_is_looked_at_is_told(protocol):
    content = pickle.dumps({"weights": list(np.linspace(0, 1, 20_000).tolist())}, protocol=protocol)
    assert len(content) > HEAD
    assert pickle_words(content[:HEAD]) == "a pickle"


@pytest.mark.parametrize("protocol", [0, 1])
def test_a_joblib_file_of_an_old_protocol_with_an_array_in_its_midst_is_told(tmp_path, protocol):
    joblib.dump(np.arange(1_000.0), tmp_path / "m", protocol=protocol)
    assert pickle_words((tmp_path / "m").read_bytes()) == "a joblib file (a pickle)"


def test_a_packed_file_whose_first_block_is_large_is_told():
    content = bz2.compress(pickle.dumps(np.random.default_rng(0).normal(size=300_000), protocol=1))
    assert joblib_words(content[:HEAD]) is None  # the first block is not whole
    assert joblib_words(content[:PACKED_HEAD]) == "a joblib file (a pickle packed with bz2)"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"N. B.",  # an instruction, an end, and more
        b"class Model:\n    pass\n",
        b"carrier\nAA\nDL\n",  # reads as something to import, and nothing follows
        b"tree\nversion=v4\n",
        b'{"learner": {}}',
        b"{L\x00\x00",
        b"\x08\x07\x12\x08skl2onnx",
        b"PK\x03\x04\\q\n",
        b"\x93NUMPY\x01\x00",
        b"t" * HEAD,  # takes from an empty stack
        b"V1\n" * MANY,  # leaves more than one thing
    ],
)
def test_what_is_no_pickle_is_not_called_one(content):
    assert pickle_words(content) is None
    assert joblib_words(content) is None


def test_packed_bytes_that_are_damaged_or_no_pickle_are_not_called_one():
    assert joblib_words(b"BZh91AY&SY" + bytes(40)) is None
    assert joblib_words(bz2.compress(b"tree\nversion=v4\n")) is None
