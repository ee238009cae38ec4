from core.access.principal import LOCAL
from core.access.service import add_person
from core.inventory.recording.service import edit_record
from core.releases.validity import FIELDS
from core.store import release_facts as facts
from core.store import settings
from core.store.releases import decisions
from tests.release_kit import DANA, OMAR, VERA, approve, governed, pending, requested


def test_the_validity_key_is_what_the_store_holds_now(both):
    store = governed(both)
    release = requested(store)
    with store.read() as session:
        key = facts.validity_now(session, release, {"latency": "pass"}, at=store.clock.now())
    assert tuple(key) == FIELDS
    assert (key["model"], key["version"], key["tier"], key["gate_policy"]) == ("churn", "v2", 3, "standard/2")
    assert key["artifact_sha256"] == f"{2:064x}"
    assert key["target"] == {"environment": "production", "executor": "embedded", "replaces": "v1"}
    assert key["blocking_findings"] == []
    assert key["gate_outcomes"] == {"latency": "pass"}


def test_nothing_differs_right_after_the_evidence_was_frozen(both):
    store = governed(both)
    release = pending(store)
    with store.write() as session:
        assert facts.differences_now(session, release, at=store.clock.now()) == ()
        settings.put(session, "executor", "https://deploy.example/hook")
        assert [one.field for one in facts.differences_now(session, release, at=store.clock.now())] == ["target"]


def test_too_near_are_who_asked_who_added_it_and_the_developer_of_the_record(both):
    store = governed(both)
    edit_record(store, OMAR, model="churn", changes={"developer": "Vera Lind"})
    release = requested(store, OMAR)
    with store.read() as session:
        near = facts.parties(session, release, decisions(session, release.id))
    assert near.requesters == {"Omar"}
    assert [name in near.developers for name in ("Dana", "Vera", "Omar")] == [True, True, False]


def test_approvals_are_counted_with_the_roles_of_today(both):
    store = governed(both, tier=1)
    release = approve(store, OMAR, pending(store))
    approve(store, VERA, release)
    add_person(store, LOCAL, "Omar", ["viewer"])
    with store.read() as session:
        table = facts.read_table(session, release, store.clock.now())
    assert [(one.name, sorted(one.roles)) for one in table.voters] == [("Omar", ["viewer"]), ("Vera", ["validator"])]
    assert [one.by for one in facts.approvals(release, table.decisions)] == ["Omar", "Vera"]
    assert [name in table.parties.developers for name in ("Dana", "Omar")] == [True, False]


def test_before_any_rows_there_is_nothing_to_compare_a_target_with(both):
    store = governed(both)
    release = requested(store, DANA)
    with store.read() as session:
        assert facts.arriving_schema(session, release.model_id) is None
