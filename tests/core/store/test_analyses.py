from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from sqlalchemy import update

from core.access.principal import LOCAL
from core.analysis import Analysis, AnalysisKind
from core.errors import CoreError
from core.log import service as log
from core.profile.service import build_profiles
from core.store import analyses as stored
from core.store import models as stored_models
from core.store.series import LIVE_ROLES, profiled_days
from core.store.tables import AnalysisRow
from core.windows import Window

FOUND = Analysis(
    kind=AnalysisKind.SHIFT,
    version_id=1,
    parameters={"window": "2013-07-01..2013-07-08"},
    data_version="a" * 64,
    document={"verdict": "inputs moved", "ess": 812.5},
    table=pa.table({"id": ["a", "b"], "weight": [0.5, 1.5]}),
    created_at=datetime(2014, 1, 1, tzinfo=UTC),
    seconds=1.25,
)


def asked(session, **changes):
    one = replace(FOUND, **changes)
    return stored.find_analysis(session, one.kind, one.version_id, one.parameters, one.data_version)


def test_a_result_is_found_by_exactly_its_question_and_the_state_of_the_log(fleet):
    with fleet.write() as session:
        assert stored.put_analysis(session, FOUND)
        assert not stored.put_analysis(session, replace(FOUND, seconds=9.0))
    with fleet.read() as session:
        found = asked(session)
        assert found == FOUND
        assert stored.newest_analysis(session, AnalysisKind.SHIFT, 1) == FOUND
        assert asked(session, data_version="b" * 64) is None
        assert asked(session, kind=AnalysisKind.MULTIVARIATE) is None
        assert stored.newest_analysis(session, AnalysisKind.EXPLANATION, 1) is None


def test_a_damaged_table_is_said(fleet):
    with fleet.write() as session:
        stored.put_analysis(session, FOUND)
        session.execute(update(AnalysisRow).values(table=b"broken"))
    with fleet.read() as session, pytest.raises(CoreError, match="damaged"):
        asked(session)


def test_the_data_version_changes_with_what_is_known_of_the_window_and_with_nothing_else(fleet):
    def versions():
        with fleet.read() as session:
            version = stored_models.version_by_name(session, 1, "v1")
            days = profiled_days(session, version, LIVE_ROLES)
            windows = (None, Window(days[0], days[5]), Window(days[-2], date(2100, 1, 1)))
            return [stored.data_version(session, version, LIVE_ROLES, one) for one in windows]

    before = versions()
    assert versions() == before
    labels = max(one.id for one in log.batches(fleet, "churn"))
    log.revert_batch(fleet, LOCAL, batch_id=labels, reason="a test", key="k")
    build_profiles(fleet, LOCAL, model="churn")
    after = versions()
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, True, False]
    assert len(set(before)) == 3
