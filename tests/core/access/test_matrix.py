import pytest

from core.access.matrix import ALLOWED, CELLS, COLUMNS, Action, authorize, may
from core.access.principal import LOCAL, WORKER, Principal, Role
from core.errors import RefusedError

# Written again by hand, so that a slip in the matrix itself shows: V B E O L P A (validator is L, approver P).
EXPECTED = {
    "store_init": "A",
    "person_add": "A",
    "model_add": "EOA",
    "model_retire": "OA",
    "version_add": "EOA",
    "contract_accept": "EOA",
    "log_ingest": "EOA",
    "actuals_ingest": "EOA",
    "batch_revert": "EOA",
    "profile_build": "EOLA",
    "check_run": "EOLA",
    "job_submit": "EOLPA",
    "job_cancel": "EOA",
    "job_run": "EA",
    "log_compact": "EA",
    "analysis_run": "EOLPA",
    "segment_save": "EOLPA",
    "fairness_read": "EOLPA",
    "fairness_configure": "OLA",
    "record_edit": "EOLA",
    "tier_override": "OL",
    "card_edit": "EOA",
    "finding_raise": "EOLP",
    "finding_work": "EOLP",
    "finding_close": "OLP",
    "review_record": "OL",
    "policy_set": "A",
    "release_request": "EOA",
    "release_gather": "EOLA",
    "release_comment": "BEOLPA",
    "release_accept": "L",
    "release_decide": "OLP",
    "release_break_glass": "O",
    "release_cancel": "EOA",
    "release_execute": "EOPA",
    "release_acknowledge": "EOA",
    "rollback_request": "EOLPA",
    "rollback_drill": "EOA",
    "audit_read": "EOLPA",
    "audit_export": "OLA",
}
LETTER = dict(zip(Role, "VBEOLPA", strict=True))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_every_cell_of_the_matrix_lets_pass_or_refuses_as_written(action: Action, role: Role):
    principal = Principal("somebody", frozenset({role}))
    allowed = LETTER[role] in EXPECTED[action.value]
    assert may(principal, action) is allowed
    if allowed:
        authorize(principal, action)
    else:
        with pytest.raises(RefusedError) as refused:
            authorize(principal, action)
        assert refused.value.code == "not_allowed"
        assert "somebody" in refused.value.why


def test_every_action_has_a_row_and_every_role_a_column():
    assert set(CELLS) == set(Action) == set(ALLOWED)
    assert set(COLUMNS) == set(Role)
    assert {len(cells.split()) for cells in CELLS.values()} == {len(Role)}
    assert set("".join(CELLS.values())) <= set("x. ")


def test_several_roles_allow_what_any_of_them_allows():
    both = Principal("ana", frozenset({Role.VIEWER, Role.VALIDATOR}))
    assert may(both, Action.AUDIT_EXPORT)


def test_nobody_without_a_role_may_do_anything():
    assert not any(may(Principal("ana", frozenset()), action) for action in Action)


def test_a_refusal_names_the_roles_that_would_do():
    with pytest.raises(RefusedError, match="owner, validator, administrator") as refused:
        authorize(Principal("ana", frozenset({Role.VIEWER})), Action.AUDIT_EXPORT)
    assert "ana (viewer)" in str(refused.value)


DECISIONS = {
    Action.TIER_OVERRIDE,
    Action.FINDING_RAISE,
    Action.FINDING_WORK,
    Action.FINDING_CLOSE,
    Action.REVIEW_RECORD,
    Action.RELEASE_ACCEPT,
    Action.RELEASE_DECIDE,
    Action.RELEASE_BREAK_GLASS,
}


def test_the_local_administrator_may_do_everything_but_decide_and_the_worker_runs_jobs():
    assert {action for action in Action if not may(LOCAL, action)} == DECISIONS
    assert may(WORKER, Action.JOB_RUN)
    assert not may(WORKER, Action.PERSON_ADD)
