from datetime import date, timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.audit.service import verify
from core.checks import service
from core.errors import NotFoundError, RefusedError
from core.states import State
from core.store.day_states import drop_states, last_states
from core.store.series import load_history
from tests.small_fleet import DAYS, SERVED_START, SHIFT_DAY

SHIFTED = SERVED_START + timedelta(days=SHIFT_DAY)


def test_every_closed_day_has_a_state(fleet):
    states = service.recent_states(fleet, model="churn", count=100)
    assert [state.day for state in states] == [SERVED_START + timedelta(days=n) for n in range(DAYS)]


def test_nothing_is_found_before_the_shift_and_the_shifted_feature_is_named_after_it(fleet):
    states = {state.day: state for state in service.recent_states(fleet, model="churn", count=100)}
    before = [states[SERVED_START + timedelta(days=n)] for n in range(SHIFT_DAY)]
    assert {state.state for state in before} == {State.HEALTHY}
    after = states[SHIFTED]
    assert after.families["drift"].state is State.CRITICAL
    assert "income drifted" in after.families["drift"].why
    breached = {v.feature for v in after.verdicts if v.check == "feature_drift" and v.state is State.CRITICAL}
    assert breached == {"income"}


def test_a_breach_keeps_the_day_on_which_it_began(fleet):
    last = service.latest_state(fleet, model="churn")
    income = next(v for v in last.verdicts if v.feature == "income" and v.check == "feature_drift")
    assert income.since == SHIFTED


def test_days_without_actuals_have_no_verdict_on_performance(fleet):
    last = service.latest_state(fleet, model="churn")
    assert last.families["performance"].state is State.NOT_APPLICABLE
    assert last.headline.value is None
    assert "no actuals yet" in last.families["performance"].why


def test_judging_again_changes_nothing_and_writes_no_audit_row(fleet):
    entries = verify(fleet).entries
    assert service.evaluate(fleet, LOCAL, model="churn") == 0
    assert verify(fleet).entries == entries


def test_the_verdicts_are_the_same_whether_judged_at_once_or_day_by_day(fleet):
    with fleet.read() as session:
        at_once = last_states(session, 1, count=100)
    with fleet.write() as session:
        drop_states(session, 1, [state.day for state in at_once[20:]])
    assert service.evaluate(fleet, LOCAL, model="churn") == DAYS - 20
    with fleet.read() as session:
        again = last_states(session, 1, count=100)
    assert [state.verdicts for state in again] == [state.verdicts for state in at_once]
    assert [state.memories for state in again] == [state.memories for state in at_once]


def test_a_viewer_may_not_judge(fleet):
    with pytest.raises(RefusedError):
        service.evaluate(fleet, Principal("ana", frozenset({Role.VIEWER})), model="churn")


def test_an_unknown_model_is_named(fleet):
    with pytest.raises(NotFoundError, match="chrun"):
        service.evaluate(fleet, LOCAL, model="chrun")


def test_states_are_read_up_to_a_day(fleet):
    found = service.recent_states(fleet, model="churn", until=date(2024, 3, 10), count=3)
    assert [state.day.day for state in found] == [8, 9, 10]


def test_judging_in_small_blocks_says_the_same(fleet, monkeypatch):
    with fleet.write() as session:
        at_once = last_states(session, 1, count=100)
        drop_states(session, 1, [state.day for state in at_once])
    monkeypatch.setattr(service, "BLOCK_UNITS", 7)
    assert service.evaluate(fleet, LOCAL, model="churn") == DAYS
    with fleet.read() as session:
        again = last_states(session, 1, count=100)
    assert [state.verdicts for state in again] == [state.verdicts for state in at_once]
    assert [state.basis for state in again] == [state.basis for state in at_once]


def test_a_change_of_the_last_day_opens_the_days_before_it_only(fleet, monkeypatch):
    opened = []

    def seen(session, version, *, start, end):
        opened.append((start, end))
        return load_history(session, version, start=start, end=end)

    with fleet.write() as session:
        drop_states(session, 1, [last_states(session, 1)[0].day])
    monkeypatch.setattr(service, "load_history", seen)
    assert service.evaluate(fleet, LOCAL, model="churn") == 1
    last = SERVED_START + timedelta(days=DAYS - 1)
    assert opened == [(last - timedelta(days=56), last + timedelta(days=1))]


def test_other_rules_judge_stored_units_again(fleet, monkeypatch):
    monkeypatch.setattr("core.checks.evaluation.RULES", 99)
    assert service.evaluate(fleet, LOCAL, model="churn") == DAYS


def test_the_headline_of_the_last_unit_is_the_auc_of_the_last_thirty_together(fleet):
    from core.performance.service import performance_points
    from core.selection import MetricQuery
    from core.windows import Window

    last = SERVED_START + timedelta(days=DAYS - 1)
    window = Window(last - timedelta(days=29), last + timedelta(days=1))
    points = performance_points(fleet, MetricQuery(model="churn", window=window)).points
    auc = next(point for point in points if point.metric == "roc_auc")
    recent = service.recent_headlines(fleet, model="churn", count=1)[-1].headline.recent
    assert (recent.value, recent.low, recent.high, recent.n) == (auc.value, auc.ci_low, auc.ci_high, auc.n)
    assert recent.n == 28 * 150


def test_the_standings_of_all_models_are_what_each_is_told_alone(fleet):
    (standing,) = service.standings(fleet).values()
    last = service.latest_state(fleet, model="churn")
    assert standing.units == service.recent_headlines(fleet, model="churn", count=30)
    assert (standing.state, standing.why, standing.families) == (last.state, last.why, last.families)
    known = [family for family in last.families.values() if family.judged_on is not None]
    assert known
    assert all(family.judged_on <= last.day for family in known)


def test_the_states_of_one_feature_hold_its_verdicts_and_no_others(fleet):
    whole = service.recent_states(fleet, model="churn", count=5)
    of_one = service.recent_states(fleet, model="churn", count=5, feature="income")
    assert [state.day for state in of_one] == [state.day for state in whole]
    for state, full in zip(of_one, whole, strict=True):
        assert state.verdicts == tuple(one for one in full.verdicts if one.feature == "income")
        assert state.memories == {}
