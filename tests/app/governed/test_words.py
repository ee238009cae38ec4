"""Title, sentence and calendar of findings and reviews, from made-up ones."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.governed import findings, told
from app.governed.calendar import Line
from core.access.matrix import Action
from core.findings.finding import Category, Finding, FindingState, Severity
from core.findings.finding import Line as Side
from core.inventory.tiers import TierOverride, tier_standing
from core.reviews.calendar import Due, Duty
from core.reviews.review import ReviewKind

TODAY = date(2026, 3, 1)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "id": 1,
        "model_id": 1,
        "model": "churn",
        "version_id": None,
        "version": None,
        "release_id": None,
        "severity": Severity.HIGH,
        "category": Category.DATA,
        "title": "old *addresses*",
        "text": "",
        "line": Side.SECOND,
        "raised_by": "Vera",
        "raised_at": AT,
        "owner": "Omar",
        "due": TODAY + timedelta(days=3),
        "state": FindingState.OPEN,
        "extensions": (),
        "closed_by": None,
        "closed_at": None,
        "closure": None,
        "reopened": 0,
        "row_version": 1,
        **changes,
    }
    return Finding(**values)  # type: ignore[arg-type]


def line(state: Due, *, blocks: bool = False, kind: ReviewKind = ReviewKind.VALIDATION) -> Line:
    duty = Duty(kind=kind, last=None, due=TODAY, state=state, blocks=blocks, why="validation overdue")
    return Line(model="churn", duty=duty)


def test_the_title_counts_what_is_open_and_what_is_late():
    late = finding(id=2, due=TODAY - timedelta(days=1))
    closed = finding(id=3, state=FindingState.CLOSED, due=TODAY - timedelta(days=9))
    said = findings.title([late, finding(), closed], [line(Due.OVERDUE), line(Due.MET)], TODAY)
    assert said == "2 open findings, 1 overdue; 1 review overdue"
    assert findings.title([closed], [], TODAY) == "No open finding; no review overdue"


def test_the_sentence_names_the_most_urgent_finding_and_what_an_overdue_review_holds_up():
    said = findings.sentence([finding()], [line(Due.OVERDUE, blocks=True)], TODAY).replace("\\", "")
    assert said == (
        "Most urgent: “old *addresses*” of churn is due 4 Mar 2026, owned by Omar. "
        "No release of churn until it is validated or excepted."
    )
    late = [line(Due.OVERDUE), line(Due.OVERDUE)]
    assert "holding anything up: validation overdue (churn), and 1 more" in findings.sentence([], late, TODAY).replace(
        "\\", ""
    )
    assert "Nothing waits" in findings.sentence([], [line(Due.MET)], TODAY)


def test_a_day_that_is_due_says_how_far_off_it_is():
    days = [-2, 0, 80]
    said = [told.due(finding(due=TODAY + timedelta(days=n)), TODAY) for n in days]
    assert said == ["27 Feb 2026, 2 d ago", "1 Mar 2026, today", "20 May 2026, in 80 d"]


def test_open_findings_are_counted_by_severity_worst_first():
    found = [finding(severity=one) for one in (Severity.LOW, Severity.CRITICAL, Severity.LOW)]
    assert told.severities([*found, finding(state=FindingState.CLOSED)]) == "1 critical, 2 low"
    assert told.severities([]) == "none"


@pytest.mark.parametrize(("overridden", "cell"), [(False, "3 (declared)"), (True, "1 (computed not yet)")])
def test_a_tier_that_is_not_computed_says_so(overridden, cell):
    override = TierOverride(
        id=1, model_id=1, tier=1, reason="x", set_by="Vera", set_at=AT, expires_at=AT + timedelta(days=1)
    )
    assert told.tier_cell(tier_standing(3, {}, override if overridden else None, AT)) == cell


def test_the_order_of_the_calendar_begins_with_what_is_overdue_and_then_owed(monkeypatch):
    from app.governed import calendar, queries

    owed = line(Due.SOON, kind=ReviewKind.AFTER_BREAK_GLASS).duty
    duties = {"churn": (line(Due.MET).duty, line(Due.SOON).duty, owed), "demand": (line(Due.OVERDUE).duty,)}
    monkeypatch.setattr(queries, "duties", lambda _home: duties)
    states = [(one.model, one.duty.state, one.duty.kind) for one in calendar.lines("home")]
    assert states[:2] == [
        ("demand", Due.OVERDUE, ReviewKind.VALIDATION),
        ("churn", Due.SOON, ReviewKind.AFTER_BREAK_GLASS),
    ]
    assert {one.model for one in calendar.lines("home", "churn")} == {"churn"}


def test_who_may_not_reads_it_in_the_words_of_the_core():
    from app.governed.rights import why_not, why_not_about
    from tests.release_kit import OMAR, VERA, VIC

    assert "Vic (viewer) may not do this" in why_not(VIC, Action.FINDING_RAISE)
    assert "second line" in why_not_about(OMAR, Action.FINDING_CLOSE, finding(), to="close")
    assert why_not_about(VERA, Action.FINDING_CLOSE, finding(), to="close") == ""
