from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.access.principal import LOCAL
from core.errors import NotFoundError
from core.inventory.service import add_model
from core.log.schema import load_schema
from core.profile.profile import Profile
from core.profile.segment_rows import SegmentCounts
from core.segments.filters import Condition, Filter, to_document
from core.segments.saved import Progress
from core.store import models as stored_models
from core.store import saved_segments as stored
from tests.small_fleet import MODEL_YAML

AT = datetime(2024, 4, 10, tzinfo=UTC)
DAY = date(2024, 3, 1)
OLD = to_document(Filter(conditions=(Condition(column="age", low=50.0),)))


def model(session):
    return stored_models.model_by_name(session, "churn")


def version(session):
    return stored_models.version_by_name(session, model(session).id, "v1")


def add(session, name="old"):
    return stored.add(session, model_id=model(session).id, name=name, conditions=OLD, by="ana", at=AT)


def counts(session, saved, n_rows=3):
    made = Profile(binning_id=version(session).binning_id, ints=np.arange(4), floats=np.ones(2))
    return SegmentCounts(segment_id=saved.id, profile=made, n_rows=n_rows, n_labelled=1)


def test_segments_come_back_by_name_until_they_are_retired(fleet):
    with fleet.write() as session:
        add(session, "b")
        one = add(session, "a")
        assert [item.name for item in stored.standing(session, one.model_id)] == ["a", "b"]
        assert stored.by_name(session, model(session), "a") == one
        assert (one.conditions, one.created_by, one.created_at) == (tuple(OLD), "ana", AT)
        stored.retire(session, one, at=AT)
        assert [item.name for item in stored.standing(session, one.model_id)] == ["b"]
        with pytest.raises(NotFoundError, match="has no saved segment 'a'; saved: @b"):
            stored.by_name(session, model(session), "a")


def test_counts_of_a_unit_replace_the_ones_before_and_go_with_it(fleet):
    with fleet.write() as session:
        saved = add(session)
        unit = (version(session).id, "served", DAY)
        for provenance in ("one", "two"):
            stored.put(session, unit, [(counts(session, saved), provenance)], at=AT)
        kept = {"version_id": unit[0], "role": "served", "binning_id": version(session).binning_id}
        stack = stored.load(session, saved.id, **kept)
        assert (stack.days, stack.provenance_ids) == ((DAY,), ("two",))
        assert stack.ints.tolist() == [[0, 1, 2, 3]]
        assert stored.load(session, saved.id, **kept, start=date(2024, 3, 2)).days == ()
        assert stored.load(session, saved.id, **kept, end=DAY).days == ()
        assert stored.progress(session, version(session), saved) == Progress(done=1, total=80)
        stored.remove(session, version_id=unit[0], role="served", day=DAY)
        assert stored.progress(session, version(session), saved).done == 0


def test_all_counts_of_a_version_can_be_removed(fleet):
    with fleet.write() as session:
        saved = add(session)
        for role in ("served", "reference"):
            stored.put(session, (version(session).id, role, DAY), [(counts(session, saved), "p")], at=AT)
        stored.remove(session, version_id=version(session).id)
        kept = {"version_id": version(session).id, "binning_id": version(session).binning_id}
        assert stored.load(session, saved.id, role="reference", **kept).days == ()


def test_tasks_name_the_internal_columns_of_the_filter(fleet):
    with fleet.write() as session:
        assert stored.tasks_of(session, model(session), version(session)) == ()
        saved = add(session)
        (task,) = stored.tasks_of(session, model(session), version(session))
        assert (task.segment_id, list(task.columns)) == (saved.id, ["age"])
        assert task.columns["age"].startswith("f_")


def test_only_what_is_not_counted_is_lacking(fleet):
    with fleet.write() as session:
        saved = add(session)
        stored.put(session, (version(session).id, "served", DAY), [(counts(session, saved), "p")], at=AT)
        found = stored.lacking(session, model(session))
        assert len(found) == 79
        assert (version(session).id, "served", DAY) not in {one.key for one in found}
        assert {one.log_role for one in found if one.role == "served"} == {"served"}


def test_a_model_has_its_newest_schema_or_says_how_to_give_one(fleet, store):
    with fleet.read() as session:
        assert stored.newest_schema(session, model(session)).model == "churn"
    add_model(store, LOCAL, load_schema(MODEL_YAML))
    with store.write() as session:
        bare = stored_models.add_model(session, name="bare", owner="o", risk_tier=3, at=AT)
        with pytest.raises(NotFoundError, match="'bare' has no schema"):
            stored.newest_schema(session, bare)
