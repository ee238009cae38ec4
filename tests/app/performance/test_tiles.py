"""Tiles of the Performance page."""

from app.performance import tiles
from core.states import State

DAY = "2024-03-15..2024-03-16"


def test_a_breach_has_its_colour_and_a_fall_is_never_green(demand, churn):
    worst = tiles.performance(demand(DAY))[0]
    assert (worst.label, worst.state) == ("mean absolute error", State.CRITICAL)
    assert worst.note.startswith("■ +")
    for tile in tiles.performance(churn("2024-03-10..2024-03-11")):
        assert tile.state is None


def test_each_task_has_its_own_tiles_with_coverage_and_false_alarms(churn, demand, tickets):
    labels = [[tile.label for tile in tiles.performance(view)] for view in (churn("1d"), demand(DAY), tickets(DAY))]
    assert [one[0] for one in labels] == ["ROC AUC", "mean absolute error", "macro F1"]
    assert all(one[-2:] == ["label coverage", "false alarms"] for one in labels)


def test_without_actuals_a_tile_says_that_the_number_is_not_known(churn):
    first = tiles.performance(churn("1d"))[0]
    assert (first.value, first.note) == ("–", "◌ not known")
    assert "no actuals yet" in first.help.replace("\\", "")
