"""The model card of a version: what its owner writes, what Watchroom knows, and how complete both are.

The form is Hugging Face's (a YAML header and Markdown under fixed headings), which goes back to Mitchell et al.
Where the owner wrote nothing, the governance record of the model speaks where it says the same thing.

References
----------
Mitchell, M. et al. (2019). Model Cards for Model Reporting. FAT*. doi:10.1145/3287560.3287596
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.cards.facts import CardFacts
from core.inventory.field_types import FieldType, checked_fields, is_empty
from core.log.names import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class CardField:
    """One text that the owner writes; `from_record` is the field of the governance record that may speak for it.

    `section` is the heading it stands under, `required_to` the lowest tier that requires it (0: none).
    """

    code: str
    section: str
    type: FieldType
    label: str
    help: str
    required_to: int
    from_record: str = ""

    @property
    def choices(self) -> Mapping[str, str]:
        """Return the words of a choice: a card has none."""
        return MappingProxyType({})


DETAILS, USES, RISKS, TRAINING, EVALUATION = (
    "Model Details",
    "Uses",
    "Bias, Risks, and Limitations",
    "Training Details",
    "Evaluation",
)
_T = FieldType
_TABLE: tuple[tuple[str, str, FieldType, str, str, int, str], ...] = (
    # code, section, type, label, help, required down to tier, field of the record that may speak for it
    ("summary", DETAILS, _T.TEXT, "Summary", "What it predicts, in two sentences", 4, "description"),
    ("developed_by", DETAILS, _T.LINE, "Developed by", "Person or team", 4, "developer"),
    ("license", DETAILS, _T.LINE, "License", "Identifier such as apache-2.0, or other", 0, ""),
    ("repository", DETAILS, _T.LINE, "Repository", "Where its code stands", 2, "code_reference"),
    ("intended_use", USES, _T.TEXT, "Direct Use", "What it is made for, and for whom", 4, "business_use"),
    ("out_of_scope", USES, _T.TEXT, "Out-of-Scope Use", "What it must not be used for", 3, "prohibited_uses"),
    ("limitations", RISKS, _T.TEXT, "Limitations", "Where it is known to be weak", 3, "limitations"),
    ("ethical_considerations", RISKS, _T.TEXT, "Ethical Considerations", "Whom it may harm, and how", 2, ""),
    ("recommendations", RISKS, _T.TEXT, "Recommendations", "What users should know and do", 1, ""),
    ("training_data", TRAINING, _T.TEXT, "Training Data", "Source, period, selection", 4, "training_data"),
    ("training_procedure", TRAINING, _T.TEXT, "Training Procedure", "Preparation, algorithm, settings", 2, ""),
    ("evaluation_data", EVALUATION, _T.TEXT, "Testing Data", "On which rows it was judged", 3, ""),
    ("evaluation_summary", EVALUATION, _T.TEXT, "Summary", "What the results mean for its use", 2, ""),
    ("contact", DETAILS, _T.LINE, "Contact", "Whom to ask", 3, "owner"),
)
FIELDS = tuple(
    CardField(code=code, section=section, type=kind, label=label, help=told, required_to=tier, from_record=source)
    for code, section, kind, label, told, tier, source in _TABLE
)
"""What the owner writes, in the order in which it is asked for."""

KNOWN: Mapping[str, int] = MappingProxyType(
    {"features": 4, "reference": 4, "results": 3, "limits": 3, "explanation": 2, "fairness": 2}
)
"""What Watchroom fills in, and the lowest tier that requires it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardText:
    """What the owner of a version wrote; `row_version` 0: nothing yet."""

    version_id: int
    document: Mapping[str, Any]
    updated_by: str
    row_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """The share of what a tier requires that is there, and what is missing by its code."""

    share: float
    n_required: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card ready to be written out: texts by code (the owner's or the record's), facts, and its completeness."""

    facts: CardFacts
    texts: Mapping[str, str]
    completeness: Completeness


def checked(given: object, *, where: str = "The card") -> dict[str, Any]:
    """Return what was given in its normal form; None takes a text out.

    Raises
    ------
    BadInputError
        One sentence that names every entry that is unknown or cannot be kept.
    """
    return checked_fields(given, FIELDS, where=where, unknown=lambda code: f"{shown(code)} is not an entry of the card")


def texts(document: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, str]:
    r"""Return every text of a card by code: what the owner wrote, else what the governance record says.

    >>> texts({"contact": "Ana"}, {"owner": "Omar", "developer": "Dana", "prohibited_uses": ["a", "b"]})
    {'developed_by': 'Dana', 'out_of_scope': 'a\nb', 'contact': 'Ana'}
    """
    found = {}
    for field in FIELDS:
        own = document.get(field.code)
        value = record.get(field.from_record) if is_empty(own) else own
        if not is_empty(value):
            found[field.code] = "\n".join(value) if isinstance(value, list | tuple) else str(value)
    return found


def completeness(written: Collection[str], known: Collection[str], tier: int) -> Completeness:
    """Return how much of what a tier requires is there.

    Parameters
    ----------
    written : codes of `FIELDS` that have a text (`texts`)
    known : codes of `KNOWN` that are filled in, or do not apply

    >>> completeness([], KNOWN, 4).missing
    ('summary', 'developed_by', 'intended_use', 'training_data')
    """
    needed = [field.code for field in FIELDS if tier <= field.required_to]
    facts = [code for code, lowest in KNOWN.items() if tier <= lowest]
    missing = [code for code in needed if code not in written] + [code for code in facts if code not in known]
    n_required = len(needed) + len(facts)
    return Completeness(share=1 - len(missing) / n_required, n_required=n_required, missing=tuple(missing))
