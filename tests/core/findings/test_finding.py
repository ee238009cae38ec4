from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import BadInputError, RefusedError
from core.findings.finding import (
    DUE_DAYS,
    Extension,
    FindingState,
    Line,
    Severity,
    as_json,
    by_urgency,
    due_within,
    extended,
    line_of,
    must_be_of_line,
    new_finding,
)
from tests.core.findings.made_up import FINDING

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def finding(**changes):
    return replace(FINDING, **changes)


def new(**changes):
    given = {"severity": "high", "category": "data", "title": "t", "text": "x", "owner": "Omar", "due": None}
    return new_finding(**{**given, "today": TODAY, **changes})


@pytest.mark.parametrize(("severity", "days"), [("critical", 30), ("high", 60), ("medium", 90), ("low", 180)])
def test_the_severity_gives_the_days(severity, days):
    assert new(severity=severity).due == TODAY + timedelta(days=days)
    assert new(severity=severity, due=TODAY).due == TODAY
    with pytest.raises(BadInputError, match=f"A {severity} finding is due between"):
        new(severity=severity, due=TODAY + timedelta(days=days + 1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"severity": "huge"}, "no severity 'huge': choose from critical, high, medium, low"),
        ({"category": "x"}, "no category 'x'"),
        ({"title": " "}, "title of the finding is empty"),
        ({"title": "a\nb"}, "title of the finding must be one line"),
        ({"title": "x" * 201}, "more than 200"),
        ({"text": "x" * 4_001}, "more than 4,000"),
        ({"text": "a\u202eb"}, "invisible control"),
        ({"owner": ""}, "is empty"),
        ({"owner": "a\x00"}, "invisible control"),
        ({"due": TODAY - timedelta(days=1)}, "is due between"),
    ],
)
def test_what_cannot_be_a_finding_is_refused(changes, words):
    with pytest.raises(BadInputError, match=words):
        new(**changes)


@pytest.mark.parametrize(
    ("roles", "asked", "line"),
    [
        (["engineer"], None, "first"),
        (["owner"], None, "first"),
        (["validator"], None, "second"),
        (["approver"], None, "second"),
        (["owner", "validator"], None, "second"),
        (["owner", "validator"], "first", "first"),
    ],
)
def test_a_role_speaks_for_its_line(roles, asked, line):
    assert line_of(roles, asked) == line


@pytest.mark.parametrize(("roles", "asked"), [(["viewer"], None), (["engineer"], "second"), (["owner"], "third")])
def test_nobody_speaks_for_a_line_that_is_not_theirs(roles, asked):
    with pytest.raises(RefusedError) as caught:
        line_of(roles, asked)
    assert caught.value.code == "not_allowed"


@pytest.mark.parametrize("role", ["engineer", "owner", "validator", "approver", "viewer", "administrator"])
@pytest.mark.parametrize("line", Line)
def test_only_the_line_that_raised_it_passes(role, line):
    mine = {Line.FIRST: {"engineer", "owner"}, Line.SECOND: {"validator", "approver"}}[line]
    if role in mine:
        must_be_of_line(finding(line=line), [role], to="close")
        return
    with pytest.raises(RefusedError, match=f"may close it: the {line} line"):
        must_be_of_line(finding(line=line), [role], to="close")


def test_an_extension_says_who_and_why_and_adds_up():
    read = finding()
    first = extended(read, read.due + timedelta(days=10), by="Vera", why=" more data ", at=NOW)
    assert first == (
        Extension(by="Vera", at=NOW, earlier=read.due, until=read.due + timedelta(days=10), why="more data"),
    )
    again = finding(extensions=first, due=first[0].until)
    assert len(extended(again, again.due + timedelta(days=1), by="Vera", why="w", at=NOW)) == 2


@pytest.mark.parametrize(
    ("changes", "days", "why", "words"),
    [
        ({"state": FindingState.CLOSED}, 1, "w", "is closed"),
        ({}, 0, "w", "can be extended to"),
        ({}, -1, "w", "can be extended to"),
        ({}, DUE_DAYS[Severity.HIGH] + 1, "w", "can be extended to"),
        ({"due": TODAY - timedelta(days=9)}, 5, "w", "can be extended to"),
        ({}, 1, " ", "reason of the finding is empty"),
    ],
)
def test_an_extension_that_cannot_be_is_refused(changes, days, why, words):
    read = finding(**changes)
    with pytest.raises(BadInputError, match=words):
        extended(read, read.due + timedelta(days=days), by="Vera", why=why, at=NOW)


def test_it_is_overdue_from_the_day_after():
    read = finding(due=TODAY)
    assert not read.is_overdue(TODAY)
    assert read.is_overdue(TODAY + timedelta(days=1))
    assert not finding(due=TODAY, state=FindingState.CLOSED).is_overdue(TODAY + timedelta(days=1))


def test_what_is_due_first_stands_first_and_closed_ones_last():
    soon, bad, mild = (
        finding(id=3, due=TODAY),
        finding(id=2, severity=Severity.CRITICAL),
        finding(id=1, severity=Severity.LOW),
    )
    closed = finding(id=4, due=TODAY, state=FindingState.CLOSED)
    assert [one.id for one in by_urgency([closed, mild, bad, soon])] == [3, 2, 1, 4]


def test_a_reopened_finding_is_due_again_by_its_severity():
    assert due_within(Severity.CRITICAL, None, TODAY) == TODAY + timedelta(days=30)


def test_evidence_holds_it_as_plain_values():
    kept = as_json(finding(release_id=7))
    assert (kept["severity"], kept["line"], kept["due"], kept["release"]) == ("high", "second", "2027-01-19", 7)
