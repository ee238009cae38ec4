import numpy as np

from core.explain.beeswarm import HALF_WIDTH, MOST_DOTS, shade, spread, swarms


def test_dots_of_a_full_cell_take_turns_and_stay_within_their_line():
    offsets = spread(np.zeros(5), ends=(0.0, 1.0))
    assert sorted(offsets.tolist()) == [-0.4, -0.2, 0.0, 0.2, 0.4]
    assert np.abs(offsets).max() <= HALF_WIDTH


def test_dots_alone_lie_on_the_line():
    assert spread(np.array([0.0, 0.5, 1.0]), ends=(0.0, 1.0)).tolist() == [0.0, 0.0, 0.0]


def test_shades_run_from_the_5_to_the_95_percent_quantile():
    found = shade(np.arange(101, dtype=float))
    assert (found[0], found[50], found[100]) == (0.0, 0.5, 1.0)
    assert found[5] == 0.0
    assert found[95] == 1.0


def test_all_missing_values_have_no_shade():
    assert np.isnan(shade(np.array([np.nan, np.nan]))).all()


def test_a_value_that_is_nearly_constant_is_shaded_by_its_ends():
    assert shade(np.array([0.0] * 99 + [1.0]))[-1] == 1.0


def test_at_most_500_seeded_rows_are_drawn_and_withheld_features_have_no_colour():
    values = np.random.default_rng(0).normal(size=(800, 2))
    first = swarms(("a", "b"), values, values, coloured=(True, False), seed=3)
    again = swarms(("a", "b"), values, values, coloured=(True, False), seed=3)
    assert [len(one.values) for one in first] == [MOST_DOTS, MOST_DOTS]
    assert first == again
    assert (len(first[0].shades), first[1].shades) == (MOST_DOTS, ())


def test_no_rows_are_no_dots():
    assert swarms(("a",), np.zeros((0, 1)), np.zeros((0, 1)), coloured=(True,))[0].values == ()
