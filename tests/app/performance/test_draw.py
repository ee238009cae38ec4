from dataclasses import replace

from app.performance.draw import coloured
from core.windows import Grain


def test_the_colour_is_told_in_the_calendar_of_the_model(demand):
    fact = replace(demand("2024-03-15..2024-03-16").facts["mae"], why="still open since 2016-01-01")
    assert coloured(fact, Grain.YEAR).reason == "still open since 2016"
