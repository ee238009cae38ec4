import pytest

from core.access.principal import LOCAL, Principal, Role
from core.errors import NotEnoughDataError, RefusedError
from core.importance import service
from core.selection import MetricQuery

QUERY = MetricQuery(model="churn", version="v1")


def test_units_are_explained_once_and_agree_with_logged_values(explained):
    assert service.stored_importance(explained, model="churn", version="v1") == {}
    with pytest.raises(NotEnoughDataError, match="shap_units"):
        service.importance_drift(explained, QUERY)
    assert service.sum_units(explained, LOCAL, model="churn", version="v1") == 41
    assert service.sum_units(explained, LOCAL, model="churn", version="v1") == 0
    found = service.importance_drift(explained, QUERY)
    logged = service.importance_drift(explained, MetricQuery(model="logged", version="v1"))
    assert (found.n, found.n_reference) == (1050, 2000)
    assert found.importance == pytest.approx(logged.importance, abs=1e-9)
    assert found.ndcg == logged.ndcg == 1.0


def test_the_importance_of_the_reference_is_shares_of_all(explained):
    found = service.stored_importance(explained, model="logged", version="v1")
    assert next(iter(found)) == "income"
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_version_without_a_model_file_has_nothing_to_sum(explained, fleet):
    assert service.sum_units(explained, LOCAL, model="logged", version="v1") == 0
    assert service.stored_importance(fleet, model="churn", version="v1") == {}


def test_who_may_not_run_analyses_is_refused(explained):
    with pytest.raises(RefusedError):
        service.sum_units(explained, Principal("vera", frozenset({Role.VIEWER})), model="churn", version="v1")
