from dataclasses import replace
from datetime import timedelta

import pytest

from core.checks.evidence import Evidence, Outline
from core.checks.limits import load_limits
from core.checks.quality import FINDINGS, automatic_segments, has_rule, prepare, verdicts
from core.checks.service import recent_states
from core.performance.maturity import Maturity
from core.profile.records import REFERENCE_ROLE
from core.states import State
from core.store.models import version_by_id
from core.store.profiles import summaries
from core.store.series import live_units, load_history
from core.windows import Window
from tests.troubled_fleet import LAST_DAY, LATE_DAY, ROUNDED_DAY, THIN_DAY, UNIT_DAY

MATURE = Maturity(mature=True, coverage=1.0, reason="")
CODES = {code for code, limit in load_limits().checks.items() if limit.family == "quality"}
BREACHES = (State.WARNING, State.CRITICAL)


@pytest.fixture(scope="session")
def known(troubled):
    with troubled.read() as session:
        version = version_by_id(session, 1)
        history = load_history(session, version)
        outline = Outline(
            schema=history.schema,
            limits=load_limits(history.schema.limits),
            binning_id=version.binning_id,
            reference=summaries(session, version_id=1, binning_id=version.binning_id, roles=(REFERENCE_ROLE,)),
            log=live_units(session, version),
        )
    return Evidence(
        outline=outline,
        layout=history.layout,
        reference=history.reference,
        log=history.log,
        dated=history.dated,
    )


@pytest.fixture(scope="session")
def prepared(known):
    return prepare(known)


def judged(known, prepared, day, **options):
    return verdicts(prepared, known.log.days.index(day), Window(day, day + timedelta(days=1)), MATURE, **options)


def breaches(found):
    return {(one.check, one.feature) for one in found if one.raw_state in BREACHES and not one.segment}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (UNIT_DAY, {("unit_change", "income"), ("out_of_range_share", "income")}),
        (LATE_DAY, {("freshness", None)}),
        (THIN_DAY, {("volume", None)}),
        (
            ROUNDED_DAY,
            {("integer_share", "age"), ("decimals_change", "income"), ("out_of_range_share", "age")},
        ),
        (LAST_DAY, {("missing_share", "plan"), ("completeness", None)}),
        (UNIT_DAY - timedelta(days=1), set()),
    ],
)
def test_each_trouble_is_found_on_its_day_and_nothing_else(known, prepared, day, expected):
    assert breaches(judged(known, prepared, day)) == expected


def test_every_check_is_told_of_every_day(known, prepared):
    found = judged(known, prepared, LAST_DAY)
    assert {one.check for one in found} == CODES - {"silence"}
    assert all(one.reason for one in found)
    assert all((one.value is None) == (one.raw_state is State.NOT_APPLICABLE) for one in found)


def test_a_rule_that_is_the_references_own_is_not_judged_twice(known, prepared):
    found = [one for one in judged(known, prepared, UNIT_DAY) if one.check == "violation_share"]
    assert {one.feature for one in found} == {"income", "age", "plan"}
    assert all("reference's own" in one.reason for one in found)


def test_a_stricter_rule_is_judged(known):
    layout = known.layout
    strict = replace(layout.binning, ranges={**layout.binning.ranges, "income": (0.0, 80.0)})
    stricter = prepare(replace(known, layout=type(layout)(strict)))
    (found,) = (
        one for one in judged(known, stricter, UNIT_DAY) if one.check == "violation_share" and one.feature == "income"
    )
    assert found.raw_state is State.CRITICAL
    assert found.reason == "150 of 150 rows break the rule of the accepted contract"
    assert has_rule(strict, "income")


def test_a_season_excuses_values_out_of_range_but_no_unseen_levels(known):
    schema = known.schema
    features = {name: replace(feature, seasonal=True) for name, feature in schema.features.items()}
    seasonal = replace(known, outline=replace(known.outline, schema=replace(schema, features=features)))
    found = [one for one in judged(seasonal, prepare(seasonal), UNIT_DAY) if not one.segment]
    outside = [one for one in found if one.check == "out_of_range_share"]
    assert outside
    assert all(one.raw_state is State.NOT_APPLICABLE and one.reason.startswith("seasonal") for one in outside)
    unseen = [one for one in found if one.check == "unseen_share"]
    assert unseen
    assert all(one.raw_state is State.HEALTHY for one in unseen)


def test_the_request_source_is_a_segment_by_itself(known, prepared):
    places = automatic_segments(known.layout.binning, known.schema)
    assert {one.column for one, _ in places} == {"channel"}
    found = [one for one in judged(known, prepared, LAST_DAY) if one.segment]
    assert ("missing_share", "plan", "phone") in {(one.check, one.feature, one.segment["channel"]) for one in found}
    assert all(one.raw_state in BREACHES or one.significant for one in found)


def test_a_segment_with_a_past_is_told_as_healthy_too(known, prepared):
    key = next(one.key for one in judged(known, prepared, LAST_DAY) if one.segment)
    quiet = UNIT_DAY - timedelta(days=1)
    assert not [one for one in judged(known, prepared, quiet) if one.segment]
    (told,) = (one for one in judged(known, prepared, quiet, followed={key}) if one.segment)
    assert told.raw_state is State.HEALTHY


def test_the_stored_states_say_the_same_and_facts_close_by_themselves(troubled):
    states = {state.day: state.verdicts for state in recent_states(troubled, model="churn", count=5)}
    volume = {day: next(one for one in found if one.check == "volume").state for day, found in states.items()}
    assert volume[THIN_DAY] is State.WARNING
    assert volume[ROUNDED_DAY] is State.HEALTHY
    unit = {
        day: next(one for one in found if one.check == "unit_change" and one.feature == "income").state
        for day, found in states.items()
    }
    assert unit[UNIT_DAY] is State.CRITICAL
    assert unit[LATE_DAY] is State.HEALTHY


def test_every_check_that_is_new_has_its_words():
    assert set(FINDINGS) == CODES - {"missing_share", "unseen_share", "out_of_range_share"}
