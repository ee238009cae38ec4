"""The fields of a model's governance record, as one table, and what may stand in each.

`required_to` is the lowest tier (largest number) that requires a field: 4 means every tier, 2 means the tiers 1
and 2, 0 none. What Watchroom knows itself (`DERIVED`) is worked out and never asked. An entry that does not exist is
written as the word ``none``: an empty text or list says nothing, and counts as missing.

The names follow the model-inventory practice of banks (SR 11-7, now SR 26-2) and the EU AI Act's Annex IV.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.errors import BadInputError
from core.inventory.field_types import FieldType, checked_fields, is_empty
from core.inventory.field_words import AI_ACT, AUTOMATION, COMPLEXITY, DATA_DOUBT, HARM, MODEL_TYPE, PURPOSE, STATUS
from core.log.names import shown

TIERS = (1, 2, 3, 4)
PROPOSED = "proposed"


class Group(StrEnum):
    """The parts of a record, in the order in which they are shown."""

    IDENTITY = "identity"
    PURPOSE = "purpose"
    PEOPLE = "people"
    RISK = "risk"
    DATA = "data"
    ASSURANCE = "assurance"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: what it is called, what may stand in it, who may write it, and which tiers require it.

    Attributes
    ----------
    editors : tuple of str
        Roles; one of them is needed.
    required_to : int
        The lowest tier that requires it; 0: none.
    choices : mapping of word to its meaning; empty but for `FieldType.CHOICE`
    """

    code: str
    group: Group
    type: FieldType
    label: str
    help: str
    editors: tuple[str, ...]
    required_to: int = 0
    choices: Mapping[str, str]


_BUILDERS = ("engineer", "owner", "administrator")
_OWNERS = ("owner", "administrator")
_SECOND = ("validator", "administrator")
_BOTH = ("owner", "validator", "administrator")
_ALL = ("engineer", "owner", "validator", "administrator")
_G, _T = Group, FieldType
_Entry = tuple[str, Group, FieldType, str, str, tuple[str, ...], int]

_TABLE: tuple[_Entry, ...] = (
    # code, group, type, label, help, who may write, required down to tier
    ("description", _G.IDENTITY, _T.TEXT, "Description", "What it predicts, in two sentences", _BUILDERS, 4),
    ("model_type", _G.IDENTITY, _T.CHOICE, "Kind", "What kind of thing it is", _BUILDERS, 4),
    ("in_scope", _G.IDENTITY, _T.YES_NO, "In scope of model risk", "Whether the model-risk policy covers it", _BOTH, 4),
    ("scope_reason", _G.IDENTITY, _T.TEXT, "Why in or out of scope", "The reason of that decision", _BOTH, 4),
    ("status", _G.IDENTITY, _T.CHOICE, "Status", "Leaves proposed once the tier's fields are there", _BOTH, 4),
    ("code_reference", _G.IDENTITY, _T.LINE, "Code", "Repository and commit it is built from", _BUILDERS, 2),
    ("staged", _G.IDENTITY, _T.YES_NO, "Staged", "Yes: the record is invented, for a sample", _ALL, 0),
    ("business_use", _G.PURPOSE, _T.TEXT, "Business use", "What the business does with it", _OWNERS, 4),
    ("decision_supported", _G.PURPOSE, _T.TEXT, "Decision", "The decision that it makes or supports", _OWNERS, 3),
    ("automation", _G.PURPOSE, _T.CHOICE, "Automation", "How far a person stands between it and the act", _OWNERS, 4),
    ("approved_uses", _G.PURPOSE, _T.LIST, "Approved uses", "What it may be used for", _BOTH, 3),
    ("prohibited_uses", _G.PURPOSE, _T.LIST, "Prohibited uses", "What it must not be used for", _BOTH, 3),
    ("population", _G.PURPOSE, _T.TEXT, "Population", "Whom or what it is applied to", _OWNERS, 3),
    ("jurisdictions", _G.PURPOSE, _T.LIST, "Jurisdictions", "Where its decisions have effect", _OWNERS, 2),
    ("affects_persons", _G.PURPOSE, _T.YES_NO, "Affects persons", "Whether people feel its decisions", _OWNERS, 4),
    ("consumers", _G.PURPOSE, _T.LIST, "Downstream", "Systems and teams that read its output", _BUILDERS, 3),
    ("upstream_models", _G.PURPOSE, _T.LIST, "Upstream models", "Models whose output it reads, or none", _BUILDERS, 3),
    ("owner", _G.PEOPLE, _T.LINE, "Owner", "The person who answers for it", _OWNERS, 4),
    ("developer", _G.PEOPLE, _T.LINE, "Developer", "Who built it; cannot validate it", _OWNERS, 4),
    ("validator", _G.PEOPLE, _T.LINE, "Validator", "Who validates it", _SECOND, 2),
    ("validator_independent", _G.PEOPLE, _T.YES_NO, "Validator independent", "Took no part in building it", _SECOND, 2),
    ("validator_line", _G.PEOPLE, _T.LINE, "Validator reports to", "The validator's reporting line", _SECOND, 1),
    ("users", _G.PEOPLE, _T.LIST, "Users", "Teams that work with it", _OWNERS, 3),
    ("approver", _G.PEOPLE, _T.LINE, "Approver", "Who approves its releases beside the owner", _BOTH, 2),
    ("risk_contact", _G.PEOPLE, _T.LINE, "Model-risk contact", "Whom to ask in model risk management", _SECOND, 2),
    ("executive", _G.PEOPLE, _T.LINE, "Executive", "The senior manager accountable for it", _OWNERS, 1),
    ("on_call", _G.PEOPLE, _T.LINE, "On call", "Who is called when it fails", _BUILDERS, 2),
    ("exposure_amount", _G.RISK, _T.NUMBER, "Exposure a year", "Money riding on its decisions in a year", _OWNERS, 4),
    ("decisions_per_year", _G.RISK, _T.NUMBER, "Decisions a year", "How many decisions it makes in a year", _OWNERS, 4),
    ("purpose", _G.RISK, _T.CHOICE, "Purpose", "What kind of decision it is for", _OWNERS, 4),
    ("harm", _G.RISK, _T.CHOICE, "Harm to persons", "The worst that a wrong decision does to a person", _BOTH, 4),
    ("adverse_to_persons", _G.RISK, _T.YES_NO, "Adverse decisions", "Whether it can decide against a person", _BOTH, 4),
    ("complexity", _G.RISK, _T.CHOICE, "Complexity", "How hard it is to see through", _BUILDERS, 4),
    ("data_doubt", _G.RISK, _T.CHOICE, "Doubt in data and vendors", "How well its inputs are known", _ALL, 4),
    ("ai_act_class", _G.RISK, _T.CHOICE, "EU AI Act class", "Class of the use under the EU AI Act", _BOTH, 4),
    ("ai_act_reason", _G.RISK, _T.TEXT, "Reason of the class", "Why this class; counsel confirms", _BOTH, 2),
    ("regulatory_capital", _G.RISK, _T.YES_NO, "Regulatory capital", "Feeds a regulatory capital figure", _BOTH, 4),
    ("limitations", _G.RISK, _T.TEXT, "Limitations", "Where it is known to be weak or uncertain", _ALL, 3),
    ("residual_risk", _G.RISK, _T.TEXT, "Residual risk", "What risk is left with all controls in place", _BOTH, 2),
    ("training_data", _G.DATA, _T.TEXT, "Training data", "Source and period of the training data", _BUILDERS, 4),
    ("label_definition", _G.DATA, _T.TEXT, "Label", "How the actual is defined and measured", _BUILDERS, 3),
    ("lawful_basis", _G.DATA, _T.TEXT, "Lawful basis", "On what basis personal data are used, or none", _OWNERS, 2),
    ("third_parties", _G.DATA, _T.TEXT, "Third parties", "Vendors of data or model, contract and exit", _OWNERS, 2),
    ("contract_end", _G.DATA, _T.DATE, "Contract ends", "When the contract with the third party ends", _OWNERS, 0),
    ("exceptions", _G.ASSURANCE, _T.LIST, "Exceptions", "Exceptions in force, each with its expiry", _SECOND, 0),
    ("adjustments", _G.ASSURANCE, _T.TEXT, "Adjustments", "Overlays laid on its output, or none", _BOTH, 2),
    ("benchmark", _G.ASSURANCE, _T.TEXT, "Benchmark", "What it is compared with", _ALL, 2),
    ("documents", _G.ASSURANCE, _T.LIST, "Documents", "Where its documentation stands", _ALL, 2),
    ("service_objectives", _G.OPERATION, _T.TEXT, "Service objectives", "Latency and availability owed", _BUILDERS, 2),
    ("monitoring_plan", _G.OPERATION, _T.TEXT, "Monitoring plan", "What is watched, how often, by whom", _BUILDERS, 3),
    ("limits_reason", _G.OPERATION, _T.TEXT, "Reason of the limits", "Why these limits and thresholds", _BOTH, 2),
    ("fallback", _G.OPERATION, _T.TEXT, "Fallback", "What decides when it is switched off", _BUILDERS, 2),
    ("kill_switch", _G.OPERATION, _T.TEXT, "Kill switch", "How it is switched off, and by whom", _BUILDERS, 2),
    ("retention", _G.OPERATION, _T.TEXT, "Retention", "How long its log and records are kept", _OWNERS, 2),
    ("retirement_plan", _G.OPERATION, _T.TEXT, "Retirement plan", "What follows it, and how it ends", _OWNERS, 1),
    ("retire_by", _G.OPERATION, _T.DATE, "Retire by", "The day by which it is to be taken out of use", _OWNERS, 0),
)

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "model_type": MODEL_TYPE,
    "status": STATUS,
    "automation": AUTOMATION,
    "purpose": PURPOSE,
    "harm": HARM,
    "complexity": COMPLEXITY,
    "data_doubt": DATA_DOUBT,
    "ai_act_class": AI_ACT,
}

FIELDS = tuple(
    Field(
        code=code,
        group=group,
        type=kind,
        label=label,
        help=told,
        editors=editors,
        required_to=required_to,
        choices=MappingProxyType(_CHOICES.get(code, {})),
    )
    for code, group, kind, label, told, editors, required_to in _TABLE
)
"""Every field, in the order in which they are shown and written."""

MUST_EXIST = frozenset({"fallback", "kill_switch"})
"""Fields in which ``none`` is no answer where a tier requires them."""

BY_CODE: Mapping[str, Field] = MappingProxyType({field.code: field for field in FIELDS})

DERIVED: Mapping[str, Group] = MappingProxyType(
    {
        "model": Group.IDENTITY,
        "versions": Group.IDENTITY,
        "champion": Group.IDENTITY,
        "artifact sha256": Group.IDENTITY,
        "schema revision": Group.IDENTITY,
        "output range": Group.PURPOSE,
        "risk score": Group.RISK,
        "computed tier": Group.RISK,
        "tier override": Group.RISK,
        "reference": Group.DATA,
        "features": Group.DATA,
        "sensitive features": Group.DATA,
        "proxies": Group.DATA,
        "label delay": Group.DATA,
        "last validation": Group.ASSURANCE,
        "next validation": Group.ASSURANCE,
        "open findings": Group.ASSURANCE,
        "live since": Group.OPERATION,
        "last rollback drill": Group.OPERATION,
        "next review": Group.OPERATION,
    }
)
"""What Watchroom knows itself, by the group in which it is shown; in a file it is refused like any unknown code."""


def required(tier: int) -> tuple[Field, ...]:
    """Return the fields that a tier requires."""
    return tuple(field for field in FIELDS if tier <= field.required_to)


def missing(document: Mapping[str, Any], tier: int) -> tuple[Field, ...]:
    """Return the fields that a tier requires and that say nothing yet; `status` itself begins as proposed.

    >>> [field.code for field in missing({}, 4)][:3]
    ['description', 'model_type', 'in_scope']
    """
    lacking = (field for field in required(tier) if says_nothing(field.code, document.get(field.code)))
    return tuple(field for field in lacking if field.code != "status")


def says_nothing(code: str, value: object) -> bool:
    """Whether a field says nothing: it is empty, or says that there is none where there has to be one.

    >>> says_nothing("kill_switch", "None."), says_nothing("third_parties", "none")
    (True, False)
    """
    return is_empty(value) or (code in MUST_EXIST and str(value).strip(" .").casefold() == "none")


def must_be_complete(document: Mapping[str, Any], tier: int) -> None:
    """Let a record that may leave proposed pass: everything its tier requires is there.

    Raises
    ------
    BadInputError
        Naming every field that is missing.
    """
    lacking = missing(document, tier)
    if lacking:
        codes = ", ".join(field.code for field in lacking)
        raise BadInputError(
            f"The record cannot leave proposed: a model of tier {tier} also needs {codes}. Fill them in, or keep the "
            "status proposed."
        )


def not_editable(codes: Collection[str], roles: Collection[str]) -> tuple[Field, ...]:
    """Return the fields among `codes` that none of these roles may write."""
    return tuple(field for field in FIELDS if field.code in codes and not set(field.editors) & set(roles))


def checked(given: object, *, where: str = "The record") -> dict[str, Any]:
    """Return what was given in its normal form, in the order of the table; None (takes a field out) stays None.

    Raises
    ------
    BadInputError
        One sentence that names every field that is unknown or holds what it may not.

    >>> checked({"in_scope": True, "decisions_per_year": 1200, "description": None})
    {'description': None, 'in_scope': True, 'decisions_per_year': 1200}
    """
    return checked_fields(given, FIELDS, where=where, unknown=_unknown)


def _unknown(code: object) -> str:
    if isinstance(code, str) and code.replace("_", " ") in DERIVED:
        return f"{shown(code)} is worked out by Watchroom and cannot be written"
    return f"{shown(code)} is not a field of the record"
