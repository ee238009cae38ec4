from dataclasses import FrozenInstanceError

import pytest

from core.profile.binning import SCORE, Segment


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
