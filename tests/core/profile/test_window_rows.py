from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from core.log.columns import bind
from core.profile.window_rows import reference_rows, window_rows
from core.store import models as stored_models
from core.store.columns import column_ids
from tests.small_fleet import SERVED_START, frame

DAYS = [SERVED_START + timedelta(days=place) for place in range(5)]
NAMES = ("income", "plan")


@pytest.fixture
def asked(fleet):
    with fleet.read() as session:
        model = stored_models.model_by_name(session, "churn")
        version = stored_models.version_by_name(session, model.id, "v1")
        schema = stored_models.schema(session, version.schema_id)
        ids = bind(schema, column_ids(session, model.id))
    log_dir = fleet.log_dir(model.key)

    def rows(days=DAYS, **more):
        common = {"schema": schema, "ids": ids, "names": NAMES} | more
        return window_rows(log_dir, days, version_id=version.id, roles=("served", "canary"), **common)

    def reference(**more):
        common = {"schema": schema, "ids": ids, "names": NAMES} | more
        return reference_rows(log_dir, version.reference_sha256, **common)

    return rows, reference


def test_rows_carry_the_users_names_and_what_was_decided_and_known(asked):
    rows, _ = asked
    found = rows()
    assert found.column_names == ["id", "day", "score", "decision", "actual", "income", "plan"]
    assert found.schema.field("plan").type == pa.dictionary(pa.int32(), pa.string())
    truth = frame(SERVED_START, 40, seed=2, shift_from=30, prefix="s")
    truth = truth.filter(truth["at"].dt.date() <= DAYS[-1])
    mine = dict(zip(truth["id"], truth.select("score", "income", "plan", "left").rows(), strict=True))
    assert found.num_rows == truth.height
    for row in found.to_pylist():
        score, income, plan, left = mine[row["id"]]
        assert (row["score"], row["income"], row["plan"], row["actual"]) == (score, income, plan, left)
        assert row["decision"] == int(score >= 0.5)
    assert found["day"].to_pylist() == sorted(found["day"].to_pylist())


def test_a_sample_is_the_same_for_its_seed_and_any_cut_into_units(asked):
    rows, _ = asked
    sample = rows(at_most=100, seed=7)
    assert sample.num_rows == 100
    assert sample.equals(rows(days=DAYS[::-1], at_most=100, seed=7))
    assert set(sample["id"].to_pylist()) != set(rows(at_most=100, seed=8)["id"].to_pylist())
    assert set(sample["id"].to_pylist()) <= set(rows()["id"].to_pylist())
    assert rows(at_most=10**6).num_rows == rows().num_rows


def test_a_sample_takes_rows_of_every_unit_and_not_by_their_number(asked):
    rows, _ = asked
    sample = rows(at_most=400, seed=1)
    by_day = [sample["day"].to_pylist().count(day) for day in DAYS]
    assert min(by_day) > 50
    numbers = np.array([int(one[1:]) for one in sample["id"].to_pylist()])
    assert abs(numbers.mean() - np.array([int(x[1:]) for x in rows()["id"].to_pylist()]).mean()) < 40


def test_a_window_without_rows_is_empty_with_all_its_columns(asked):
    rows, _ = asked
    found = rows(days=[date(1999, 1, 1)])
    assert (found.num_rows, found.column_names) == (0, ["id", "day", "score", "decision", "actual", "income", "plan"])
    assert rows(days=[]).schema.names == found.column_names


def test_reference_rows_come_in_the_same_shape_with_numbers_for_ids(asked):
    rows, reference = asked
    found = reference(at_most=50, seed=3)
    assert found.schema == rows().schema
    assert found.num_rows == 50
    assert all(one.startswith("reference-") for one in found["id"].to_pylist())
