"""The demo is built once, through the program, and compared with what scenario.yaml says of it."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from app import demo
from app.demo_people import PEOPLE
from app.questions import metric_query
from core.access.service import people
from core.audit.service import verify
from core.cards.card import FIELDS as CARD_FIELDS
from core.cards.service import card_text
from core.checks.service import recent_states
from core.doctor.service import examine
from core.inventory.controls import validation_is_enough
from core.inventory.recording.service import governed_models, inventory_as_of, release_policy
from core.inventory.service import model_detail, models
from core.log.service import batches
from core.quality.service import quality_points
from core.reviews.service import all_duties, reviews
from core.states import SEVERITY, State
from core.store.database import open_store
from core.windows import Grain, label

SCENARIO = yaml.safe_load((Path(__file__).parents[2] / "sample_data" / "scenario.yaml").read_text(encoding="utf-8"))
MODELS = SCENARIO["models"]
CENSUS = SCENARIO["census"]
STAGED = sorted(name for name, model in MODELS.items() if model["staged"])
REAL = sorted(set(MODELS) - set(STAGED))
INCIDENTS = [(model, name) for model in STAGED for name in MODELS[model]["incidents"]]
BREACHES = (State.WARNING, State.CRITICAL)
AMISS = {"store_unusable", "database_damaged", "log_damaged", "staged_batches", "audit_broken", "audit_not_anchored"}
"""What the doctor may say of a store, whatever the machine is like."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One fleet for all workers of a run: the second to ask waits for the first, and then only reads it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo" / "home"
    lines = []
    if demo.build(folder, say=lines.append)["built"]:
        assert all(any(model in line for line in lines) for model in MODELS)
    return folder


@pytest.fixture(scope="module")
def store(home):
    return open_store(home)


@pytest.fixture(scope="module")
def states(store):
    return {model: recent_states(store, model=model, count=1000) for model in (*MODELS, *CENSUS)}


def worst_of(days, check, feature=None, segment=None):
    """Return the worst state that a verdict ever reached on these days."""
    found = [
        verdict.state
        for state in days
        for verdict in state.verdicts
        if (verdict.check, verdict.feature, dict(verdict.segment)) == (check, feature, segment or {})
    ]
    return max(found, key=SEVERITY.__getitem__, default=State.NOT_APPLICABLE)


def within(days, first, last):
    return [state for state in days if first <= state.day <= last]


def excused(incident, day, verdict):
    """Return whether the scenario allows this verdict to be critical on this day because of this incident."""
    named = incident.get("features")
    return (
        incident["staged"][0] <= day <= incident["traces"]
        and verdict.check in incident["critical"]
        and (named is None or verdict.feature is None or verdict.feature in named)
    )


def breaches(days):
    """Return every check that was beyond a limit, as `shows` lists them."""
    found = {}
    for state in days:
        for verdict in state.verdicts:
            if verdict.state in BREACHES:
                key = (verdict.check, verdict.feature or "", "segments" if verdict.segment else "")
                worst, first, _ = found.get(key, (State.WARNING, state.day, state.day))
                found[key] = (max(worst, verdict.state, key=SEVERITY.__getitem__), first, state.day)
    return {key: (worst.value, first, last) for key, (worst, first, last) in found.items()}


# All models.


def test_the_store_holds_exactly_the_models_of_the_scenario(store):
    assert {model.name for model in models(store)} == {*MODELS, *CENSUS}


@pytest.mark.parametrize("model", sorted(MODELS))
def test_version_clock_and_days_are_those_of_the_scenario(store, states, model):
    expected = MODELS[model]
    detail = model_detail(store, model)
    assert detail.champion.name == expected["version"]
    assert detail.schema.staged is expected["staged"]
    assert store.clock.frozen_at == (
        expected["clock"] if isinstance(expected["clock"], datetime) else datetime.fromisoformat(expected["clock"])
    )
    first, last = expected["served"]
    assert [state.day for state in states[model]] == [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize("model", sorted(MODELS))
def test_the_last_days_state_is_the_expected_one_family_by_family(states, model):
    expected, last = MODELS[model], states[model][-1]
    assert last.state.value == expected["state"]
    assert {name: family.state.value for name, family in last.families.items()} == {
        name: family["state"] for name, family in expected["families"].items()
    }


@pytest.mark.parametrize("model", sorted(MODELS))
def test_the_first_breach_of_every_family_is_the_expected_day(states, model):
    found = {}
    for name in MODELS[model]["families"]:
        breached = [state.day for state in states[model] if state.families[name].state in BREACHES]
        found[name] = min(breached, default=None)
    assert found == {name: family["first_breach"] for name, family in MODELS[model]["families"].items()}


def test_the_fleet_holds_a_model_in_each_state():
    assert {model["state"] for model in MODELS.values()} == {"critical", "warning", "healthy"}


# Real data: exactly what is listed.


@pytest.mark.parametrize("model", REAL)
def test_real_data_show_exactly_what_the_scenario_lists(states, model):
    listed = {
        (one["check"], one.get("feature", ""), one.get("in", "")): (one["state"], one["from"], one["to"])
        for one in MODELS[model]["shows"]
    }
    assert breaches(states[model]) == listed


# The census records: real data in units of their own.


@pytest.mark.parametrize("model", sorted(CENSUS))
def test_the_census_shows_exactly_what_the_scenario_lists(store, states, model):
    expected, grain = CENSUS[model], Grain(CENSUS[model]["grain"])
    assert model_detail(store, model).schema.grain is grain
    assert [label(states[model][place].day, grain) for place in (0, -1)] == [str(unit) for unit in expected["served"]]
    listed = {
        (one["check"], one.get("feature", ""), one.get("in", "")): (one["state"], str(one["from"]), str(one["to"]))
        for one in expected["shows"]
    }
    found = {
        key: (worst, label(first, grain), label(last, grain))
        for key, (worst, first, last) in breaches(states[model]).items()
    }
    assert found == listed
    last = states[model][-1]
    assert last.state.value == expected["state"]
    assert {name: family.state.value for name, family in last.families.items()} == expected["families"]


@pytest.mark.parametrize("model", sorted(CENSUS))
def test_the_challenger_of_the_census_scored_the_same_people_in_shadow(store, model):
    taken = [batch for batch in batches(store, model) if batch.kind.value == "predictions"]
    rows = {
        version: sum(batch.accepted for batch in taken if (batch.version, batch.role) == (version, role))
        for version, role in CENSUS[model]["versions"].items()
    }
    assert rows == {"v1": 208_892, "v2": 208_892}
    assert model_detail(store, model).champion.name == "v1"


# The challenger of the flights, and what governs the fleet.


def test_the_challenger_of_the_flights_scored_the_same_flights_in_shadow_since_july(store):
    expected = MODELS["flight-delay"]["challenger"]
    taken = [batch for batch in batches(store, "flight-delay") if batch.version == expected["version"]]
    assert {(batch.kind.value, batch.role) for batch in taken} == {("predictions", "shadow")}
    assert sum(batch.accepted for batch in taken) == expected["rows"]
    first, last = expected["logged"]
    days = {day for batch in taken for day in batch.details["days"]}
    assert days == {str(first + timedelta(days=n)) for n in range((last - first).days + 1)}
    assert model_detail(store, "flight-delay").champion.name == "v1"


def test_every_record_is_complete_and_its_computed_tier_is_the_declared_one(store):
    governed = {one.model: one for one in governed_models(store)}
    assert set(governed) == {*MODELS, *CENSUS}
    for one in governed.values():
        assert one.missing == (), one.model
        assert one.record.document["staged"] is True
        assert (one.tier.source, one.tier.in_force) == ("computed", one.tier.declared), one.model
        assert one.record.status == "approved"
    tiers = {name: one.tier.in_force for name, one in governed.items()}
    assert (tiers["employment"], tiers["flight-delay"]) == (2, 3)


def test_everybody_of_the_contract_is_there_and_the_record_names_them(store):
    assert {person.name: person.roles for person in people(store)} == {one.name: one.roles for one in PEOPLE}
    for one in governed_models(store):
        assert (one.record.document["owner"], one.record.document["developer"]) == ("Omar Haddad", "Dana Reyes")


def test_the_record_is_there_since_the_model_serves_and_no_waiting_time_holds_in_the_demo(store):
    assert "flight-delay" not in inventory_as_of(store, date(2013, 3, 30))
    then = inventory_as_of(store, date(2013, 4, 2))
    assert set(then) == {"flight-delay"}
    assert release_policy(store).name == "demo"


def test_versions_that_serve_and_challengers_to_be_released_were_validated_as_their_tier_asks(store):
    controls = release_policy(store)
    for one in governed_models(store):
        versions = ("v1", "v2") if one.model in ("flight-delay", "employment") else ("v1",)
        done = {review.version: review for review in reviews(store, one.model) if review.kind == "validation"}
        for version in versions:
            review = done[version]
            assert review.passed
            assert review.done_by == "Vera Lind"
            assert validation_is_enough(controls[one.tier.in_force], review.scope, independent=True)


def test_no_validation_and_no_review_of_an_owner_is_overdue(store):
    overdue = [
        (name, duty.kind.value)
        for name in (*MODELS, *CENSUS)
        for duty in all_duties(store)[name]
        if duty.state == "overdue" and duty.kind != "drill"
    ]
    assert overdue == []


@pytest.mark.parametrize("model", ["flight-delay", "employment"])
def test_the_card_of_a_challenger_says_all_that_its_owner_owes(store, model):
    text = card_text(store, model, "v2").document
    assert [field.code for field in CARD_FIELDS if field.required_to and field.code not in text] == []


# Staged incidents.


@pytest.mark.parametrize(("model", "name"), INCIDENTS)
def test_each_staged_incident_is_found_in_its_window_with_its_expected_state(states, model, name):
    incident = MODELS[model]["incidents"][name]
    first, last = incident["staged"]
    for expected in incident["expected"]:
        verdict = (expected["check"], expected.get("feature"), expected.get("segment"))
        assert worst_of(within(states[model], first, last), *verdict).value == expected["state"], expected
        assert worst_of(within(states[model], first, incident["traces"]), *verdict).value == expected["state"], expected


@pytest.mark.parametrize(("model", "name"), INCIDENTS)
def test_an_incident_is_open_at_the_clock_only_where_the_scenario_says_so(states, model, name):
    incident, last = MODELS[model]["incidents"][name], states[model][-1:]
    still = [
        worst_of(last, one["check"], one.get("feature"), one.get("segment")) in BREACHES for one in incident["expected"]
    ]
    assert any(still) is incident["open"]


@pytest.mark.parametrize("model", STAGED)
def test_nothing_but_the_staged_incidents_is_ever_critical(states, model):
    incidents = MODELS[model]["incidents"].values()
    unexplained = [
        (state.day, verdict.key)
        for state in states[model]
        for verdict in state.verdicts
        if verdict.state is State.CRITICAL and not any(excused(one, state.day, verdict) for one in incidents)
    ]
    assert unexplained == []


@pytest.mark.parametrize("model", STAGED)
def test_outside_the_incidents_a_staged_model_is_healthy_on_every_day(states, model):
    spans = [(one["staged"][0], one["traces"]) for one in MODELS[model]["incidents"].values()]
    quiet = [state for state in states[model] if not any(first <= state.day <= last for first, last in spans)]
    assert len(quiet) > 90
    assert [state.day for state in quiet if state.state is not State.HEALTHY] == []


def test_incidents_lie_in_the_last_two_months_and_one_is_open_but_where_the_model_is_healthy():
    for model in STAGED:
        incidents = MODELS[model]["incidents"].values()
        assert min(one["staged"][0] for one in incidents) >= date(2013, 11, 1)
        assert any(one["open"] for one in incidents) is (MODELS[model]["state"] != "healthy")


# How the files came in.


def test_every_row_of_every_model_was_accepted(store):
    accepted = {}
    for model in MODELS:
        taken = batches(store, model)
        assert sum(batch.quarantined for batch in taken) == 0
        accepted[model] = sum(batch.accepted for batch in taken if batch.kind.value == "predictions")
    assert accepted["flight-delay"] == 255_987 + MODELS["flight-delay"]["challenger"]["rows"]
    assert all(accepted[model] > 70_000 for model in STAGED)


def test_the_flights_of_summer_are_out_of_range_not_quarantined(store):
    july = metric_query(store, "flight-delay", window="2013-07-01..2013-08-01")
    points = {(p.feature, p.metric): p for p in quality_points(store, july).points}
    assert points["temp", "out_of_range_share"].value > 0.9
    assert points["temp", "violation_share"].value > 0.9


@pytest.mark.parametrize("model", STAGED)
def test_the_clock_moved_with_the_files_of_a_staged_model(store, model):
    taken = [batch for batch in batches(store, model) if batch.kind.value == "predictions"]
    moments = sorted(batch.created_at for batch in taken)
    assert len(moments) == 42
    assert moments[-1] == store.clock.frozen_at
    assert moments[-1] - moments[0] == timedelta(days=41)


def test_only_the_late_day_was_late_and_only_after_the_history(states):
    freshness = {
        state.day: verdict.state
        for state in states["credit-risk"]
        for verdict in state.verdicts
        if verdict.check == "freshness"
    }
    assert {day for day, state in freshness.items() if state is State.CRITICAL} == {date(2013, 12, 19)}
    assert {day for day, state in freshness.items() if state is State.HEALTHY} >= {
        date(2013, 12, 1),
        date(2013, 12, 31),
    }
    assert freshness[date(2013, 11, 1)] is State.NOT_APPLICABLE


def test_the_audit_chain_holds_and_the_doctor_finds_nothing_amiss(store, home):
    assert verify(store).ok
    found = {finding.code for finding in examine(home).findings}
    assert "clock_frozen" in found
    assert not found & AMISS


def test_the_second_run_builds_nothing(home):
    assert not demo.build(home, say=lambda text: None)["built"]
