import pytest

from core.checks.limits import is_distance, load_limits
from core.checks.rollup import FAMILIES
from core.errors import BadInputError
from core.performance.binary import METRICS


def test_every_check_says_where_its_default_comes_from():
    limits = load_limits()
    assert limits.version == 2
    assert all(limit.source and limit.title and limit.code == code for code, limit in limits.checks.items())
    assert {limit.family for limit in limits.checks.values()} == set(FAMILIES)


def test_the_drift_defaults_are_those_of_the_method():
    limit = load_limits()["feature_drift"]
    assert (limit.warning, limit.critical, limit.minimum_n) == (0.10, 0.25, 50)
    assert limit.persistence.critical_at_once


def test_every_performance_metric_can_be_given_an_absolute_limit():
    limits = load_limits(dict.fromkeys(METRICS, 0.5))
    assert all(limits[name].declared and not is_distance(limits[name]) for name in METRICS)
    assert not any(load_limits()[name].declared for name in METRICS)


def test_a_number_moves_the_warning_and_a_mapping_moves_both():
    limits = load_limits({"feature_drift": 0.2, "missing_share": {"warning": 0.02, "critical": 0.2}})
    assert (limits["feature_drift"].warning, limits["feature_drift"].critical) == (0.2, 0.25)
    assert (limits["missing_share"].warning, limits["missing_share"].critical) == (0.02, 0.2)
    assert limits["feature_drift"].overridden
    assert limits["feature_drift"].source == "declared in model.yaml"
    assert not load_limits()["feature_drift"].overridden


def test_null_switches_a_limit_off():
    limits = load_limits({"unseen_share": {"warning": None, "critical": None}})
    assert not limits["unseen_share"].declared


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"psi": 0.2}, "limits.psi: there is no such check; known are accuracy"),
        ({"feature_drift": "high"}, "limits.feature_drift.warning: 'high' is not a number"),
        ({"feature_drift": True}, "is not a number"),
        ({"feature_drift": float("nan")}, "is not a number"),
        ({"feature_drift": -0.1}, "must be above 0"),
        ({"feature_drift": {"alarm": 1}}, r"not \['alarm'\]"),
        ({"feature_drift": {}}, "write a number"),
        ({"feature_drift": {"warning": 0.3}}, "the critical limit 0.25 must lie above the warning limit 0.3"),
        ({"roc_auc": {"warning": 0.6, "critical": 0.7}}, "must lie below the warning limit 0.6"),
        ({"roc_auc_change": {"warning": 0.1, "critical": 0.05}}, "must lie above the warning limit 0.1"),
    ],
)
def test_a_wrong_override_is_refused_with_its_path(override, message):
    with pytest.raises(BadInputError, match=message):
        load_limits(override)
