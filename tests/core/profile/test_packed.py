import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import CoreError
from core.profile.packed import HEADER, pack, unpack, unpack_all

INTS = arrays(np.int64, st.integers(0, 200), elements=st.integers(-(2**63), 2**63 - 1))
FLOATS = arrays(np.float64, st.integers(0, 200), elements=st.floats(allow_nan=False))


@settings(max_examples=100, deadline=None)
@given(INTS, FLOATS)
def test_what_was_packed_comes_back_exactly(ints, floats):
    again_ints, again_floats = unpack(pack(ints, floats))
    assert again_ints.tobytes() == ints.tobytes()
    assert np.array_equal(again_floats, floats)


def test_the_same_vectors_give_the_same_bytes():
    ints, floats = np.arange(1000), np.linspace(0, 1, 50)
    assert pack(ints, floats) == pack(ints.copy(), floats.copy())
    assert pack(ints, np.array([0.0])) == pack(ints, np.array([-0.0]))


def test_small_counts_take_a_fraction_of_a_byte_each():
    counts = np.random.default_rng(0).poisson(2, 10_000)
    assert len(pack(counts, np.empty(0))) < 4_000


def test_a_stack_is_opened_at_once():
    blobs = [pack(np.arange(5) * k, np.full(2, k / 3)) for k in (1, 300, 70_000)]
    ints, floats = unpack_all(blobs)
    assert ints.tolist() == [[0, 1, 2, 3, 4], [0, 300, 600, 900, 1200], [0, 70000, 140000, 210000, 280000]]
    assert floats[:, 0].tolist() == [1 / 3, 100.0, 70_000 / 3]


def test_no_profiles_are_an_empty_stack():
    ints, floats = unpack_all([])
    assert (ints.shape, floats.shape) == ((0, 0), (0, 0))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_flipped_byte_is_noticed(place, flip):
    blob = bytearray(pack(np.arange(300), np.linspace(0, 1, 30)))
    place = place % len(blob)
    if place in (6, 7):
        return  # two unused bytes of the header
    blob[place] ^= flip
    with pytest.raises(CoreError):
        unpack(bytes(blob))


@pytest.mark.parametrize("length", [0, 3, HEADER.size, HEADER.size + 1, 100])
def test_a_cut_profile_is_refused_in_one_sentence(length):
    blob = pack(np.arange(3000) ** 2, np.linspace(0, 1, 30))
    with pytest.raises(CoreError, match=r"^A stored profile is damaged; .*\.$"):
        unpack(blob[:length])


def test_a_newer_format_is_refused():
    blob = bytearray(pack(np.arange(3), np.empty(0)))
    blob[4] = 9
    with pytest.raises(CoreError, match="format 9"):
        unpack(bytes(blob))


def test_profiles_of_different_lengths_are_not_stacked():
    with pytest.raises(CoreError, match="different lengths"):
        unpack_all([pack(np.arange(3), np.empty(0)), pack(np.arange(4), np.empty(0))])
