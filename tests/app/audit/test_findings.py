from datetime import UTC, date, datetime, timedelta

import pytest

from app.audit import findings
from app.audit.views import Asked, AuditView, Standing
from core.states import State
from tests.app.audit.test_told import entry, row

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def standing(**fields) -> Standing:
    known = {
        "ok": True,
        "entries": 10_412,
        "first_bad": None,
        "why": "",
        "checked_at": NOW,
        "checked_from": 1,
        "checked_before": None,
        "anchored_at": NOW - timedelta(minutes=12),
        "anchored_to": 10_000,
        "outside": False,
        "intact": (),
    }
    return Standing(**(known | fields))


BROKEN = {"ok": False, "entries": 4_000, "first_bad": 4_001, "why": "entry 4001 was changed after it was written"}


def test_the_banner_says_to_which_entry_and_how_old_the_anchor_is():
    assert findings.banner(standing(), NOW) == "chain verified to entry 10,412, anchor 12 min old"
    assert findings.banner(standing(anchored_at=NOW), NOW).endswith("anchor less than a minute old")
    assert findings.banner(standing(anchored_at=None), NOW).endswith("no anchor yet")
    assert findings.banner(standing(**BROKEN), NOW) == "chain verified to entry 4,000 only, anchor 12 min old"


@pytest.mark.parametrize(
    ("fields", "title", "state"),
    [
        ({}, "The audit chain holds: 10,412 entries", State.HEALTHY),
        ({"entries": 1}, "The audit chain holds: 1 entry", State.HEALTHY),
        ({"entries": 0, "anchored_at": None}, "The audit chain is empty", State.NOT_APPLICABLE),
        ({"anchored_at": None}, "The audit chain holds: 10,412 entries", State.NOT_APPLICABLE),
        (BROKEN, "The audit chain is broken at entry 4,001", State.CRITICAL),
        ({"ok": False, "why": "w"}, "The anchors of the audit chain were changed", State.CRITICAL),
    ],
)
def test_the_title_is_whether_the_chain_holds(fields, title, state):
    assert findings.title(standing(**fields)) == title
    assert findings.state(standing(**fields)) is state


def test_a_broken_chain_says_why_what_still_holds_and_what_to_do():
    told = " ".join(findings.explained(standing(**BROKEN, intact=((5_001, 10_412),))))
    assert told.startswith("Entry 4001 was changed")
    assert "still hold entries 5,001 to 10,412" in told
    assert "ask who had access" in told


def test_what_was_believed_and_where_the_anchors_lie_is_said():
    told = " ".join(findings.explained(standing(checked_from=10_001, checked_before=NOW - timedelta(days=1))))
    assert "Up to entry 10,000 it was checked on 20 Nov 2026, 12:00 UTC, what is newer just now." in told
    assert "only beside the database" in told
    assert "outside the store too" in " ".join(findings.explained(standing(outside=True)))
    unmoved = findings.explained(standing(checked_from=10_413, checked_before=NOW))
    assert "newer" not in " ".join(unmoved)


def test_nothing_says_tamper_proof():
    assert "Tamper-evident" in findings.TAMPER_EVIDENT
    assert "proof" not in findings.TAMPER_EVIDENT


def test_the_sentence_says_what_is_shown():
    asked = Asked(
        person="Vera",
        kind="model",
        name="churn",
        action="model:model:retire",
        start=date(2026, 1, 2),
        end=date(2026, 1, 3),
    )
    view = AuditView(asked=asked, rows=(row(entry()),), more=True, offered={})
    assert findings.sentence(view).replace("\\", "") == (
        "1 entry by Vera about model churn from 2 Jan 2026 to 3 Jan 2026 (retired the model): entry 7, older ones "
        "follow. Times are the system's, in UTC."
    )
    assert "Take a filter away" in findings.sentence(AuditView(asked=asked, rows=(), more=False, offered={}))
    assert "Nothing was done" in findings.sentence(AuditView(asked=Asked(), rows=(), more=False, offered={}))


def test_a_hostile_name_is_escaped():
    view = AuditView(asked=Asked(person="*x*[a](b)"), rows=(row(entry()),), more=False, offered={})
    assert "\\*x\\*\\[a\\]" in findings.sentence(view)
