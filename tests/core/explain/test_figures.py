import numpy as np

from core.explain import figures
from core.explain.beeswarm import swarms
from core.explain.dependence import Dependence
from core.explain.global_importance import importance
from core.explain.waterfall import waterfall
from core.explain.withheld import Bar

VALUES = np.random.default_rng(0).normal(size=(40, 2)) * [2.0, 1.0]


def test_bars_have_the_largest_on_top_with_their_interval():
    drawn = figures.importance_bars(importance(("a", "b<b>"), VALUES), unit="log-odds")
    bar = drawn.data[0]
    assert list(bar.y) == ["b&lt;b&gt;", "a"]
    assert all(one > 0 for one in bar.error_x.array)
    assert all(low <= value + 1e-12 for low, value in zip(bar.error_x.arrayminus, bar.x, strict=True))


def test_every_dot_is_drawn_once_and_those_without_a_colour_are_grey():
    shown = VALUES.copy()
    shown[:5, 0] = np.nan
    drawn = figures.beeswarm_dots(swarms(("a", "b"), VALUES, shown, coloured=(True, False)), unit="log-odds")
    assert sum(len(one.x) for one in drawn.data) == 80
    assert sorted(len(one.x) for one in drawn.data) == [5, 35, 40]


def test_dependence_names_both_ends_of_its_colours_and_levels_on_the_axis():
    shown = Dependence(
        feature="plan",
        unit="",
        levels=("basic", "max"),
        shown=(0.0, 1.0, float("nan")),
        values=(0.1, 0.2, 0.3),
        partner="age",
        shades=(0.0, 1.0, 0.5),
        partner_ends=("20 years", "70 years"),
    )
    drawn = figures.dependence_dots(shown, unit="log-odds")
    assert list(drawn.layout.xaxis.ticktext) == ["basic", "max"]
    assert sum(len(one.x) for one in drawn.data) == 2
    assert "age 20 years" in drawn.layout.annotations[0].text


def test_a_waterfall_draws_each_step_between_base_and_margin():
    steps = waterfall((Bar(features=("a",), phi=2.0), Bar(features=("b",), phi=-0.5)), {"a": 1.0}, base=1.0)
    drawn = figures.waterfall_steps(steps, unit="log-odds", base=1.0, margin=2.5)
    assert [list(one.x) for one in drawn.data] == [[2.0], [-0.5]]
    assert [note.text for note in drawn.layout.annotations] == ["base +1", "this row +2.5"]


def test_a_withheld_step_shows_no_value():
    steps = waterfall((Bar(features=("sex", "a"), phi=2.0, withheld=True),), {"sex": "F"}, base=0.0)
    drawn = figures.waterfall_steps(steps, unit="log-odds", base=0.0, margin=2.0)
    assert list(drawn.data[0].y) == ["withheld"]
    assert "F" not in str(drawn.data[0].customdata)


def test_the_shift_of_importance_draws_both_sides():
    drawn = figures.importance_shift([figures.Shift(feature="a", before=0.4, now=0.6)])
    assert [one.name for one in drawn.data if one.name] == ["reference", "window"]


def test_what_stands_beside_the_steps_of_a_waterfall_has_room_on_a_narrow_screen():
    steps = waterfall((Bar(features=("a",), phi=2.0), Bar(features=("b",), phi=-0.5)), {"a": 1.0}, base=1.0)
    drawn = figures.waterfall_steps(steps, unit="log-odds", base=1.0, margin=2.5)
    low = drawn.layout.xaxis.range[0]
    ends = [end for one in steps for end in (one.start, one.end)]
    assert min(ends) - low >= 0.4 * (max(ends) - min(ends))
    base, row = drawn.layout.annotations
    assert (base.xanchor, row.xanchor) == ("left", "right")  # both inwards, one above the other
    assert row.yshift > base.yshift
