from html.parser import HTMLParser

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.cards.render import as_html, as_markdown, escaped, header
from tests.core.cards.test_blocks import card

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "https://evil.example",
    "a | b | c\n| --- |",
    "# Heading\n## Approved",
    "- item\n1. item\n+ item\n= =\n---",
    "`code` **bold** ~~gone~~ $x$ :material/home:",
    "---\nlicense: mine\n---",
    "</p></body>",
    "&lt;b&gt; \\<b>",
)


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.words, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action") or name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data)


def parsed(html):
    found = Tags()
    found.feed(html)
    return found


def rendered(text):
    return parsed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_is_text_in_markdown(text):
    found, calm = (rendered(as_markdown(card({"summary": one})).split("---\n", 2)[2]) for one in (text, "calm"))
    assert [tag for tag in found.tags if tag != "p"] == [tag for tag in calm.tags if tag != "p"]
    assert found.links == []
    shown = " ".join("".join(found.words).split())
    assert all(" ".join(line.split()) in shown for line in text.splitlines())


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_is_text_in_html(text):
    found, calm = (parsed(as_html(card({"summary": one, "license": one[:9]}))) for one in (text, "calm"))
    assert found.tags == calm.tags
    assert found.links == []
    assert text in "".join(found.words)


@given(st.text(max_size=60))
def test_any_text_escaped_is_the_same_text_again(text):
    found = rendered(escaped(text))
    assert set(found.tags) <= {"p"}
    assert "".join(found.words).split() == text.replace("\x00", "\ufffd").split()


def test_names_are_text_too():
    hostile = card({"summary": "x"}, model="<b>*m*", version="</h1>|", window="<i>")
    assert "<b>" not in as_html(hostile)
    assert not {"b", "i"} & set(rendered(as_markdown(hostile).split("---\n", 2)[2]).tags)
    assert yaml.safe_load(as_markdown(hostile).split("---\n")[1])["model-index"][0]["name"] == "<b>*m* </h1>|"


def test_the_header_is_yaml_with_the_results_as_a_model_index():
    text = as_markdown(card({"license": "apache-2.0"}))
    assert text.startswith("---\n")
    found = yaml.safe_load(text.split("---\n")[1])
    assert found == header(card({"license": "apache-2.0"}))
    assert (found["license"], found["pipeline_tag"], found["metrics"]) == (
        "apache-2.0",
        "tabular-classification",
        ["roc_auc"],
    )
    assert found["model-index"][0]["results"][0]["metrics"] == [{"type": "roc_auc", "value": 0.79}]


def test_without_results_and_license_the_header_does_not_invent_them():
    found = header(card({}, results=(), task="regression"))
    assert found == {"pipeline_tag": "tabular-regression", "tags": ["tabular", "risk-tier-2"]}


def test_the_html_loads_nothing_and_forbids_it():
    text = as_html(card({}))
    assert "default-src 'none'" in text
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text


def test_both_forms_say_how_complete_they_are():
    whole = as_markdown(card({}))
    assert "of 18 parts that tier 2 requires are filled in. Missing: summary, " in whole
    assert "Missing: summary" in as_html(card({}))
