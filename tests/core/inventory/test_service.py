from dataclasses import replace

import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import BadInputError, NotFoundError, RefusedError
from core.inventory import service
from core.inventory.recording import service as recording
from core.inventory.records import ModelState
from core.log.columns import storage_keys
from core.log.schema import load_schema
from core.releases.requesting import service as requesting
from core.store.columns import column_ids
from tests.audited import newest
from tests.governed import RISK
from tests.release_kit import governed, pending
from tests.small_fleet import MODEL_YAML


@pytest.fixture
def schema(tmp_path):
    file = tmp_path / "model.yaml"
    file.write_text(MODEL_YAML, encoding="utf-8")
    return load_schema(file)


def changed(tmp_path, old, new):
    file = tmp_path / "changed.yaml"
    file.write_text(MODEL_YAML.replace(old, new), encoding="utf-8")
    return load_schema(file)


def add_version(store, name, **changes):
    values = {"model": "churn", "version": name, "artifact_sha256": None, "has_reference": False} | changes
    return service.add_version(store, LOCAL, **values)


def actions(store):
    return [entry.action for entry in newest(store, n=50)]


def test_the_same_file_again_changes_nothing_and_leaves_no_audit_row(store, schema):
    assert service.add_model(store, LOCAL, schema).outcome == "added"
    before = actions(store)
    again = service.add_model(store, LOCAL, schema)
    assert (again.outcome, again.schema_revision) == ("unchanged", 1)
    assert actions(store) == before


@pytest.mark.parametrize("limits", ["{nope: 1}", "{volume: {warn: 3}}", "{miscalibration: {warning: 3, critical: 2}}"])
def test_a_limit_of_no_check_is_refused_before_anything_is_stored(store, tmp_path, limits):
    asked = changed(tmp_path, "task: binary", f"task: binary\nlimits: {limits}")
    with pytest.raises(BadInputError, match=r"^limits[.]"):
        service.add_model(store, LOCAL, asked)
    assert service.models(store) == ()


def test_a_changed_file_makes_a_new_revision_and_does_not_touch_versions_that_are_live(store, schema, tmp_path):
    service.add_model(store, LOCAL, schema)
    live = add_version(store, "v1")
    revised = service.add_model(store, LOCAL, changed(tmp_path, "risk_tier: 2", "risk_tier: 1"))
    assert (revised.outcome, revised.schema_revision, revised.model.risk_tier) == ("revised", 2, 1)
    assert service.version_schema(store, live).risk_tier == 2
    assert add_version(store, "v2").schema_revision == 2


def test_the_first_version_becomes_the_champion_and_the_trail_says_so(store, schema):
    service.add_model(store, LOCAL, schema)
    first = add_version(store, "v1")
    add_version(store, "v2")
    assert service.model_detail(store, "churn").champion.id == first.id
    assert actions(store).count("model:version:champion") == 1


def test_a_version_that_exists_takes_a_reference_and_nothing_else(store, schema):
    service.add_model(store, LOCAL, schema)
    added = add_version(store, "v1", artifact_sha256="a" * 64)
    assert add_version(store, "v1", has_reference=True) == added
    with pytest.raises(BadInputError, match="exists already"):
        add_version(store, "v1")
    with pytest.raises(BadInputError, match="another artefact"):
        add_version(store, "v1", artifact_sha256="b" * 64, has_reference=True)


def test_a_version_of_an_unknown_model_is_refused_with_the_known_names(store, schema):
    with pytest.raises(NotFoundError, match="watchroom model add"):
        add_version(store, "v1")
    service.add_model(store, LOCAL, schema)
    with pytest.raises(NotFoundError, match="known models: churn"):
        add_version(store, "v1", model="chrun")


@pytest.mark.parametrize("name", ["", "   ", "v" * 201])
def test_a_version_needs_a_name(store, schema, name):
    service.add_model(store, LOCAL, schema)
    with pytest.raises(BadInputError, match="1 to 200 characters"):
        add_version(store, name)


@pytest.mark.parametrize("name", ['"; DROP TABLE models', "../../etc/passwd", "\u202ev1", "🛰️", "a/b"])
def test_hostile_version_names_are_only_names(store, schema, name):
    service.add_model(store, LOCAL, schema)
    assert add_version(store, name).name == name
    assert [v.name for v in service.model_detail(store, "churn").versions] == [name]


def test_a_retired_model_keeps_its_records_and_takes_no_version(store, schema):
    service.add_model(store, LOCAL, schema)
    add_version(store, "v1")
    assert service.retire_model(store, LOCAL, "churn").state is ModelState.RETIRED
    assert service.retire_model(store, LOCAL, "churn").state is ModelState.RETIRED
    assert actions(store).count("model:model:retire") == 1
    with pytest.raises(BadInputError, match="retired"):
        add_version(store, "v2")


def test_the_same_contract_again_is_no_new_revision(fleet):
    known = {"apiVersion": "v3.0.2", "kind": "DataContract", "id": "x", "version": "1"}
    revision = service.accept_contract(fleet, LOCAL, model="churn", version="v1", document=known)
    assert service.accept_contract(fleet, LOCAL, model="churn", version="v1", document=known) == revision
    other = {**known, "version": "2"}
    assert service.accept_contract(fleet, LOCAL, model="churn", version="v1", document=other) == revision + 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BUSINESS, Role.VALIDATOR])
def test_who_may_not_change_the_inventory_is_refused_by_the_core(store, schema, role):
    someone = Principal("ana", frozenset({role}))
    with pytest.raises(RefusedError):
        service.add_model(store, someone, schema)
    assert service.models(store) == ()


def test_segments_come_from_the_champions_binning(fleet):
    labels = {(segment.column, segment.label) for segment in service.champion_segments(fleet, "churn")}
    assert {("plan", "basic"), ("plan", "plus"), ("plan", "max"), ("plan", "missing")} <= labels


def test_the_change_token_moves_with_every_change(store, schema):
    before = service.change_token(store)
    service.add_model(store, LOCAL, replace(schema))
    assert service.change_token(store) > before


def test_every_column_has_its_internal_id_with_the_schema_and_keeps_it(store, schema, tmp_path):
    service.add_model(store, LOCAL, schema)
    with store.read() as session:
        first = column_ids(session, 1)
    assert first.keys() == storage_keys(schema).keys()
    wider = changed(tmp_path, "    age: {", "    brand_new: {kind: numeric}\n    age: {")
    service.add_model(store, LOCAL, wider)
    with store.read() as session:
        second = column_ids(session, 1)
    assert second.keys() == first.keys() | {"number:brand_new"}
    assert first.items() <= second.items()


def test_the_contract_in_force_is_read_with_its_version(fleet):
    version = service.model_detail(fleet, "churn").versions[0]
    assert service.version_contract(fleet, version).revision == 1


def test_all_models_are_told_at_once_as_each_is_alone(fleet):
    assert service.model_details(fleet) == (service.model_detail(fleet, "churn"),)


def test_a_revision_lowers_the_tier_only_by_a_validator(store, schema, tmp_path):
    engineer = Principal("Dana", frozenset({Role.ENGINEER}))
    service.add_model(store, engineer, schema)
    lower = changed(tmp_path, "risk_tier: 2", "risk_tier: 4")
    with pytest.raises(RefusedError, match="lowers 'churn' from tier 2 to 4") as caught:
        service.add_model(store, engineer, lower)
    assert caught.value.code == "not_allowed"
    assert service.model_detail(store, "churn").model.risk_tier == 2
    assert service.add_model(store, engineer, changed(tmp_path, "risk_tier: 2", "risk_tier: 1")).outcome == "revised"
    both = Principal("Vera", frozenset({Role.ENGINEER, Role.VALIDATOR}))
    assert service.add_model(store, both, lower).model.risk_tier == 4


def test_what_a_file_declares_does_not_count_where_the_record_is_computed(store, schema, tmp_path):
    service.add_model(store, LOCAL, schema)
    everybody = Principal("Zoe", frozenset({Role.ENGINEER, Role.OWNER, Role.VALIDATOR}))
    recording.edit_record(store, everybody, model="churn", changes=RISK)
    before = recording.governed_model(store, "churn").tier
    service.add_model(store, LOCAL, changed(tmp_path, "risk_tier: 2", "risk_tier: 4"))
    after = recording.governed_model(store, "churn").tier
    assert (before.in_force, before.source) == (after.in_force, after.source) == (before.computed.tier, "computed")


def test_a_model_with_a_release_on_its_way_is_not_retired(store):
    release = pending(governed(store))
    with pytest.raises(BadInputError, match=f"Release {release.id} of churn v2 is PENDING_APPROVAL"):
        service.retire_model(store, LOCAL, "churn")
    requesting.cancel(store, LOCAL, release.id, reason="the model goes")
    assert service.retire_model(store, LOCAL, "churn").state is ModelState.RETIRED
