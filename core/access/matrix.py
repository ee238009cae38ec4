"""Who may do what: one table with a cell for every action and role."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from core.access.principal import Principal, Role
from core.errors import RefusedError


class Action(StrEnum):
    """Everything a service may be asked to change or hand out."""

    STORE_INIT = "store_init"
    PERSON_ADD = "person_add"
    MODEL_ADD = "model_add"
    MODEL_RETIRE = "model_retire"
    VERSION_ADD = "version_add"
    CONTRACT_ACCEPT = "contract_accept"
    LOG_INGEST = "log_ingest"
    ACTUALS_INGEST = "actuals_ingest"
    BATCH_REVERT = "batch_revert"
    PROFILE_BUILD = "profile_build"
    CHECK_RUN = "check_run"
    JOB_SUBMIT = "job_submit"
    JOB_CANCEL = "job_cancel"
    JOB_RUN = "job_run"
    LOG_COMPACT = "log_compact"
    ANALYSIS_RUN = "analysis_run"
    SEGMENT_SAVE = "segment_save"
    FAIRNESS_READ = "fairness_read"
    FAIRNESS_CONFIGURE = "fairness_configure"
    RECORD_EDIT = "record_edit"
    TIER_OVERRIDE = "tier_override"
    CARD_EDIT = "card_edit"
    FINDING_RAISE = "finding_raise"
    FINDING_WORK = "finding_work"
    FINDING_CLOSE = "finding_close"
    REVIEW_RECORD = "review_record"
    POLICY_SET = "policy_set"
    RELEASE_REQUEST = "release_request"
    RELEASE_GATHER = "release_gather"
    RELEASE_COMMENT = "release_comment"
    RELEASE_ACCEPT = "release_accept"
    RELEASE_DECIDE = "release_decide"
    RELEASE_BREAK_GLASS = "release_break_glass"
    RELEASE_CANCEL = "release_cancel"
    RELEASE_EXECUTE = "release_execute"
    RELEASE_ACKNOWLEDGE = "release_acknowledge"
    ROLLBACK_REQUEST = "rollback_request"
    ROLLBACK_DRILL = "rollback_drill"
    AUDIT_READ = "audit_read"
    AUDIT_EXPORT = "audit_export"


COLUMNS = (
    Role.VIEWER,
    Role.BUSINESS,
    Role.ENGINEER,
    Role.OWNER,
    Role.VALIDATOR,
    Role.APPROVER,
    Role.ADMINISTRATOR,
)

# One row an action, one cell a role in the order of COLUMNS: "x" allowed, "." refused. The administrator keeps the
# store and may ask; what is decided on a release, a finding or a tier is for those who answer for the model.
CELLS: Mapping[Action, str] = MappingProxyType(
    {
        #                                   viewer business engineer owner validator approver administrator
        Action.STORE_INIT: "                  .       .        .       .       .        .           x       ",
        Action.PERSON_ADD: "                  .       .        .       .       .        .           x       ",
        Action.MODEL_ADD: "                   .       .        x       x       .        .           x       ",
        Action.MODEL_RETIRE: "                .       .        .       x       .        .           x       ",
        Action.VERSION_ADD: "                 .       .        x       x       .        .           x       ",
        Action.CONTRACT_ACCEPT: "             .       .        x       x       .        .           x       ",
        Action.LOG_INGEST: "                  .       .        x       x       .        .           x       ",
        Action.ACTUALS_INGEST: "              .       .        x       x       .        .           x       ",
        Action.BATCH_REVERT: "                .       .        x       x       .        .           x       ",
        Action.PROFILE_BUILD: "               .       .        x       x       x        .           x       ",
        Action.CHECK_RUN: "                   .       .        x       x       x        .           x       ",
        Action.JOB_SUBMIT: "                  .       .        x       x       x        x           x       ",
        Action.JOB_CANCEL: "                  .       .        x       x       .        .           x       ",
        Action.JOB_RUN: "                     .       .        x       .       .        .           x       ",
        Action.LOG_COMPACT: "                 .       .        x       .       .        .           x       ",
        Action.ANALYSIS_RUN: "                .       .        x       x       x        x           x       ",
        Action.SEGMENT_SAVE: "                .       .        x       x       x        x           x       ",
        Action.FAIRNESS_READ: "               .       .        x       x       x        x           x       ",
        Action.FAIRNESS_CONFIGURE: "          .       .        .       x       x        .           x       ",
        Action.RECORD_EDIT: "                 .       .        x       x       x        .           x       ",
        Action.TIER_OVERRIDE: "               .       .        .       x       x        .           .       ",
        Action.CARD_EDIT: "                   .       .        x       x       .        .           x       ",
        Action.FINDING_RAISE: "               .       .        x       x       x        x           .       ",
        Action.FINDING_WORK: "                .       .        x       x       x        x           .       ",
        Action.FINDING_CLOSE: "               .       .        .       x       x        x           .       ",
        Action.REVIEW_RECORD: "               .       .        .       x       x        .           .       ",
        Action.POLICY_SET: "                  .       .        .       .       .        .           x       ",
        Action.RELEASE_REQUEST: "             .       .        x       x       .        .           x       ",
        Action.RELEASE_GATHER: "              .       .        x       x       x        .           x       ",
        Action.RELEASE_COMMENT: "             .       x        x       x       x        x           x       ",
        Action.RELEASE_ACCEPT: "              .       .        .       .       x        .           .       ",
        Action.RELEASE_DECIDE: "              .       .        .       x       x        x           .       ",
        Action.RELEASE_BREAK_GLASS: "         .       .        .       x       .        .           .       ",
        Action.RELEASE_CANCEL: "              .       .        x       x       .        .           x       ",
        Action.RELEASE_EXECUTE: "             .       .        x       x       .        x           x       ",
        Action.RELEASE_ACKNOWLEDGE: "         .       .        x       x       .        .           x       ",
        Action.ROLLBACK_REQUEST: "            .       .        x       x       x        x           x       ",
        Action.ROLLBACK_DRILL: "              .       .        x       x       .        .           x       ",
        Action.AUDIT_READ: "                  .       .        x       x       x        x           x       ",
        Action.AUDIT_EXPORT: "                .       .        .       x       x        .           x       ",
    }
)


def _roles(cells: str) -> frozenset[Role]:
    return frozenset(role for role, cell in zip(COLUMNS, cells.split(), strict=True) if cell == "x")


ALLOWED: Mapping[Action, frozenset[Role]] = MappingProxyType({action: _roles(cells) for action, cells in CELLS.items()})
"""The roles that may take each action; a person needs one of them."""


def may(principal: Principal, action: Action) -> bool:
    """Whether one of the principal's roles allows `action`.

    >>> may(Principal("ana", frozenset({Role.VIEWER})), Action.LOG_INGEST)
    False
    """
    return not principal.roles.isdisjoint(ALLOWED[action])


def authorize(principal: Principal, action: Action) -> None:
    """Let `principal` pass when a role of theirs allows `action`.

    Raises
    ------
    RefusedError
        With code ``not_allowed`` when none does.
    """
    if may(principal, action):
        return
    needed = ", ".join(role for role in COLUMNS if role in ALLOWED[action])
    held = ", ".join(role for role in COLUMNS if role in principal.roles) or "no role"
    raise RefusedError(
        "not_allowed",
        f"{principal.name} ({held}) may not do this ({action.value.replace('_', ' ')}); it needs one of: {needed}.",
    )
