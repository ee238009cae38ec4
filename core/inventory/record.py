"""The governance record of a model as a value: reading it from a file, writing it, and what an edit changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import BadInputError
from core.inventory.developers import developers
from core.inventory.field_types import FieldType, is_empty
from core.inventory.fields import BY_CODE, FIELDS, PROPOSED, checked, must_be_complete, required, says_nothing
from core.inventory.tiers import TierStanding
from core.log.plain_yaml import read_text, read_yaml, write_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """What people wrote about a model: `document` holds fields by code; `row_version` 0: nothing yet."""

    model_id: int
    document: Mapping[str, Any]
    updated_by: str
    updated_at: datetime | None
    row_version: int

    @property
    def status(self) -> str:
        """The status that people declared; proposed to begin with."""
        return str(self.document.get("status", PROPOSED))


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernedModel:
    """A model of the inventory with its record, its tiers, and the codes of the fields that its tier still misses."""

    model: str
    model_id: int
    record: ModelRecord
    tier: TierStanding
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that somebody changed: an edit has as many as it changed fields."""

    seq: int
    at: datetime
    by: str
    code: str
    before: Any
    after: Any
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What an edit does: the fields as they were and as they will be (None: not there), and the document after it."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    document: Mapping[str, Any]


def edit(document: Mapping[str, Any], changes: Mapping[str, Any]) -> Edit:
    """Return what `changes`, in normal form, do to a document; a field that stays as it is is no change.

    >>> edit({"harm": "none", "owner": "Ana"}, {"harm": "safety", "owner": "Ana"}).before
    {'harm': 'none'}
    """
    wanted = {code: None if is_empty(value) else value for code, value in changes.items()}
    after = {code: value for code, value in wanted.items() if value != document.get(code)}
    merged = {**document, **after}
    return Edit(
        before={code: document.get(code) for code in after},
        after=after,
        document={field.code: merged[field.code] for field in FIELDS if merged.get(field.code) is not None},
    )


def must_stay_complete(made: Edit, tier: int) -> None:
    """Let an edit pass that keeps, or leaves, a record as complete as its status asks for.

    A record that is proposed leaves that status complete. Later the tier may rise, and ask for more: then nothing that
    is required may be taken out, and what is missing is shown until it is there.

    Raises
    ------
    BadInputError
        Naming the fields.
    """
    if made.document.get("status", PROPOSED) == PROPOSED:
        return
    if "status" in made.after and made.before["status"] in (None, PROPOSED):
        must_be_complete(made.document, tier)
    changed = [field.code for field in required(tier) if field.code in made.after]
    lost = [code for code in changed if says_nothing(code, made.after[code])]
    if lost:
        raise BadInputError(f"Tier {tier} requires {', '.join(lost)}: write something else instead of taking it out.")


def read_record(file: Path) -> dict[str, Any]:
    """Return the fields of a `record.yaml` in normal form.

    Raises
    ------
    BadInputError
        One sentence that says what is wrong with the file, or names every field that is.
    """
    found = read_yaml(read_text(file), file.name)
    if not found:
        raise BadInputError(f"{file.name} is empty: write fields such as 'description: …'.")
    return checked(found, where=file.name)


def record_text(document: Mapping[str, Any]) -> str:
    """Return a record as the YAML text that `read_record` reads back as it was."""
    there = {field.code: document[field.code] for field in FIELDS if field.code in document}
    # a list that stands under two codes would be written as an alias, which is not read
    return write_yaml({code: [*value] if isinstance(value, list) else value for code, value in there.items()})


def from_audit(code: str, value: Any) -> Any:
    """Return the value of a field as an audit entry holds it: fractions stand there as text, so that none is rounded.

    >>> from_audit("exposure_amount", "1200.5"), from_audit("owner", "12")
    (1200.5, '12')
    """
    is_number = code in BY_CODE and BY_CODE[code].type is FieldType.NUMBER
    return float(value) if is_number and isinstance(value, str) else value


def shown_status(declared: str, *, live: bool, retired: bool) -> str:
    """Return the status of a model: what was declared, or that it is live where nothing declared says otherwise.

    >>> shown_status("approved", live=True, retired=False), shown_status("suspended", live=True, retired=False)
    ('live', 'suspended')
    """
    if retired:
        return "retired"
    return "live" if live and declared not in (PROPOSED, "restricted", "suspended", "retired") else declared


def may_lower_tier(name: str, roles: Collection[str], document: Mapping[str, Any]) -> bool:
    """Whether somebody may make a model's controls less strict: a validator whom the record does not name as developer.

    >>> [may_lower_tier(name, {"validator", "engineer"}, {"developer": "Dana"}) for name in ("Vera", "Dana")]
    [True, False]
    """
    return "validator" in roles and name not in developers(document)
