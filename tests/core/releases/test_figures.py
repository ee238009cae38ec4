"""Figures of a dossier."""

from core import figures as look
from core.releases.display import ChangeDot, CurvePair, SharePair
from core.releases.figures import MOST_END, change_dots, curve_overlay, importance_shift


def dot(metric: str, share: float, outcome: str, half: float = 0.2) -> ChangeDot:
    return ChangeDot(metric=metric, share=share, low=share - half, high=share + half, outcome=outcome, n=900)


def test_each_metric_has_its_dot_its_interval_and_the_colour_of_its_outcome():
    drawn = change_dots([dot("accuracy", 1.5, "fail"), dot("f1", -0.4, "pass")], ["accuracy", "F1"])
    marks = drawn.data[-1]
    assert (marks.x, marks.y) == ((1.5, -0.4), ("accuracy", "F1"))
    assert marks.marker.color == (look.CRITICAL, look.HEALTHY)
    assert [trace.x for trace in drawn.data[:-1]] == [(1.3, 1.7), (-0.6000000000000001, -0.2)]
    assert marks.customdata[0] == "150% of the limit [130% to 170%], n = 900"


def test_the_limit_and_no_change_are_always_seen_and_one_wild_metric_is_cut():
    calm = change_dots([dot("f1", 0.1, "pass", 0.01)], ["F1"])
    assert calm.layout.xaxis.range[0] < 0
    assert calm.layout.xaxis.range[1] > 1
    wild = change_dots([dot("f1", 40.0, "fail")], ["F1"])
    assert wild.layout.xaxis.range[1] < 2 * MOST_END
    assert wild.data[-1].x == (MOST_END,)
    assert "4000% of the limit" in wild.data[-1].customdata[0]


def test_a_name_is_drawn_as_it_is():
    drawn = change_dots([dot("f1", 0.1, "pass")], ["<b>f1</b>"])
    assert drawn.data[-1].y == ("&lt;b&gt;f1&lt;/b&gt;",)


def test_both_curves_stand_in_one_plot_and_chance_behind():
    pair = CurvePair(kind="roc", champion=((0, 0), (1, 1)), challenger=((0, 0), (0.4, 0.9), (1, 1)))
    drawn = curve_overlay(pair, ("v1 (champion)", "v2 (challenger)"))
    assert [trace.name for trace in drawn.data] == [None, "v1 (champion)", "v2 (challenger)"]
    assert drawn.data[2].y == (0, 0.9, 1)
    assert {drawn.data[1].line.color, drawn.data[2].line.color} == {look.CURRENT, look.CHALLENGER}


def test_precision_and_recall_have_no_diagonal_and_a_version_without_points_no_line():
    drawn = curve_overlay(CurvePair(kind="pr", champion=(), challenger=((0, 1), (1, 0.4))), ("v1", "v2"))
    assert [trace.name for trace in drawn.data] == ["v2"]


def test_a_feature_that_one_version_does_not_know_has_one_dot():
    pairs = [
        SharePair(feature="income", champion=0.7, challenger=0.4),
        SharePair(feature="weekend", champion=None, challenger=0.1),
    ]
    drawn = importance_shift(pairs, ("v1", "v2"))
    traces = {trace.name: trace for trace in drawn.data if trace.name}
    assert traces["v1"].x == (0.7, None)
    assert traces["v2"].x == (0.4, 0.1)
    assert sum(trace.mode == "lines" for trace in drawn.data) == 1
    alone = importance_shift([pairs[1]], ("v1", "v2"))
    assert [trace.name for trace in alone.data] == ["v2"]
