from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import update

from core.errors import CoreError, NotFoundError
from core.profile.kernel import profile
from core.profile.make_binning import make_binning
from core.profile.packed import pack
from core.profile.plan import Plan
from core.profile.records import DayProfile
from core.store import models as stored_models
from core.store import profiles as stored
from core.store.tables import BinningRow, ProfileRow

AT = datetime(2014, 1, 1, tzinfo=UTC)
PLAN = Plan(kinds={"a": "numeric"}, sources={"a": "f_0001"}, threshold=0.5)


def rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return pa.table({"f_0001": rng.normal(size=n), "score": rng.random(n), "actual": rng.integers(0, 2, n)})


@pytest.fixture
def binning():
    return make_binning(rows(2_000), PLAN)


@pytest.fixture
def version_id(store, binning):
    with store.write() as session:
        model = stored_models.add_model(session, name="m", owner="o", risk_tier=3, at=AT)
        schema_id, _ = stored_models.add_schema(session, model_id=model.id, document={}, digest="d", at=AT)
        stored.put_binning(session, binning, at=AT)
        added = stored_models.add_version(
            session, model_id=model.id, name="v1", schema_id=schema_id, artifact_sha256=None, by="ana", at=AT
        )
    return added.id


def made(binning, version_id, day, n=100, role="served"):
    counted = profile(rows(n, day), binning)
    return DayProfile(
        version_id=version_id,
        role=role,
        day=date(2013, 4, day),
        profile=counted,
        packed=pack(counted.ints, counted.floats),
        n_rows=n,
        n_labelled=n,
        log_version=3,
        batches_hash="b",
        provenance_id=f"p{day}-{n}",
        built_at=AT,
    )


def test_profiles_come_back_in_order_of_days(store, binning, version_id):
    with store.write() as session:
        for day in (3, 1, 2):
            stored.put(session, made(binning, version_id, day))
        stored.put(session, made(binning, version_id, 2, role="shadow"))
    with store.read() as session:
        stack = stored.load(session, version_id=version_id, role="served", binning_id=binning.id)
    assert stack.days == (date(2013, 4, 1), date(2013, 4, 2), date(2013, 4, 3))
    assert stack.provenance_ids == ("p1-100", "p2-100", "p3-100")
    expected = made(binning, version_id, 3).profile
    assert stack.ints[2].tobytes() == expected.ints.tobytes()
    assert stack.floats[2].tobytes() == expected.floats.tobytes()


def test_the_end_of_a_range_is_exclusive(store, binning, version_id):
    with store.write() as session:
        for day in (1, 2, 3):
            stored.put(session, made(binning, version_id, day))
        stack = stored.load(
            session,
            version_id=version_id,
            role="served",
            binning_id=binning.id,
            start=date(2013, 4, 2),
            end=date(2013, 4, 3),
        )
    assert stack.days == (date(2013, 4, 2),)


def test_a_day_is_replaced_also_under_another_binning(store, binning, version_id):
    other = make_binning(rows(3_000, 9), PLAN)
    with store.write() as session:
        stored.put_binning(session, other, at=AT)
        stored.put(session, made(binning, version_id, 1))
        stored.put(session, made(binning, version_id, 1, n=70))
        stored.put(session, made(other, version_id, 1, n=50))
        found = stored.summaries(session, version_id=version_id)
    assert [(one.day.day, one.n_rows) for one in found] == [(1, 50)]


def test_no_profiles_are_an_empty_stack(store, binning, version_id):
    with store.read() as session:
        stack = stored.load(session, version_id=version_id, role="served", binning_id=binning.id)
    assert stack.days == ()
    assert len(stack.ints) == 0


def test_removed_days_are_gone(store, binning, version_id):
    with store.write() as session:
        for day in (1, 2):
            stored.put(session, made(binning, version_id, day))
        stored.remove(session, version_id=version_id, role="served", day=date(2013, 4, 1))
        assert [one.day.day for one in stored.summaries(session, version_id=version_id)] == [2]
        stored.remove(session, version_id=version_id, role="served")
        assert stored.summaries(session, version_id=version_id, roles=["served"], binning_id=binning.id) == ()


def test_a_binning_stands_once_and_comes_back(store, binning, version_id):
    with store.write() as session:
        stored.put_binning(session, replace(binning), at=AT)
        assert stored.binning(session, binning.id).id == binning.id
        assert stored.binning_is_current(session, binning.id)
        session.execute(update(BinningRow).values(kernel_version=0))
        assert not stored.binning_is_current(session, binning.id)


def test_models_that_an_earlier_kernel_counted_are_named(fleet):
    with fleet.write() as session:
        assert stored.outdated_models(session) == ()
        session.execute(update(BinningRow).values(kernel_version=1))
        assert stored.outdated_models(session) == ("churn",)


def test_an_unknown_binning_is_named(store):
    with store.read() as session, pytest.raises(NotFoundError, match="is not in this store"):
        stored.binning(session, "f" * 64)


def test_a_binning_that_was_exchanged_is_noticed(store, binning, version_id):
    other = make_binning(rows(3_000, 9), PLAN)
    with store.write() as session:
        stored.put_binning(session, other, at=AT)
        blob = stored.binning_blob(session, other.id)
        session.execute(update(BinningRow).where(BinningRow.id == binning.id).values(blob=blob))
        with pytest.raises(CoreError, match="was changed"):
            stored.binning(session, binning.id)


def test_a_damaged_profile_is_named_in_one_sentence(store, binning, version_id):
    with store.write() as session:
        stored.put(session, made(binning, version_id, 1))
        session.execute(update(ProfileRow).values(blob=b"nonsense" * 10))
        with pytest.raises(CoreError, match="damaged; build the day again"):
            stored.load(session, version_id=version_id, role="served", binning_id=binning.id)
