import pytest

from core.plain_text import text_fault


@pytest.mark.parametrize("text", ["", "one\ntwo\t3", "<script>x</script>", "'; DROP", "naïve 数 🙂", "=cmd|"])
def test_whatever_shows_is_kept(text):
    assert text_fault(text, longest=100) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\x00b", "invisible control"),
        ("a\x1bb", "invisible control"),
        ("a\u202eb", "invisible control"),
        ("a\u2028b", "invisible control"),
        ("a\ud800b", "invisible control"),
        ("\u200b\u200b", "nothing that can be seen"),
        (" \u3164\u2800", "nothing that can be seen"),
        ("x" * 101, "has 101 characters, more than 100"),
    ],
)
def test_what_does_not_show_or_is_too_long_is_refused(text, words):
    assert words in text_fault(text, longest=100)


def test_a_line_is_one_line():
    assert text_fault("a\nb", longest=9, lines=False) == "must be one line"
    assert text_fault("a\tb", longest=9, lines=False) == "must be one line"
