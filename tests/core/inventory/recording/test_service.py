import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.audit.service import verify
from core.errors import BadInputError, ConflictError, NotFoundError, RefusedError
from core.inventory.fields import required
from core.inventory.recording.service import (
    edit_record,
    end_override,
    governed_model,
    governed_models,
    inventory_as_of,
    override_tier,
    record_history,
    release_policy,
    set_policy,
)
from core.inventory.service import model_detail, retire_model
from tests.audited import newest
from tests.governed import ADMINISTRATOR, APPROVER, ENGINEER, NOW, OWNER, RISK, VALIDATOR, VIEWER, WHOLE, at, with_model

DAY = timedelta(days=1)
LATER = (NOW + 30 * DAY).date()


def refused(code, call, *given, **named):
    with pytest.raises(RefusedError) as caught:
        call(*given, **named)
    assert caught.value.code == code
    return str(caught.value)


def last(store):
    return newest(store, n=1)[0]


def entries(store, action):
    return [entry for entry in newest(store, n=10_000) if entry.action == action]


def test_fields_are_edited_one_by_one_and_the_audit_holds_only_what_changed(both):
    store = with_model(both)
    edit_record(store, OWNER, model="churn", changes={"owner": "Omar Haddad", "population": "all"})
    made = edit_record(store, OWNER, model="churn", changes={"owner": "Ana", "population": None}, reason="moved")
    assert made.record.document == {"owner": "Ana"}
    assert (made.record.row_version, made.record.updated_by, made.record.updated_at) == (2, "Omar Haddad", NOW)
    entry = last(store)
    assert json.loads(entry.before) == {"fields": {"owner": "Omar Haddad", "population": "all"}}
    assert json.loads(entry.after) == {"at": NOW.isoformat(), "fields": {"owner": "Ana", "population": None}}
    assert (entry.action, entry.object_id, entry.reason) == ("inventory:record:edit", "churn", "moved")


def test_an_edit_without_a_change_writes_nothing(both):
    store = with_model(both)
    edit_record(store, OWNER, model="churn", changes={"owner": "Ana"})
    before = last(store).seq
    assert edit_record(store, OWNER, model="churn", changes={"owner": " Ana "}).record.row_version == 1
    assert last(store).seq == before


def test_the_history_names_every_field_with_its_values_newest_first(both):
    store = with_model(both)
    edit_record(store, OWNER, model="churn", changes={"exposure_amount": 0.5, "owner": "Ana"})
    edit_record(at(store, NOW + DAY), OWNER, model="churn", changes={"exposure_amount": 0.25})
    told = [(one.code, one.before, one.after, one.at) for one in record_history(store, "churn")]
    assert told[0] == ("exposure_amount", 0.5, 0.25, NOW + DAY)
    assert set(told[1:]) == {("owner", None, "Ana", NOW), ("exposure_amount", None, 0.5, NOW)}


@pytest.mark.parametrize(
    ("principal", "field", "value"),
    [(ENGINEER, "validator", "x"), (ENGINEER, "owner", "x"), (OWNER, "validator_independent", True)],
)
def test_a_field_is_written_by_its_roles_only(both, principal, field, value):
    store = with_model(both)
    told = refused("not_allowed", edit_record, store, principal, model="churn", changes={field: value})
    assert f"{field} is for" in told
    assert governed_model(store, "churn").record.document == {}


def test_a_viewer_and_an_approver_write_no_record(both):
    store = with_model(both)
    for principal in (VIEWER, APPROVER):
        refused("not_allowed", edit_record, store, principal, model="churn", changes={"description": "x"})
    assert governed_model(store, "churn").record.document == {}


def test_the_slower_of_two_edits_of_the_same_page_is_told_who_was_first(both):
    store = with_model(both)
    edit_record(store, OWNER, model="churn", changes={"owner": "Ana"}, row_version=0)
    with pytest.raises(ConflictError, match="changed by Omar Haddad since you opened it"):
        edit_record(store, LOCAL, model="churn", changes={"owner": "Bea"}, row_version=0)
    assert governed_model(store, "churn").record.document == {"owner": "Ana"}


def test_the_same_click_again_changes_nothing(both):
    store = with_model(both)
    for _ in range(3):
        edit_record(store, OWNER, model="churn", changes={"owner": "Ana"}, row_version=0, idempotency_key="k")
    assert len(entries(store, "inventory:record:edit")) == 1
    with pytest.raises(ConflictError, match="was used before"):
        override_tier(store, OWNER, model="churn", tier=1, expires=LATER, reason="r", idempotency_key="k")


def test_leaving_proposed_waits_for_what_the_tier_requires(both):
    store = with_model(both)
    with pytest.raises(BadInputError, match="cannot leave proposed: a model of tier 3 also needs description"):
        edit_record(store, OWNER, model="churn", changes={"status": "approved"})
    whole = edit_record(store, LOCAL, model="churn", changes=WHOLE)
    assert (whole.record.status, whole.missing, whole.tier.in_force) == ("approved", (), 3)
    with pytest.raises(BadInputError, match="Tier 3 requires users"):
        edit_record(store, OWNER, model="churn", changes={"users": None})


def test_an_edit_that_raises_the_tier_leaves_proposed_only_with_what_the_new_tier_requires(both):
    store = with_model(both)
    enough = {field.code: WHOLE[field.code] for field in required(3)}
    edit_record(store, LOCAL, model="churn", changes={**enough, "status": None})
    with pytest.raises(BadInputError, match="a model of tier 2 also needs code_reference"):
        edit_record(store, OWNER, model="churn", changes={"exposure_amount": 2e8, "status": "approved"})
    assert edit_record(store, OWNER, model="churn", changes={"status": "approved"}).tier.in_force == 3
    assert edit_record(store, OWNER, model="churn", changes={"exposure_amount": 2e8}).missing[0] == "code_reference"


def test_risk_fields_that_raise_the_tier_are_anybodys_and_those_that_lower_it_a_validators(both):
    store = with_model(both)
    edit_record(store, LOCAL, model="churn", changes=RISK)
    assert edit_record(store, OWNER, model="churn", changes={"exposure_amount": 2e8}).tier.in_force == 2
    told = refused("not_allowed", edit_record, store, OWNER, model="churn", changes={"exposure_amount": 1e6})
    assert "lower 'churn' from tier 2 to 3" in told
    both_roles = Principal("Vera Lind", frozenset({Role.VALIDATOR, Role.OWNER}))
    assert edit_record(store, both_roles, model="churn", changes={"exposure_amount": 1e6}).tier.in_force == 3


def test_a_first_record_does_not_slip_below_the_tier_that_was_declared(both):
    store = with_model(both, tier=2)
    told = refused("not_allowed", edit_record, store, LOCAL, model="churn", changes=RISK)
    assert "from tier 2 to 3" in told
    assert governed_model(store, "churn").tier.source == "declared"


def test_raising_a_tier_needs_no_validator_and_lowering_does(both):
    store = with_model(both)
    raised = override_tier(store, OWNER, model="churn", tier=1, expires=LATER, reason="close to a limit")
    assert (raised.tier, raised.set_by, raised.set_at) == (1, "Omar Haddad", NOW)
    assert governed_model(store, "churn").tier.in_force == 1
    for tier in (2, 3, 4):
        refused("not_allowed", override_tier, store, OWNER, model="churn", tier=tier, expires=LATER, reason="r")
    assert override_tier(store, VALIDATOR, model="churn", tier=4, expires=LATER, reason="r").tier == 4
    assert governed_model(store, "churn").tier.in_force == 4
    assert override_tier(store, OWNER, model="churn", tier=3, expires=LATER, reason="r").tier == 3


def test_the_same_click_again_sets_one_override_also_after_it_was_ended(both):
    store = with_model(both)
    given = {"model": "churn", "tier": 1, "expires": LATER, "reason": "r", "idempotency_key": "k"}
    first = override_tier(store, OWNER, **given)
    assert override_tier(store, OWNER, **given) == first
    end_override(store, VALIDATOR, model="churn", reason="r", idempotency_key="e")
    assert end_override(store, VALIDATOR, model="churn", reason="r", idempotency_key="e").in_force == 3
    assert override_tier(store, OWNER, **given).ended_at == NOW
    assert governed_model(store, "churn").tier.in_force == 3
    assert len(entries(store, "inventory:tier:override")) == 1


def test_an_engineer_and_an_administrator_override_nothing(both):
    store = with_model(both)
    for principal in (ENGINEER, ADMINISTRATOR, APPROVER):
        refused("not_allowed", override_tier, store, principal, model="churn", tier=1, expires=LATER, reason="r")
    assert governed_model(store, "churn").tier.source != "override"


def test_a_lapsed_override_counts_no_longer(both):
    store = with_model(both)
    override_tier(store, OWNER, model="churn", tier=1, expires=LATER, reason="r")
    last_day = datetime.combine(LATER, datetime.max.time(), UTC)
    assert governed_model(at(store, last_day - timedelta(seconds=1)), "churn").tier.in_force == 1
    lapsed = governed_model(at(store, last_day), "churn").tier
    assert (lapsed.in_force, lapsed.source, lapsed.override.tier) == (3, "declared", 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tier": 5}, "no tier 5"),
        ({"expires": NOW.date() - DAY}, "ends between today and 366 days"),
        ({"expires": NOW.date() + 367 * DAY}, "ends between today and 366 days"),
        ({"reason": "  "}, "Say why"),
        ({"reason": "a\x00"}, "invisible control character"),
    ],
)
def test_an_override_needs_a_tier_a_reason_and_an_end_within_a_year(both, changes, words):
    store = with_model(both)
    with pytest.raises(BadInputError, match=words):
        override_tier(store, VALIDATOR, model="churn", **{"tier": 2, "expires": LATER, "reason": "r", **changes})


def test_ending_an_override_that_raised_needs_a_validator(both):
    store = with_model(both)
    override_tier(store, OWNER, model="churn", tier=1, expires=LATER, reason="r")
    told = refused("not_allowed", end_override, store, OWNER, model="churn", reason="r")
    assert "from tier 1 to 3" in told
    assert end_override(store, VALIDATOR, model="churn", reason="r").in_force == 3
    with pytest.raises(NotFoundError, match="No override"):
        end_override(store, VALIDATOR, model="churn", reason="r")


def test_the_policy_is_an_administrators_and_written_down_once(both):
    store = at(both, NOW)
    assert release_policy(store).name == "standard"
    for principal in (OWNER, VALIDATOR, ENGINEER):
        refused("not_allowed", set_policy, store, principal, "demo")
    assert set_policy(store, ADMINISTRATOR, "demo", reason="a demonstration").name == "demo"
    set_policy(store, ADMINISTRATOR, "demo")
    assert release_policy(store)[1].wait == timedelta(0)
    (entry,) = entries(store, "inventory:policy:set")
    assert json.loads(entry.before)["name"] == "standard"
    with pytest.raises(BadInputError, match="no policy 'lax'"):
        set_policy(store, ADMINISTRATOR, "lax")


def test_all_models_are_read_at_once_as_each_is_read_alone(both):
    store = with_model(with_model(both, name="a"), name="b")
    edit_record(store, LOCAL, model="a", changes=WHOLE)
    override_tier(store, OWNER, model="b", tier=1, expires=LATER, reason="r")
    assert governed_models(store) == (governed_model(store, "a"), governed_model(store, "b"))


def test_a_model_that_is_not_there_is_named(both):
    for call in (governed_model, record_history):
        with pytest.raises(NotFoundError, match="no model 'x'"):
            call(both, "x")
    with pytest.raises(NotFoundError, match="no model 'x'"):
        edit_record(both, LOCAL, model="x", changes={})


def test_the_champion_of_a_past_day(both):
    store = with_model(both)
    assert inventory_as_of(store, (NOW - DAY).date()) == {}
    assert inventory_as_of(store, NOW.date())["churn"].champion == "v1"


EDITS = {
    "exposure_amount": [0, 0.1, 1e7, 1e9, None],
    "harm": ["none", "rights", "safety", None],
    "automation": ["advice", "autonomous", None],
    "users": [["a"], ["a", "b"], [], None],
    "in_scope": [True, False, None],
    "description": ["0.5", "x\ny", None],
    **{code: [value, None] for code, value in RISK.items() if code not in ("exposure_amount", "harm", "automation")},
}
ALL = Principal("Vera Lind", frozenset({Role.VALIDATOR, Role.OWNER, Role.ADMINISTRATOR}))


def step(store, rng, model):
    """Do one random thing to a model."""
    match rng.randrange(6):
        case 0 | 1 | 2:
            codes = rng.sample(list(EDITS), rng.randint(1, 5))
            edit_record(store, ALL, model=model, changes={code: rng.choice(EDITS[code]) for code in codes})
        case 3:
            days = rng.randint(0, 5)
            expires = (store.clock.now() + days * DAY).date()
            override_tier(store, ALL, model=model, tier=rng.randint(1, 4), expires=expires, reason="r")
        case 4:
            if governed_model(store, model).tier.override is not None:
                end_override(store, ALL, model=model, reason="r")
        case 5:
            if rng.random() < 0.1:
                retire_model(store, ALL, model)


def seen(store, model):
    now, detail = governed_model(store, model), model_detail(store, model).model
    return (now.record.document, now.tier, now.missing, detail.owner, detail.state, detail.champion_since)


def replayed(store, model, day):
    then = inventory_as_of(store, day)[model]
    override = then.tier.override
    tier = replace(then.tier, override=override and replace(override, ended_at=None))
    return (then.document, tier, then.missing, then.owner, then.state, then.champion_since)


@pytest.mark.parametrize("seed", range(4))
def test_the_inventory_replayed_for_any_past_day_is_what_was_stored_on_it(both, seed):
    rng = random.Random(seed)
    store, models, days, stored = both, ("a", "b"), 12, {}
    for name in models:
        store = with_model(store, name=name)
    for number in range(days):
        morning = NOW + number * DAY
        for name in models:
            for minute in range(rng.randint(0, 3)):
                step(at(store, morning + timedelta(minutes=minute)), rng, name)
        evening = datetime.combine(morning.date(), datetime.max.time(), UTC)
        stored |= {(name, morning.date()): seen(at(store, evening), name) for name in models}
    assert {key: replayed(store, *key) for key in stored} == stored
    assert verify(store).ok


def test_who_built_a_model_does_not_lower_its_tier_whatever_else_they_are(both):
    store = with_model(both, tier=2)
    edit_record(store, OWNER, model="churn", changes={"developer": ENGINEER.name})
    dana = Principal(ENGINEER.name, frozenset({Role.ENGINEER, Role.OWNER, Role.VALIDATOR}))
    given = {"model": "churn", "tier": 4, "expires": NOW.date() + timedelta(days=9), "reason": "small by now"}
    with pytest.raises(RefusedError, match="who did not build it"):
        override_tier(store, dana, **given)
    with pytest.raises(RefusedError, match="who did not build it"):
        edit_record(store, dana, model="churn", changes={**RISK, "developer": "Somebody Else"})
    assert override_tier(store, VALIDATOR, **given).tier == 4
