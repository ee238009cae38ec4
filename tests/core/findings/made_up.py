"""A finding as a value, for the tests of what findings do."""

from datetime import UTC, date, datetime

from core.findings.finding import Category, Finding, FindingState, Line, Severity

FINDING = Finding(
    id=1,
    model_id=1,
    model="churn",
    version_id=None,
    version=None,
    release_id=None,
    severity=Severity.HIGH,
    category=Category.DATA,
    title="No back-test",
    text="",
    line=Line.SECOND,
    raised_by="Vera Lind",
    raised_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    owner="Omar Haddad",
    due=date(2027, 1, 19),
    state=FindingState.OPEN,
    extensions=(),
    closed_by=None,
    closed_at=None,
    closure=None,
    reopened=0,
    row_version=1,
)
