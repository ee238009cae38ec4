"""What is wrong with the guards that the database puts around the audit chain: pure rules over facts."""

from collections.abc import Iterator, Sequence

from core.doctor.findings import Finding, Severity

OWN_ROLE = (
    "Name a role of the program's own in WATCHROOM_STORE and the owner of the tables in WATCHROOM_STORE_OWNER, "
    "then run watchroom init: it makes the role."
)


def guard_findings(missing: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding when triggers that refuse changes of the chain are gone or switched off."""
    if missing:
        yield Finding(
            code="audit_guards_missing",
            severity=Severity.ERROR,
            what=f"The database lacks guards of the audit chain: {', '.join(missing)}.",
            fix="Ask who changed the database, compare the chain with an export, and restore the database from a copy.",
        )


def role_findings(name: str, *, owner: bool, rights: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding when the program's own role in PostgreSQL could change the chain.

    Parameters
    ----------
    owner : whether it owns the audit table, or may become the role that does
    rights : which of UPDATE, DELETE and TRUNCATE it holds on it
    """
    if owner:
        yield Finding(
            code="database_role_owns_audit",
            severity=Severity.WARNING,
            what=f"The program's role '{name}' owns its audit table: it could take the guards off.",
            fix=OWN_ROLE,
        )
    elif rights:
        yield Finding(
            code="database_role_may_change_audit",
            severity=Severity.WARNING,
            what=f"The program's role '{name}' holds {', '.join(rights)} on the audit table; it needs only to append.",
            fix=OWN_ROLE,
        )
