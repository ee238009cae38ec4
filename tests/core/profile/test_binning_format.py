from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import CoreError
from core.profile.binning import Binning
from core.profile.binning_format import pack_binning, unpack_binning
from core.profile.kernel import profile


def test_a_binning_comes_back_with_its_id_and_every_field(case):
    binning = case.binning
    again = unpack_binning(pack_binning(binning))
    assert again.id == binning.id
    for field in fields(Binning):
        one, other = getattr(binning, field.name), getattr(again, field.name)
        if field.name == "features":
            assert list(one) == list(other)
        elif isinstance(one, np.ndarray):
            assert one.tobytes() == other.tobytes()
        else:
            assert one == other


def test_every_array_of_the_bins_comes_back(binning):
    again = unpack_binning(pack_binning(binning))
    for name, bins in binning.features.items():
        for field in fields(type(bins)):
            one, other = getattr(bins, field.name), getattr(again.features[name], field.name)
            if isinstance(one, np.ndarray):
                np.testing.assert_array_equal(one, other)
                assert one.dtype == other.dtype
            else:
                assert one == other


def test_a_binning_that_came_back_counts_the_same(case):
    log, binning = case.make(500, 2), case.binning
    again = unpack_binning(pack_binning(binning))
    assert profile(log, binning).ints.tobytes() == profile(log, again).ints.tobytes()
    assert profile(log, binning).floats.tobytes() == profile(log, again).floats.tobytes()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_flipped_byte_is_noticed(binning, place, flip):
    blob = bytearray(pack_binning(binning))
    place = place % len(blob)
    if place in (5, 6, 7):
        return  # unused bytes of the header
    blob[place] ^= flip
    with pytest.raises(CoreError, match=r"^A stored binning is damaged; .*\.$"):
        unpack_binning(bytes(blob))


@pytest.mark.parametrize("length", [0, 5, 16, 200])
def test_a_cut_binning_is_refused(binning, length):
    with pytest.raises(CoreError, match="damaged"):
        unpack_binning(pack_binning(binning)[:length])
