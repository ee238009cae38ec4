"""A card as Markdown with a YAML header, and as one HTML file that loads nothing.

Whatever somebody wrote is escaped for the form it stands in: it is text, never markup.
"""

import re
from html import escape
from typing import Any

from core.cards.blocks import Block, Note, Section, Table, Words, sections
from core.cards.card import Card
from core.log.plain_yaml import write_yaml

PIPELINES = {
    "binary": "tabular-classification",
    "multiclass": "tabular-classification",
    "regression": "tabular-regression",
}
_MARKS = re.compile(r"([\\`*_\[\]<>|~$&!#]|:(?=[\w/])|(?<=www)\.|^[-+=]|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s))")
"""Marks wherever they stand, what makes a link or an icon of a word, and what begins a list or a heading."""
_STYLE = """
:root { color-scheme: light dark; --line: #d5d9e0; --dim: #5b6472; }
@media (prefers-color-scheme: dark) { :root { --line: #3a414d; --dim: #9aa4b2; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
p, td, th, dd { overflow-wrap: anywhere; } p { white-space: pre-line; }
.note { color: var(--dim); font-style: italic; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
"""


def as_markdown(card: Card) -> str:
    """Return the card in Hugging Face's form: metadata in YAML between two lines of dashes, then Markdown."""
    lines = ["---", write_yaml(header(card)).rstrip("\n"), "---", "", f"# Model Card for {_title(card, escaped)}", ""]
    lines += [f"*{_completeness(card)}*", ""]
    for section in sections(card):
        lines += [f"## {section.title}", ""]
        for part in section.parts:
            lines += [f"### {part.title}", ""] if part.title else []
            for block in part.blocks:
                lines += [*_markdown(block), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def as_html(card: Card) -> str:
    """Return the card as one HTML file: no script, nothing from elsewhere, and a policy that forbids both."""
    title = f"Model Card for {_title(card, escape)}"
    body = "".join(_html_section(section) for section in sections(card))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="note">{escape(_completeness(card))}</p>\n{body}</body>\n</html>\n'
    )


def header(card: Card) -> dict[str, Any]:
    """Return the metadata of the card: license, task, tags, and the results as Hugging Face's ``model-index``."""
    facts = card.facts
    values = [(one.metric, one.value) for one in facts.results if one.value is not None]
    found: dict[str, Any] = {"license": card.texts["license"]} if "license" in card.texts else {}
    found |= {"pipeline_tag": PIPELINES[facts.task], "tags": ["tabular", f"risk-tier-{facts.tier}"]}
    if values:
        result = {
            "task": {"type": PIPELINES[facts.task]},
            "dataset": {"name": f"log of {facts.model}, {facts.window}", "type": "tabular"},
            "metrics": [{"type": name, "value": float(f"{value:.6g}")} for name, value in values],
        }
        found |= {"metrics": [name for name, _ in values], "model-index": [{"name": _name(card), "results": [result]}]}
    return found


def escaped(text: str) -> str:
    r"""Return text so that Markdown shows it as it is, in one line: no markup, link, image or HTML.

    >>> print(escaped("![x](y) <b>"))
    \!\[x\](y) \<b\>
    """
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _name(card: Card) -> str:
    return f"{card.facts.model} {card.facts.version}"


def _title(card: Card, escape_text: Any) -> str:
    return str(escape_text(_name(card)))


def _completeness(card: Card) -> str:
    found = card.completeness
    told = f"{found.n_required - len(found.missing)} of {found.n_required} parts that tier {card.facts.tier} requires"
    return f"{told} are filled in." + (f" Missing: {', '.join(found.missing)}." if found.missing else "")


def _markdown(block: Block) -> list[str]:
    match block:
        case Words():
            paragraphs = [line for line in block.text.splitlines() if line.strip()]
            return [line for text in paragraphs for line in (escaped(text), "")][:-1]
        case Note():
            return [f"*{escaped(block.text)}*"]
        case Table():
            head, rule = _row(block.header), "|" + " --- |" * len(block.header)
            return [head, rule, *(_row(row) for row in block.rows)]


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def _html_section(section: Section) -> str:
    parts = "".join(
        (f"<h3>{escape(part.title)}</h3>\n" if part.title else "") + "".join(_html(block) for block in part.blocks)
        for part in section.parts
    )
    return f"<h2>{escape(section.title)}</h2>\n{parts}"


def _html(block: Block) -> str:
    match block:
        case Words():
            return f"<p>{escape(block.text)}</p>\n"
        case Note():
            return f'<p class="note">{escape(block.text)}</p>\n'
        case Table():
            head = "".join(f"<th>{escape(cell)}</th>" for cell in block.header)
            rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>\n" for row in block.rows)
            return f'<div class="wide"><table>\n<tr>{head}</tr>\n{rows}</table></div>\n'
