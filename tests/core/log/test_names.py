import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log.names import MAX_NAME, name_fault, same_name, shown


@pytest.mark.parametrize(
    "name",
    [
        "temp °F",
        "Robert'); DROP TABLE students;--",
        "🙈",
        "الطقس",
        "a b",
        "../etc/passwd",
        "x" * MAX_NAME,
        "👩‍🚀",
        "👩🏽‍🚀",
        "❤️",
        "می‌خواهم",
        "क्‍ष",
    ],
)
def test_whatever_is_readable_is_a_name(name):
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is empty"),
        (" \t", "is empty"),
        ("x" * (MAX_NAME + 1), "has 201 characters, more than 200"),
        ("a\nb", "holds an invisible control character"),
        ("a\x7fb", "holds an invisible control character"),
        ("a\x85b", "holds an invisible control character"),
        ("a\ud800b", "holds an invisible control character"),
        ("invoice\u202egpj.exe", "holds an invisible control character"),
        (" a", "begins or ends with a space"),
        ("a\u200bb", "holds a character that cannot be seen (U+200B); take it out"),
        ("a\u00adb", "holds a character that cannot be seen (U+00AD); take it out"),
        ("\ufeffab", "holds a character that cannot be seen (U+FEFF); take it out"),
        ("ab\u2060", "holds a character that cannot be seen (U+2060); take it out"),
        ("a\u200eb", "holds a character that cannot be seen (U+200E); take it out"),
        ("a\u200fb", "holds a character that cannot be seen (U+200F); take it out"),
        ("a\u200db", "holds a character that cannot be seen (U+200D); take it out"),
        ("a\u200cb", "holds a character that cannot be seen (U+200C); take it out"),
        ("a\u3164b", "holds a character that cannot be seen (U+3164); take it out"),
        ("a\ufe0fb", "holds a character that cannot be seen (U+FE0F); take it out"),
        ("a\u00a0b", "holds a character that cannot be seen (U+00A0); take it out"),
        ("a\U000e0061", "holds a character that cannot be seen (U+E0061); take it out"),
        ("a\u00a0", "begins or ends with a space"),
    ],
)
def test_what_cannot_be_seen_is_no_name(name, fault):
    assert name_fault(name) == fault


def test_a_value_is_shown_quoted_cut_and_on_one_line():
    assert shown("late") == "'late'"
    assert shown(2.5) == "'2.5'"
    assert shown("x" * 61) == "'" + "x" * 60 + "…'"
    assert shown("x" * 60) == "'" + "x" * 60 + "'"
    assert shown("a\r\nb\u202ec\ud800\u2028") == r"'a\r\nb\u202ec\ud800\u2028'"


@given(st.text(st.characters()))
def test_whatever_is_shown_can_be_printed(text):
    said = shown(text)
    assert said.isprintable()
    said.encode("utf-8")


def test_two_spellings_of_one_letter_are_the_same_name():
    assert same_name("e\u0301") == same_name("\u00e9") == "\u00e9"
    assert same_name("E") != same_name("e")
    assert same_name("\ufb01") != same_name("fi")  # a ligature looks different and stays different


@given(st.text())
def test_the_same_form_of_the_same_form_is_itself(name):
    assert same_name(same_name(name)) == same_name(name)
