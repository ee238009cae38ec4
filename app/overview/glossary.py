"""The plain words of the business pages, read from the one file that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("glossary.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Glossary:
    """Terms with their meaning; what findings and families of checks mean, and what follows.

    Attributes
    ----------
    terms : mapping of term to meaning; ``{row}`` and ``{rows}`` stand for the model's own words
    sources : mapping of a value's source to the words beside an amount
    findings : mapping of check code to what it says; ``{feature}`` stands for the input
    families : mapping of family to (what it says, what follows)
    """

    terms: Mapping[str, str]
    sources: Mapping[str, str]
    findings: Mapping[str, str]
    families: Mapping[str, tuple[str, str]]

    def meaning(self, term: str, *, row: str = "case", rows: str = "cases") -> str:
        """Return what a term means.

        >>> glossary().meaning("share decided", rows="flights")
        'Of a hundred flights, how many were decided that way.'
        """
        return filled(self.terms[term], row=row, rows=rows)


def filled(text: str, *, row: str, rows: str, feature: str = "an input") -> str:
    """Return `text` with the model's words in their places; braces in those words stay as they are."""
    parts = {"{row}": row, "{rows}": rows, "{feature}": feature}
    pieces, at = [], 0
    while at < len(text):
        found = next((name for name in parts if text.startswith(name, at)), None)
        pieces.append(parts[found] if found else text[at])
        at += len(found) if found else 1
    return "".join(pieces)


@cache
def glossary() -> Glossary:
    """Return the glossary."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return Glossary(
        terms=document["terms"],
        sources=document["sources"],
        findings=document["findings"],
        families={name: (entry["says"], entry["next"]) for name, entry in document["families"].items()},
    )
