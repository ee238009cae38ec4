from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.checks.evaluation import bases, evaluate_days, first_changed
from core.checks.limits import load_limits
from core.states import State
from tests.small_fleet import DAYS, NOW, SERVED_START


def test_each_unit_is_judged_with_its_own_basis(evidence):
    days = evidence.log.days[:5]
    states = list(evaluate_days(evidence, days, None, NOW))
    assert [state.day for state in states] == list(days)
    assert {state.day: state.basis for state in states} == {day: bases(evidence.outline, NOW)[day] for day in days}


def test_labels_that_are_still_due_make_a_day_wait(evidence):
    early = datetime(2024, 3, 2, 1, tzinfo=UTC)
    day = SERVED_START + timedelta(days=DAYS - 1)
    before = next(iter(evaluate_days(evidence, [day], None, early)))
    assert before.families["performance"].state is State.NOT_APPLICABLE
    assert not before.headline.mature


def test_another_limit_is_another_basis(evidence):

    outline = evidence.outline
    stricter = replace(outline, limits=load_limits({"feature_drift": {"warning": 0.05, "critical": 0.2}}))
    assert set(bases(outline, NOW).values()).isdisjoint(bases(stricter, NOW).values())


def test_the_first_unit_that_changed_or_vanished_is_where_judging_begins():
    day = [date(2024, 1, n) for n in (1, 2, 3)]
    stored = {day[0]: "a", day[1]: "b"}
    assert first_changed(stored, stored, stored) is None
    assert first_changed(stored, {day[0]: "a", day[1]: "x"}, day[:2]) == day[1]
    assert first_changed(stored, {day[1]: "b"}, day[1:2]) == day[0]
    assert first_changed({}, {day[2]: "c"}, day[2:]) == day[2]


def test_what_is_said_of_a_protected_feature_is_said_in_hundredths(evidence):
    schema = replace(evidence.schema, columns=evidence.schema.columns.model_copy(update={"protected": ["income"]}))
    guarded = replace(evidence, outline=replace(evidence.outline, schema=schema))
    day = evidence.log.days[-1:]
    (open_one,), (told,) = (list(evaluate_days(one, day, None, NOW)) for one in (evidence, guarded))
    before, after = (
        {one.key: one for one in state.verdicts if one.feature == "income" and one.family == "drift"}
        for state in (open_one, told)
    )
    assert before.keys() == after.keys()
    assert {key: one.state for key, one in before.items()} == {key: one.state for key, one in after.items()}
    exact = [one for one in after.values() if one.value is not None]
    assert exact
    assert all(one.value == round(before[one.key].value, 2) and "protected" in one.reason for one in exact)
    assert not any(one.detail for one in exact)
