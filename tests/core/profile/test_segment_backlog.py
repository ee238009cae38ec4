"""Counting what is lacking, from the log and from a reference; the services around it are in tests/core/segments."""

import pytest

from core.access.principal import LOCAL
from core.errors import BadInputError
from core.profile.segment_backlog import counts_of
from core.segments.filters import Condition, Filter, to_text
from core.segments.service import save_segment
from core.store import models as stored_models
from core.store import saved_segments
from tests.small_fleet import DAYS

OLD = Filter(conditions=(Condition(column="age", low=50.0),))


@pytest.fixture
def lacking(fleet):
    save_segment(fleet, LOCAL, model="churn", name="old", where=to_text(OLD))
    with fleet.read() as session:
        return saved_segments.lacking(session, stored_models.model_by_name(session, "churn"))


def test_every_profiled_unit_is_lacking_and_counted_in_order(fleet, lacking):
    assert [unit.role for unit in lacking] == ["reference"] * DAYS + ["served"] * DAYS
    assert len({unit.key for unit in lacking}) == 2 * DAYS
    counted = list(counts_of(fleet.log_dir("m0001"), lacking))
    assert all(len(made) == 1 for made, _ in counted)
    assert all(0 < made[0].n_rows < 150 for made, _ in counted)
    assert {hashed for _, hashed in counted[:DAYS]} == {lacking[0].reference_sha256}


def test_a_reference_that_was_changed_is_not_counted(fleet, lacking):
    file = fleet.log_dir("m0001") / "reference" / f"{lacking[0].reference_sha256}.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(BadInputError, match="is gone or was changed"):
        next(counts_of(fleet.log_dir("m0001"), lacking))
