import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotEnoughDataError
from core.explain.withheld import bars, summed_features, withheld_features
from core.log.schema import load_schema
from tests.small_fleet import MODEL_YAML


def test_protected_features_and_declared_proxies_are_withheld():
    yaml = MODEL_YAML.replace("segments: [plan]", "segments: [plan]\n  protected: [age]").replace(
        "income: {kind: numeric,", "income: {kind: numeric, proxy_of: [age],"
    )
    assert withheld_features(load_schema(yaml)) == ("income", "age")
    assert withheld_features(load_schema(MODEL_YAML)) == ()


def test_two_withheld_features_are_one_sum():
    found = bars(("a", "b", "c"), np.array([1.0, 2.0, -0.5]), ("a", "c"))
    assert [(one.features, one.phi, one.withheld) for one in found] == [
        (("b",), 2.0, False),
        (("a", "c"), 0.5, True),
    ]


def test_a_lone_withheld_feature_is_summed_with_the_one_that_moves_scores_most_alike():
    moves = {"a": 1.0, "b": 0.4, "c": 0.3, "d": 0.001}
    assert summed_features(tuple(moves), ("b",), moves) == ("b", "c")
    assert summed_features(tuple(moves), (), moves) == ()


def test_a_sum_that_one_withheld_feature_outweighs_takes_another_one_in():
    moves = {"a": 1.0, "b": 0.9, "c": 0.1, "d": 0.1}
    assert summed_features(tuple(moves), ("a", "c"), moves) == ("a", "b", "c")
    assert summed_features(tuple(moves), ("a", "b"), {**moves, "b": 1.0}) == ("a", "b")
    assert summed_features(("a", "c"), ("a", "c"), moves) == ("a", "c")


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8), st.sets(st.integers(0, 7), max_size=4))
def test_the_bars_always_add_up_and_never_show_a_withheld_feature_alone(phi, hidden):
    names = tuple(f"f{place}" for place in range(len(phi)))
    withheld = {f"f{place}" for place in hidden} & set(names)
    moves = {name: abs(one) for name, one in zip(names, phi, strict=True)}
    found = bars(names, np.array(phi), summed_features(names, withheld, moves))
    assert sum(one.phi for one in found) == pytest.approx(sum(phi), abs=1e-9)
    assert not [one for one in found if set(one.features) & withheld and len(one.features) < 2]


def test_a_model_with_only_a_protected_feature_is_not_explained_row_by_row():
    with pytest.raises(NotEnoughDataError, match="only feature is protected"):
        bars(("a",), np.array([1.0]), ("a",))
