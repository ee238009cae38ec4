from dataclasses import replace
from html.parser import HTMLParser

from app.overview.take_away import page_html
from tests.app.overview.conftest import STORY

HOSTILE = '<script>alert("x")</script>&<img src=http://evil.example/x.png onerror=1>'


class Reader(HTMLParser):
    """Collects tags, attributes and the text that a person reads."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *one) for one in attrs]

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


def test_the_page_holds_date_coverage_assumptions_and_glossary(view):
    text = " ".join(read(page_html(view())).text)
    for part in (
        "as of 2 Nov 2013, 12:00 UTC",
        "97.4 %",
        "rightly decided 120 USD per flight",
        "assumed values",
        "28,000",
    ):
        assert part in text
    assert "What the words mean" in text
    assert "if no flight had been warned" in text
    assert "abc123" in text


def test_the_page_runs_nothing_and_asks_nobody(view):
    page = read(
        page_html(view(replace(STORY, model=HOSTILE, owner=HOSTILE, words=dict.fromkeys(STORY.words, HOSTILE))))
    )
    assert not {"script", "img", "link", "iframe", "object", "form", "a"} & set(page.tags)
    assert not [one for one in page.attributes if one[1] in ("src", "href", "onerror", "action", "background")]
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert HOSTILE in " ".join(page.text)


def test_a_staged_model_says_so_and_the_same_view_gives_the_same_bytes(view):
    staged = view(replace(STORY, staged=True))
    assert "staged sample, invented data" in page_html(staged)
    assert page_html(staged) == page_html(staged)


def test_models_that_are_not_told_are_named(view):
    assert "Not on this page: b and c." in page_html(replace(view(), others=("b", "c")))
