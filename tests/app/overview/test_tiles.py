from app.overview.tiles import tiles
from core.states import State
from tests.app.overview.conftest import NONE


def by_label(one):
    return {tile.label: tile for tile in tiles(one)}


def test_four_tiles_tell_value_decisions_change_and_coverage(told):
    found = by_label(told())
    assert list(found) == ["net value", "flights warned", "vs month before", "outcome known"]
    assert (found["net value"].value, found["net value"].note) == ("$212 K", "assumed")
    assert (found["flights warned"].value, found["flights warned"].note) == ("9,000", "31.4 % of flights")
    assert (found["vs month before"].value, found["vs month before"].state) == ("−$18.0 K", State.WARNING)
    assert (found["outcome known"].value, found["outcome known"].note) == ("97.4 %", "no day left out")


def test_without_a_value_model_the_tile_says_who_can_add_it(told):
    tile = by_label(told(worth=None, net=NONE, versus=NONE, change=None))["net value"]
    assert (tile.value, tile.note) == ("–", "◌ ops-ml can add it")


def test_what_is_not_known_yet_is_no_zero(told):
    tile = by_label(told(net=NONE))["net value"]
    assert (tile.value, tile.note) == ("–", "◌ not known yet")
    nothing = by_label(told(coverage=None, decisions=NONE))
    assert nothing["outcome known"].value == nothing["flights warned"].value == "–"


def test_every_tile_explains_its_word(told):
    assert all(len(tile.help) > 40 for tile in tiles(told()))
