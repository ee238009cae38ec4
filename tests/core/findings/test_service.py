import json
from datetime import timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.findings.service import close_finding, extend_finding, finding, findings, raise_finding, reopen_finding
from tests.audited import newest
from tests.governed import ADMINISTRATOR, APPROVER, ENGINEER, NOW, OWNER, VALIDATOR, VIEWER, at, with_model

DAY = timedelta(days=1)


def put(store, principal=VALIDATOR, **changes):
    given = {"severity": "high", "category": "data", "title": "No drift check", "owner": "Omar Haddad", **changes}
    return raise_finding(store, principal, model="churn", **given)


def entries(store):
    return [entry.action for entry in newest(store, n=1_000) if entry.object_type == "finding"]


def test_a_finding_is_raised_read_and_written_down(both):
    store = with_model(both)
    made = put(store, version="v2", text="<b>seen</b>")
    assert made == finding(store, made.id)
    assert (made.version, made.line, made.raised_by, made.raised_at) == ("v2", "second", "Vera Lind", NOW)
    assert (made.due, made.is_open, made.row_version) == (NOW.date() + 60 * DAY, True, 1)
    entry = newest(store, n=1)[0]
    assert (entry.object_type, entry.object_id) == ("finding", f"churn/{made.id}")
    assert json.loads(entry.after)["text"] == "<b>seen</b>"


@pytest.mark.parametrize(("principal", "line"), [(ENGINEER, "first"), (OWNER, "first"), (APPROVER, "second")])
def test_each_line_raises_its_own(both, principal, line):
    assert put(with_model(both), principal).line == line


@pytest.mark.parametrize("principal", [VIEWER, ADMINISTRATOR])
def test_others_raise_none(both, principal):
    with pytest.raises(RefusedError):
        put(with_model(both), principal)


def test_only_the_line_that_raised_it_closes_it(both):
    store = with_model(both)
    second, first = put(store), put(store, ENGINEER)
    for mine, other, read in ((APPROVER, OWNER, second), (OWNER, VALIDATOR, first)):
        with pytest.raises(RefusedError, match="Only the line that raised"):
            close_finding(store, other, read.id, closure="done")
        closed = close_finding(store, mine, read.id, closure="retrained, see report")
        assert (closed.state, closed.closed_by, closed.closed_at) == ("closed", mine.name, NOW)
        assert closed.closure == "retrained, see report"
    assert findings(store, only_open=True) == ()
    with pytest.raises(RefusedError):
        close_finding(store, ENGINEER, first.id, closure="done")


def test_who_built_a_version_does_not_say_for_the_second_line_that_it_is_mended(both):
    store = with_model(both)
    both_lines = Principal(ENGINEER.name, frozenset({Role.ENGINEER, Role.OWNER, Role.VALIDATOR}))
    second, first = put(store, version="v2"), put(store, ENGINEER)
    for act in (
        lambda: close_finding(store, both_lines, second.id, closure="trust me"),
        lambda: extend_finding(store, both_lines, second.id, until=second.due + DAY, why="busy"),
    ):
        with pytest.raises(RefusedError, match="took part in building") as caught:
            act()
        assert caught.value.code == "not_independent"
    assert close_finding(store, both_lines, first.id, closure="retrained").state == "closed"
    assert close_finding(store, VALIDATOR, second.id, closure="checked").state == "closed"


def test_closing_needs_evidence_and_happens_once(both):
    store = with_model(both)
    made = put(store)
    with pytest.raises(BadInputError, match="closing evidence of the finding is empty"):
        close_finding(store, VALIDATOR, made.id, closure=" ")
    close_finding(store, VALIDATOR, made.id, closure="done")
    with pytest.raises(ConflictError, match="already closed by Vera Lind at 2026-11-20 09:30 UTC"):
        close_finding(store, APPROVER, made.id, closure="done")
    assert entries(store) == ["findings:finding:close", "findings:finding:raise"]


def test_an_extension_moves_the_day_and_is_counted(both):
    store = with_model(both)
    made = put(store)
    until = made.due + 30 * DAY
    with pytest.raises(RefusedError, match="may extend it"):
        extend_finding(store, OWNER, made.id, until=until, why="later")
    longer = extend_finding(store, VALIDATOR, made.id, until=until, why="the data come in January")
    assert (longer.due, longer.row_version) == (until, 2)
    assert [(one.by, one.earlier, one.why) for one in longer.extensions] == [
        ("Vera Lind", made.due, "the data come in January")
    ]
    assert finding(store, made.id).extensions == longer.extensions
    assert json.loads(newest(store, n=1)[0].before) == {"due": made.due.isoformat()}


def test_a_reopened_finding_counts_how_often_and_forgets_how_it_was_closed(both):
    store = with_model(both)
    made = put(store)
    with pytest.raises(BadInputError, match="is open"):
        reopen_finding(store, VALIDATOR, made.id, why="came back")
    for times in (1, 2):
        close_finding(store, VALIDATOR, made.id, closure="done")
        again = reopen_finding(at(store, NOW + 90 * DAY), OWNER, made.id, why="came back")
        assert (again.reopened, again.is_open, again.closed_by, again.closure) == (times, True, None, None)
        assert again.due == (NOW + 150 * DAY).date()


def test_the_same_click_again_does_nothing_more(both):
    store = with_model(both)
    made = [put(store, idempotency_key="raise") for _ in range(3)][-1]
    until = made.due + DAY
    for _ in range(3):
        extend_finding(store, VALIDATOR, made.id, until=until, why="w", row_version=1, idempotency_key="extend")
        close_finding(store, VALIDATOR, made.id, closure="done", idempotency_key="close")
    for _ in range(3):
        reopen_finding(store, VALIDATOR, made.id, why="w", idempotency_key="reopen")
    assert len(findings(store)) == 1
    assert finding(store, made.id).reopened == 1
    assert sorted(entries(store)) == [f"findings:finding:{what}" for what in ("close", "extend", "raise", "reopen")]


def test_a_change_of_what_was_changed_since_is_refused(both):
    store = with_model(both)
    made = put(store)
    extend_finding(store, VALIDATOR, made.id, until=made.due + DAY, why="w")
    with pytest.raises(ConflictError, match="since you opened it"):
        close_finding(store, VALIDATOR, made.id, closure="done", row_version=1)


def test_findings_come_by_model_and_urgency(both):
    store = with_model(with_model(both), name="other")
    late, soon = put(store, severity="low"), put(store, severity="critical")
    raise_finding(store, VALIDATOR, model="other", severity="low", category="use", title="t", owner="Omar")
    assert [one.id for one in findings(store, model="churn")] == [soon.id, late.id]
    assert len(findings(store)) == 3
    with pytest.raises(NotFoundError, match="no finding 99"):
        finding(store, 99)
    with pytest.raises(NotFoundError, match="no model 'x'"):
        findings(store, model="x")


def test_the_owner_is_somebody_whom_the_store_knows_once_it_knows_people(both):
    store = with_model(both)
    assert put(store, owner="the data team").owner == "the data team"
    add_person(store, LOCAL, OWNER.name, ["owner"])
    assert put(store, owner="omar haddad").owner == OWNER.name
    with pytest.raises(
        BadInputError, match="'the data team' is nobody whom the store knows: choose from Omar Haddad, or"
    ):
        put(store, owner="the data team")
