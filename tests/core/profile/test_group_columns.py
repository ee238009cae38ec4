import pytest

from core.profile.group_columns import GroupColumn, band_names, kept_controls, kept_pairs


def column(n_levels, name="g"):
    return GroupColumn(name=name, source="c_1", cuts=None, levels=tuple(f"v{i}" for i in range(n_levels)))


def test_groups_are_the_levels_then_other_then_not_stated():
    made = column(2)
    assert made.labels == ("v0", "v1", "other", "not stated")
    assert made.n == 4


def test_a_level_that_is_called_like_a_reserved_group_keeps_its_name():
    made = GroupColumn(name="g", source="c_1", cuts=None, levels=("not stated", "other", "other levels"))
    assert made.labels == ("not stated", "other", "other levels", "other levels levels", "not stated values")
    assert len(set(made.labels)) == made.n


@pytest.mark.parametrize(
    ("cuts", "whole", "names"),
    [
        ((25.0, 40.0, 60.0), True, ("under 25", "25 to 39", "40 to 59", "60 and over")),
        ((25.0, 40.0), False, ("under 25", "25 to under 40", "40 and over")),
        ((25.0, 26.0, 40.5), True, ("under 25", "25", "26 to under 40.5", "40.5 and over")),
        ((-10.0, 0.0), True, ("under -10", "-10 to -1", "0 and over")),
    ],
)
def test_bands_are_named_as_a_person_reads_them(cuts, whole, names):
    assert band_names(cuts, whole=whole) == names


def test_two_columns_are_counted_together_up_to_400_pairs_of_groups():
    columns = (column(18, "a"), column(18, "b"), column(19, "c"))
    assert kept_pairs(columns) == ((0, 1),)
    assert kept_pairs(columns[:1]) == ()


def test_a_column_is_counted_by_segment_up_to_4000_pairs():
    assert kept_controls((column(18), column(19)), 200) == (0,)
    assert kept_controls((column(3),), 0) == ()
