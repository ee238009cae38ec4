from types import SimpleNamespace

import pytest

from core.errors import BadInputError
from core.profile.binning import Segment
from core.profile.segments import chosen_segments
from core.selection import Slice

BINNING = SimpleNamespace(
    segments=(
        Segment("plan", "basic"),
        Segment("plan", None),
        Segment("plan", None, missing=True),
        Segment("region", "north"),
    )
)


def test_one_value_is_found_with_its_place():
    assert chosen_segments(BINNING, Slice(column="region", level="north")) == ((Segment("region", "north"), 3),)


def test_a_column_without_a_value_means_all_of_its_values_with_other_and_missing():
    found = chosen_segments(BINNING, Slice(column="plan"))
    assert [(segment.label, place) for segment, place in found] == [("basic", 0), ("other", 1), ("missing", 2)]


def test_an_unknown_column_or_value_is_refused_with_what_there_is():
    with pytest.raises(BadInputError, match="segments: plan, region"):
        chosen_segments(BINNING, Slice(column="carrier"))
    with pytest.raises(BadInputError, match="basic, other, missing"):
        chosen_segments(BINNING, Slice(column="plan", level="gold"))
