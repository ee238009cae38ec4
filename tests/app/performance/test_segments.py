"""Segments worst first; small groups by name only."""

from app.performance.segments import FEWEST_SHOWN, badness

DAY = "2024-03-15..2024-03-16"


def test_worst_comes_first_whatever_the_metric(demand, tickets):
    errors = [dot.value for dot in demand(DAY).segments["mae"].dots]
    assert errors == sorted(errors, reverse=True)
    shares = [dot.value for dot in tickets(DAY).segments["accuracy"].dots]
    assert shares == sorted(shares)


def test_a_small_group_is_named_and_its_number_is_not_shown(churn, demand):
    for view in (demand(DAY), churn("2024-03-10..2024-03-11")):
        for shown in view.segments.values():
            assert all(dot.n >= FEWEST_SHOWN for dot in shown.dots)
            assert not {dot.name for dot in shown.dots} & set(shown.suppressed)


def test_what_is_not_kept_by_segment_says_so(tickets):
    shown = tickets(DAY).segments["roc_auc_ovr_macro"]
    assert shown.dots == ()
    assert {reason for _, reason in shown.withheld} == {"the scores of the classes are not kept by segment"}


def test_bias_is_bad_on_both_sides():
    assert badness("bias", -3.0) == badness("bias", 3.0) > badness("bias", 1.0)
    assert badness("mae", 2.0) > badness("mae", 1.0)
    assert badness("roc_auc", 0.6) > badness("roc_auc", 0.7)
