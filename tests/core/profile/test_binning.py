from dataclasses import FrozenInstanceError, replace

import pytest

from core.profile.binning import SCORE, Segment
from core.profile.binning_format import content, pack_binning, unpack_binning


@pytest.mark.parametrize(
    ("segment", "label"),
    [
        (Segment("carrier", "UA"), "UA"),
        (Segment("carrier", None), "other"),
        (Segment("carrier", None, missing=True), "missing"),
    ],
)
def test_a_segment_is_labelled_for_a_person(segment, label):
    assert segment.label == label


def test_the_columns_are_those_of_features_segments_and_weight_once_each(binning, weighted_binning):
    assert binning.columns == ("f_0001", "f_0002", "f_0003", "c_0001")
    assert weighted_binning.columns == (*binning.columns, "c_0009")
    assert (binning.weighted, weighted_binning.weighted) == (False, True)
    assert list(binning.features)[-1] == SCORE


def test_the_reserved_names_are_no_declared_features(case):
    assert case.binning.declared == ("amount", "hour", "carrier")


def test_the_columns_of_some_features_and_all_the_others_are_the_columns(case):
    binning = case.binning
    named = {column for name in binning.features for column in binning.columns_of([name])}
    rest = binning.columns_of(())
    assert named | set(rest) == set(binning.columns)
    assert {"c_0011", "c_0012", "f_0003", "c_0001"} <= set(rest)
    assert binning.columns_of(["hour", "score"]) == ("f_0002", *binning.class_sources)


def test_a_binning_cannot_be_changed(binning):
    with pytest.raises(FrozenInstanceError):
        binning.threshold = 0.9


def test_a_level_called_other_and_the_rest_of_its_column_have_two_labels(case):
    named = (
        Segment("purpose", "other"),
        Segment("purpose", "other levels"),
        Segment("purpose", "missing"),
        Segment("purpose", None),
        Segment("purpose", None, missing=True),
        Segment("plan", None),
    )
    binning = replace(case.binning, segments=named)
    labels = [segment.label for segment in binning.segments]
    assert labels == ["other", "other levels", "missing", "other levels levels", "missing values", "other"]
    assert unpack_binning(pack_binning(binning)).segments == binning.segments
    assert content(binning) == content(replace(binning, segments=binning.segments))
