"""What the figures of a dossier read from the frozen document."""

import pytest

from core.releases.display import MOST_FEATURES, change_dots, curve_pair, importance_pairs


def metric(name: str, worse_by: float, **more: object) -> dict[str, object]:
    found = {"metric": name, "worse_by": worse_by, "limit": 0.02, "ci_low": worse_by - 0.01, "ci_high": worse_by + 0.01}
    return {**found, "outcome": "pass", "n": 900, **more}


def judged(*metrics: dict[str, object]) -> dict[str, object]:
    return {"gates": [{"gate": "schema", "details": {}}, {"gate": "performance", "details": {"metrics": metrics}}]}


def test_a_change_is_a_share_of_its_own_limit_and_the_worst_stands_first():
    dots = change_dots(judged(metric("f1", -0.01), metric("accuracy", 0.05)))
    assert [dot.metric for dot in dots] == ["accuracy", "f1"]
    assert (dots[0].share, dots[0].low, dots[0].high) == pytest.approx((2.5, 2.0, 3.0))
    assert dots[1].share == pytest.approx(-0.5)


def test_a_metric_without_limit_or_interval_has_no_dot():
    assert change_dots(judged(metric("f1", 0.01, limit=0.0), metric("mcc", 0.01, ci_low=None))) == ()


@pytest.mark.parametrize("document", [{}, {"gates": []}, {"gates": [{"gate": "performance", "details": {}}]}])
def test_without_a_comparison_there_are_no_dots(document):
    assert change_dots(document) == ()


def test_a_curve_has_the_points_of_both_versions():
    document = {"curves": {"champion": {"roc": [[0, 0], [1, 1]]}, "challenger": {"roc": []}}}
    pair = curve_pair(document, "roc")
    assert pair.champion == ((0, 0), (1, 1))
    assert pair.challenger == ()
    assert not pair.is_empty


def test_reliability_is_what_the_score_says_against_what_happens():
    point = {"mean_score": 0.3, "observed": 0.41, "n": 812}
    assert curve_pair({"curves": {"champion": {"reliability": [point]}}}, "reliability").champion == ((0.3, 0.41),)


@pytest.mark.parametrize("document", [{}, {"curves": None}, {"curves": {"champion": None}}])
def test_a_document_without_curves_has_an_empty_pair(document):
    assert curve_pair(document, "pr").is_empty


def test_the_importance_of_both_is_shown_in_the_order_of_the_document_and_not_more_than_fit():
    changes = [{"feature": f"x{place}", "champion": 0.1, "challenger": None} for place in range(20)]
    pairs = importance_pairs({"importance": {"changes": changes}})
    assert len(pairs) == MOST_FEATURES
    assert (pairs[0].feature, pairs[0].champion, pairs[0].challenger) == ("x0", 0.1, None)


def test_of_a_champion_that_nobody_can_explain_the_challenger_is_shown_alone():
    points = [{"feature": "age", "value": 2.0, "share": 0.6}]
    (pair,) = importance_pairs({"importance": {"changes": [], "challenger": {"points": points}}})
    assert (pair.champion, pair.challenger) == (None, 0.6)
    assert importance_pairs({}) == ()
