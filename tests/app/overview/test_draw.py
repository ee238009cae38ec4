from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Grid

PHONE_CARD = 334
"""Pixels inside a card on a phone of 390."""


def script(one):
    from app.overview import draw

    draw.card(one)


def grids(block):
    found = [block] if isinstance(block, Grid) else []
    inner = [child for child in getattr(block, "children", {}).values() if isinstance(child, Block)]
    return found + [grid for child in inner for grid in grids(child)]


def test_tiles_stand_one_below_the_other_on_a_phone_so_that_no_range_is_cut(told):
    at = AppTest.from_function(script, args=(told(),), default_timeout=30).run()
    assert not at.exception
    found = grids(at.main)
    assert found
    assert all(2 * grid.min_column_width > PHONE_CARD for grid in found)
