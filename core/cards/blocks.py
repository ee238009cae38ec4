"""A card as headings with texts, tables and notes: the one content of its Markdown and its HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.cards.card import DETAILS, EVALUATION, FIELDS, RISKS, TRAINING, USES, Card, CardField
from core.cards.facts import CardFacts

MODEL_EXAMINATION, MONITORING = "Model Examination", "Monitoring"
SECTIONS = (DETAILS, USES, RISKS, TRAINING, EVALUATION, MODEL_EXAMINATION, MONITORING)
MISSING = "Not written yet; the tier of this model asks for it."
UNKNOWN = "Nothing is known yet; the tier of this model asks for it."
STAGED = "This model is a sample: what its record says of people, money and decisions is invented."


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Paragraphs of somebody, as they wrote them."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence of Watchroom itself, or what is missing."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Words | Note | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sub-heading and what stands under it; an empty title stands directly under the heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading of the card and its parts."""

    title: str
    parts: tuple[Part, ...]


def sections(card: Card) -> tuple[Section, ...]:
    """Return the card under its headings; one without anything to say is left out."""
    found = [Section(title=title, parts=(*_written(card, title), *_known(card, title))) for title in SECTIONS]
    return tuple(section for section in found if section.parts)


def _written(card: Card, section: str) -> list[Part]:
    fields = [field for field in FIELDS if field.section == section]
    return [part for field in fields if (part := _part(card, field)) is not None]


def _part(card: Card, field: CardField) -> Part | None:
    if field.code in card.texts:
        return Part(title=field.label, blocks=(Words(text=card.texts[field.code]),))
    missing = field.code in card.completeness.missing
    return Part(title=field.label, blocks=(Note(text=MISSING),)) if missing else None


def _known(card: Card, section: str) -> list[Part]:
    facts = card.facts
    parts: Mapping[str, list[tuple[str, list[Block]]]] = {
        DETAILS: [("Model Description", _details(facts))],
        TRAINING: [("Reference", _reference(facts)), ("Features", _features(facts))],
        EVALUATION: [("Results", _results(facts)), ("Fairness", _fairness(facts))],
        MODEL_EXAMINATION: [("", [Note(text=facts.explanation)] if facts.explanation else [])],
        MONITORING: [("Limits", _limits(facts))],
    }
    codes = {"Reference": "reference", "Results": "results", "Fairness": "fairness", "": "explanation"}
    found = []
    for title, blocks in parts.get(section, []):
        gone = not blocks and codes.get(title) in card.completeness.missing
        kept = [Note(text=UNKNOWN)] if gone else blocks
        found += [Part(title=title, blocks=tuple(kept))] if kept else []
    return found


def _details(facts: CardFacts) -> list[Block]:
    rows = (
        ("Model", facts.model),
        ("Version", facts.version),
        ("Task", facts.task),
        ("Owner", facts.owner),
        ("Risk tier", str(facts.tier)),
        ("Added", f"{facts.added.isoformat()}{' by ' + facts.added_by if facts.added_by else ''}"),
        ("Schema", f"revision {facts.schema_revision}, {len(facts.features)} features"),
        ("Model file (SHA-256)", facts.artifact_sha256 or "not handed in"),
    )
    notes: list[Block] = [Note(text=STAGED)] if facts.staged else []
    return [*notes, Table(header=("What", "Value"), rows=rows)]


def _reference(facts: CardFacts) -> list[Block]:
    if facts.reference_rows is None:
        return []
    rows = (
        ("Rows", f"{facts.reference_rows:,}"),
        ("SHA-256", facts.reference_sha256 or "–"),
        ("Target", facts.target),
        ("Label known after", facts.label_delay),
    )
    return [Table(header=("What", "Value"), rows=rows)]


def _features(facts: CardFacts) -> list[Block]:
    rows = tuple((one.name, one.kind, one.unit, one.meaning, "yes" if one.sensitive else "") for one in facts.features)
    return [Table(header=("Feature", "Kind", "Unit", "Meaning", "Sensitive"), rows=rows)] if rows else []


def _results(facts: CardFacts) -> list[Block]:
    told = [one for one in facts.results if one.value is not None or one.reference is not None]
    rows = tuple(
        (one.name, number(one.reference), number(one.value), interval(one.ci_low, one.ci_high), f"{one.n:,}", one.why)
        for one in told
    )
    header = (
        "Metric",
        "Reference",
        f"Value, {facts.window}" if facts.window else "Value",
        "95 % interval",
        "n",
        "Note",
    )
    return [Table(header=header, rows=rows)] if rows else []


def _fairness(facts: CardFacts) -> list[Block]:
    if not facts.fairness:
        return [Note(text=facts.fairness_why)] if facts.fairness_why else []
    rows = tuple((one.column, one.name, number(one.value), interval(one.ci_low, one.ci_high)) for one in facts.fairness)
    note = Note(text="Distances between groups as they are released: small groups are pooled, and no size is told.")
    return [note, Table(header=("Protected column", "Metric", "Value", "95 % interval"), rows=rows)]


def _limits(facts: CardFacts) -> list[Block]:
    rows = tuple((one.title, number(one.warning), number(one.critical)) for one in facts.limits)
    return [Table(header=("Check", "Warning", "Critical"), rows=rows)] if rows else []


def number(value: float | None) -> str:
    """Return a number as a card shows it.

    >>> number(0.123456), number(None)
    ('0.1235', '–')
    """
    return "–" if value is None else f"{value:.4g}"


def interval(low: float | None, high: float | None) -> str:
    """Return an interval as a card shows it; a dash where there is none."""
    return "–" if low is None or high is None else f"[{number(low)}, {number(high)}]"
