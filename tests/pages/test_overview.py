"""The business overview: money and plain words, no command, nothing to change."""

import pytest

from app import words
from core.impact.service import impact_points
from core.selection import MetricQuery
from core.windows import Window, parse_unit
from tests.pages.test_pages import opened


@pytest.fixture
def page(valued, monkeypatch):
    def at(**query):
        return opened(valued.home, "overview", monkeypatch, **query)

    return at


def told(at):
    return " ".join(one.value for one in at.markdown).replace("\\", "").replace(words.JOINER, "")


def test_each_model_is_told_with_its_worth_its_change_and_what_needs_attention(page):
    at = page()
    assert not at.exception
    assert {one.value for one in at.subheader} == {"loans", "sales", "tickets"}
    text = told(at)
    assert "In March 2024 sales was worth $22.9 K more" in text
    assert "assumed values" in text
    assert "measured values" in text
    assert "no value model fits several kinds of outcome yet. Ask its owner, desk-ml." in text
    assert len(at.metric) == 12


def test_the_numbers_are_those_of_the_command_line(page, valued):
    tiles = [one.value for one in page().metric]
    march = Window(*(parse_unit(one, "day") for one in ("2024-03-01", "2024-04-01")))
    for model, currency in (("loans", "EUR"), ("sales", "USD")):
        points = {one.metric: one for one in impact_points(valued, MetricQuery(model=model, window=march)).points}
        assert words.money(points["net_value"].value, currency) in tiles
        assert words.short_count(int(points["decisions"].value)) in tiles


def test_the_period_stands_in_the_url_in_words(page):
    assert "In the week of 25 to 31 Mar 2024 sales" in told(page(period="last full week"))
    assert "What sales was worth on 2 Apr 2024 is not known yet" in told(page(period="last day"))
    assert "In March 2024 sales" in told(page(period="nonsense"))


def test_no_command_is_shown_and_nothing_can_be_changed(page):
    at = page()
    assert not at.code
    assert "watchroom " not in told(at)
    assert {one.label for one in at.button} <= {"Explain this number"}


def test_an_empty_store_is_told_without_a_command(bare_home, monkeypatch):
    at = opened(bare_home, "overview", monkeypatch)
    assert not at.exception
    assert at.title[0].value == "No model is watched yet"
    assert not at.code


def test_a_model_without_a_value_model_says_who_can_add_it(filled_home, monkeypatch):
    at = opened(filled_home, "overview", monkeypatch)
    assert not at.exception
    assert "Its owner, made-up, can say what each outcome is worth" in told(at)
    assert at.title[0].value.startswith("1 of 1 model")


def test_the_words_stand_beside_every_figure(page):
    at = page()
    assert all(tile.help for tile in at.metric)
    assert "staged" in told(at)
