import numpy as np
import pytest

from core.access.principal import LOCAL
from core.importance.service import sum_units
from core.profile.records import REFERENCE_ROLE, UNDATED
from core.store.database import Session
from core.store.models import model_by_name, version_by_name
from core.store.series import load_history
from core.store.shap_series import KIND, fresh_sums, shap_digests, shap_series
from core.store.unit_sums import UnitSums, put_unit_sums
from tests.core.explain.conftest import churn, explained

__all__ = ["churn", "explained"]


def series_of(session: Session, model: str):
    version = version_by_name(session, model_by_name(session, model).id, "v1")
    history = load_history(session, version)
    return version, shap_series(session, version, history.schema, history.layout, (history.reference, history.log))


def test_logged_columns_give_the_sums_of_every_unit(explained):
    with explained.read() as session:
        _, found = series_of(session, "logged")
    assert found is not None
    assert (len(found.days), found.n[0].tolist(), found.reference_n.tolist()) == (40, [150] * 3, [6000] * 3)


def test_without_sums_of_the_reference_there_is_no_series(explained, fleet):
    with explained.read() as session:
        assert series_of(session, "churn")[1] is None
    with fleet.read() as session:
        assert series_of(session, "churn")[1] is None


def test_samples_of_units_give_the_same_series_as_logged_columns(explained):
    sum_units(explained, LOCAL, model="churn", version="v1")
    with explained.read() as session:
        _, of_file = series_of(session, "churn")
        _, of_log = series_of(session, "logged")
    assert of_file is not None
    assert of_log is not None
    assert of_file.days == of_log.days
    np.testing.assert_allclose(of_file.sums, of_log.sums, atol=1e-6)


def test_sums_that_rest_on_other_rows_are_not_used(explained):
    sum_units(explained, LOCAL, model="churn", version="v1")
    with explained.write() as session:
        version, before = series_of(session, "churn")
        digests = shap_digests(session, version)
        assert before is not None
        day = before.days[3]
        stale = UnitSums(role="served", day=day, basis="other", sums=np.zeros(7))
        put_unit_sums(session, version.id, KIND, [stale])
        _, after = series_of(session, "churn")
        assert after is not None
        assert (len(after.days), day in after.days) == (39, False)
        assert (REFERENCE_ROLE, UNDATED) in fresh_sums(session, version)
        changed = shap_digests(session, version)
    assert {one for one in digests if digests.get(one) != changed.get(one)} == {day}


@pytest.mark.parametrize("model", ["logged"])
def test_logged_values_need_no_digest(explained, model):
    with explained.read() as session:
        version, _ = series_of(session, model)
        assert shap_digests(session, version) == {}
