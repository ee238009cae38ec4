"""A silence of the log, as the clock sees it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.checks.day_state import Headline, Standing, UnitHeadline
from core.checks.limits import load_limits
from core.checks.rollup import FamilyState
from core.checks.silence import silence_now, told_now
from core.log.schema import load_schema
from core.states import State
from tests.small_fleet import MODEL_YAML

DAYS = [date(2024, 3, 1) + timedelta(days=place) for place in range(10)]
SCHEMA, LIMITS = load_schema(MODEL_YAML), load_limits()


def at(day, hour=9):
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def standing(state=State.HEALTHY):
    family = FamilyState(state=state, checks={}, n_judged=1, n_not_applicable=0, why="x drifted", leads=True)
    headline = Headline(n=1, n_labelled=0, metric="roc_auc", value=None, mature=False)
    last = UnitHeadline(day=DAYS[-1], state=state, headline=headline)
    return Standing(units=(last,), state=state, why="x drifted", families={"drift": family})


def test_no_closed_day_without_predictions_is_healthy():
    assert silence_now(DAYS, SCHEMA, LIMITS, at(11)).state is State.HEALTHY
    assert silence_now([], SCHEMA, LIMITS, at(11)).state is State.NOT_APPLICABLE


def test_silent_days_beyond_the_usual_gaps_alarm():
    assert silence_now(DAYS, SCHEMA, LIMITS, at(13)).state is State.WARNING
    assert silence_now(DAYS, SCHEMA, LIMITS, at(20)).state is State.CRITICAL
    workdays = [day - timedelta(days=14) for day in DAYS if day.weekday() < 5]
    workdays += [day - timedelta(days=7) for day in DAYS if day.weekday() < 5]
    workdays += [day for day in DAYS if day.weekday() < 5]
    assert silence_now(sorted(set(workdays)), SCHEMA, LIMITS, at(11)).state is State.HEALTHY


def test_one_outage_does_not_make_the_next_one_usual():
    outage = [day - timedelta(days=20) for day in DAYS] + DAYS
    assert silence_now(outage, SCHEMA, LIMITS, at(13)).state is State.WARNING


def test_a_model_that_fell_silent_never_stays_green():
    silent = silence_now(DAYS, SCHEMA, LIMITS, at(20))
    told = told_now(standing(), silent)
    assert (told.state, told.families["quality"].state) == (State.CRITICAL, State.CRITICAL)
    assert told.why.startswith("no predictions came in")
    assert [name for name, family in told.families.items() if family.leads] == ["quality"]
    assert told_now(standing(), replace(silent, state=State.HEALTHY)) == standing()


def test_a_worse_finding_keeps_the_lead():
    silent = silence_now(DAYS, SCHEMA, LIMITS, at(13))
    told = told_now(standing(State.CRITICAL), silent)
    assert (told.state, told.why) == (State.CRITICAL, "x drifted")
    assert told.families["drift"].leads
