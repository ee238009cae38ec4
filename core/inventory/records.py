"""What the inventory knows of a model and of its versions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.log.contract import Contract


class ModelState(StrEnum):
    """Whether a model is watched."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A model as the inventory knows it.

    `key` names its folder; `champion_id` is the live version, `champion_release_id` the release that made it so.
    """

    id: int
    key: str
    name: str
    owner: str
    risk_tier: int
    state: ModelState
    schema_id: int | None
    champion_id: int | None
    champion_since: datetime | None
    created_at: datetime
    row_version: int
    champion_release_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """A version of a model, pinned to one schema revision.

    `binning_id` is None until a reference (given or provisional) stands. `added_by` is empty for versions of
    stores that did not note it yet.
    """

    id: int
    model_id: int
    name: str
    schema_id: int
    schema_revision: int
    artifact_sha256: str | None
    binning_id: str | None
    reference_sha256: str | None
    reference_rows: int | None
    provisional: bool
    created_at: datetime
    row_version: int
    added_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedContract:
    """A version's contract in force, and who put it there when."""

    revision: int
    contract: Contract
    accepted_by: str
    accepted_at: datetime
