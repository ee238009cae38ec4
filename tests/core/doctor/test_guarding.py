import pytest

from core.doctor.findings import Severity
from core.doctor.guarding import guard_findings, role_findings


def test_guards_that_stand_are_no_finding_and_missing_ones_are_an_error():
    assert list(guard_findings([])) == []
    (found,) = guard_findings(["audit_refuses_delete", "audit_continues"])
    assert (found.code, found.severity) == ("audit_guards_missing", Severity.ERROR)
    assert "audit_refuses_delete, audit_continues" in found.what


@pytest.mark.parametrize(
    ("owner", "rights", "codes"),
    [
        (False, (), []),
        (True, ("UPDATE", "DELETE", "TRUNCATE"), ["database_role_owns_audit"]),
        (False, ("DELETE",), ["database_role_may_change_audit"]),
    ],
)
def test_a_role_that_could_change_the_chain_is_a_warning(owner, rights, codes):
    found = list(role_findings("app", owner=owner, rights=rights))
    assert [one.code for one in found] == codes
    assert all(one.severity is Severity.WARNING and "'app'" in one.what for one in found)
