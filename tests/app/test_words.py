"""Numbers as people read them, and the escape of user text."""

import doctest
from datetime import UTC, date, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app import choices, words
from core.states import State
from core.windows import Grain, Window

HOSTILE = (
    "*bold* _it_ `code` ~~gone~~",
    "$x^2$ and $$y$$",
    ":red[alarm] :material/home: :smile: :streamlit:",
    "[link](http://evil.example) ![img](http://evil.example/x.png)",
    "<b>html</b> <script>alert(1)</script> &amp;",
    "# heading",
    "1. list",
    "- item",
    "www.evil.example and a@evil.example",
    "a -> b <- c -- d >= e",
    "| a | b |",
    "back\\slash \\*",
)


def test_examples_of_the_docstrings_hold():
    for module in (words, choices):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 3


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_keeps_every_character_and_breaks_every_mark(text):
    escaped = words.plain(text)
    assert escaped.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\").replace(words.JOINER, "") == text
    for mark in "*_`[]<>$~#|":
        assert escaped.count(mark) == escaped.count(f"\\{mark}")


def test_text_of_several_lines_stays_in_one():
    assert "\n" not in words.plain("a\n\n# b\r\nc\u2028d")


def test_urls_emoji_and_directives_are_split_where_a_backslash_does_not_reach():
    for text in ("http://x", ":smile:", ":red[x]", "a@b.c"):
        assert words.JOINER in words.plain(text)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (words.percent(0.1), "10.0 %"),
        (words.percent(None), "–"),
        (words.percent(-0.031), "−3.1 %"),
        (words.two(0.345), "0.34"),
        (words.two(-0.001), "0.00"),
        (words.three(0.8105), "0.810"),
        (words.interval(None, 0.3), "–"),
        (words.interval(-0.01, 0.04), "−0.01 to 0.04"),
        (words.short_count(999), "999"),
        (words.short_count(9_999), "9,999"),
        (words.short_count(10_000), "10.0 K"),
        (words.short_count(2_500_000_000), "2.50 B"),
        (words.rate(None), "–"),
        (words.rate(0.0), "0.00"),
        (words.p_value(None), "–"),
        (words.plural(1_000, "batch", "batches"), "1,000 batches"),
        (words.enumerate_names([]), ""),
        (words.enumerate_names(["a", "b"]), "a and b"),
        (words.ago(timedelta(seconds=20)), "now"),
        (words.ago(timedelta(minutes=5)), "5 min ago"),
        (words.ago(timedelta(days=31)), "31 d ago"),
    ],
)
def test_numbers_are_written_as_the_rules_of_the_screens_say(shown, expected):
    assert shown == expected


def test_no_number_is_written_with_an_exponent_or_eight_digits():
    for value in (1e-12, 0.123456789, 1234.56789, 1e9):
        for text in (words.two(value), words.three(value), words.percent(value), words.short_count(int(value))):
            assert "e" not in text
            assert sum(sign.isdigit() for sign in text.split(".")[-1]) <= 4


def test_moments_carry_their_zone_and_windows_their_last_day():
    assert words.moment(datetime(2013, 12, 31, 17, 4, tzinfo=UTC)).endswith("UTC")
    assert words.window(Window(date(2013, 12, 28), date(2014, 1, 4)), Grain.DAY) == "28 Dec 2013 to 3 Jan 2014"
    assert words.window(Window(date(2013, 11, 28), date(2013, 12, 4)), Grain.DAY) == "28 Nov to 3 Dec 2013"
    assert words.window(Window(date(2013, 1, 1), date(2013, 4, 1)), Grain.MONTH) == "Jan 2013 to Mar 2013"
    assert words.window(Window(date(1970, 1, 8), date(1970, 1, 9)), Grain.BATCH) == "slice 7"
    assert words.window(Window(date(1970, 1, 8), date(1970, 1, 13)), Grain.BATCH) == "slices 7 to 11"
    assert words.window(Window(date(2016, 1, 1), date(2019, 1, 1)), Grain.YEAR) == "2016 to 2018"


def test_every_state_has_its_own_shape_word_and_colour():
    assert len({words.state(state) for state in State}) == len(State)
    assert len({words.GLYPHS[state] for state in State}) == len(State)
    assert len({words.COLOURS[state] for state in State}) == len(State)
    assert words.badge(State.CRITICAL) == ":red-badge[■ critical]"


def test_streamlit_takes_escaped_text_as_it_is():
    def script(text):
        import streamlit as st

        from app import words

        st.title(words.plain(text))

    at = AppTest.from_function(script, args=(HOSTILE[0],)).run()
    assert not at.exception
    assert at.title[0].value == words.plain(HOSTILE[0])


def test_a_unit_is_told_in_the_calendar_of_its_model():
    assert words.unit(date(1970, 1, 22), Grain.BATCH) == "slice 21"
    assert words.unit(date(2016, 1, 1), Grain.YEAR, year=False) == "2016"
    assert words.unit(date(2013, 11, 4), Grain.DAY, year=False) == "4 Nov"
