"""What the audit chain can say happened, spelled subject:object:action."""

from enum import StrEnum


class AuditAction(StrEnum):
    """Every kind of audit entry; grep a value to find where it is written."""

    STORE_INITIALISED = "store:store:init"
    CLOCK_FROZEN = "store:clock:freeze"
    PERSON_ADDED = "access:person:add"
    MODEL_ADDED = "model:model:add"
    MODEL_RETIRED = "model:model:retire"
    SCHEMA_REVISED = "model:schema:revise"
    COLUMNS_ADDED = "model:columns:add"
    VERSION_ADDED = "model:version:add"
    REFERENCE_SET = "model:version:reference"
    CHAMPION_SET = "model:version:champion"
    CONTRACT_ACCEPTED = "contract:contract:accept"
    BATCH_INGESTED = "log:batch:ingest"
    BATCH_REVERTED = "log:batch:revert"
    ACTUALS_INGESTED = "log:actuals:ingest"
    DAYS_COMPACTED = "log:days:compact"
    DAYS_PROFILED = "profile:days:build"
    DAYS_EVALUATED = "checks:days:evaluate"
    JOB_SUBMITTED = "jobs:job:submit"
    JOB_CLAIMED = "jobs:job:claim"
    JOB_CANCELLED = "jobs:job:cancel"
    JOB_FINISHED = "jobs:job:finish"
    JOB_FAILED = "jobs:job:fail"
    CHAIN_EXPORTED = "audit:chain:export"
