import pytest

from core.errors import BadInputError, ConflictError, NotFoundError
from core.log.schema import load_schema
from core.store import models
from tests.small_fleet import MODEL_YAML


def add(session, clock, name="churn"):
    model = models.add_model(session, name=name, owner="crm", risk_tier=2, at=clock.now())
    schema_id, _ = models.add_schema(session, model_id=model.id, document={"a": 1}, digest="d1", at=clock.now())
    return model, schema_id


def test_the_key_of_a_model_never_holds_its_name(store):
    with store.write() as session:
        first, _ = add(session, store.clock, "../../etc/passwd")
        second, _ = add(session, store.clock, "b")
    assert (first.key, second.key) == ("m0001", "m0002")


def test_a_change_on_what_was_read_before_somebody_elses_is_refused(store):
    with store.write() as session:
        model, _ = add(session, store.clock)
        models.change_model(session, model, {"owner": "ana"})
        with pytest.raises(ConflictError, match="somebody else"):
            models.change_model(session, model, {"owner": "ben"})
        assert models.model_by_id(session, model.id).owner == "ana"


def test_versions_are_changed_by_compare_and_swap_too(store):
    with store.write() as session:
        model, schema_id = add(session, store.clock)
        version = models.add_version(
            session,
            model_id=model.id,
            name="v1",
            schema_id=schema_id,
            artifact_sha256=None,
            by="ana",
            at=store.clock.now(),
        )
        models.change_version(session, version, {"reference_rows": 5})
        with pytest.raises(ConflictError):
            models.change_version(session, version, {"reference_rows": 6})


def test_names_are_unique_within_a_model(store):
    with store.write() as session:
        model, schema_id = add(session, store.clock)
        args = {
            "model_id": model.id,
            "schema_id": schema_id,
            "artifact_sha256": None,
            "by": "ana",
            "at": store.clock.now(),
        }
        models.add_version(session, name="v1", **args)
        with pytest.raises(BadInputError, match="exists already"):
            models.add_version(session, name="v1", **args)


def test_schema_revisions_count_up(store):
    with store.write() as session:
        model, first = add(session, store.clock)
        known = load_schema(MODEL_YAML)
        second = models.add_schema(
            session, model_id=model.id, document=known.document(), digest=known.digest, at=store.clock.now()
        )
        assert second == (first + 1, 2)
        assert models.latest_schema(session, model.id) == (second[0], 2, known.digest)
        assert models.schema(session, second[0]) == known
        assert models.schema(session, second[0]) is models.schema(session, second[0])


def test_what_is_not_there_is_named(store):
    with store.read() as session:
        for call in (models.model_by_id, models.version_by_id, models.schema):
            with pytest.raises(NotFoundError, match="99"):
                call(session, 99)
        assert models.find_model(session, "x") is None
