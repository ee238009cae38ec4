import numpy as np
import pytest

from core.explain.dependence import interactions, strongest


@pytest.mark.parametrize("n", [37, 200, 640])
def test_the_partner_and_its_order_are_those_of_shap(n):
    from shap.utils import approximate_interactions

    rng = np.random.default_rng(n)
    shown = rng.normal(size=(n, 4))
    values = np.stack([shown[:, 0] * shown[:, 2], shown[:, 1], 0.3 * shown[:, 2], rng.normal(size=n)], axis=1)
    for feature in range(4):
        theirs = approximate_interactions(feature, values, shown)
        mine = interactions(feature, values, shown)
        assert theirs[0] == int(np.argmax(mine))
        assert theirs.tolist() == np.argsort(-mine).tolist()


def test_a_missing_partner_counts_as_a_value_of_its_own():
    rng = np.random.default_rng(0)
    shown = rng.normal(size=(400, 2))
    missing = rng.random(400) < 0.5
    shown[missing, 1] = np.nan
    values = np.stack([shown[:, 0] * np.where(missing, 1.0, -1.0), np.zeros(400)], axis=1)
    assert strongest(0, values, shown, allowed=(True, True)) == 1


def test_a_withheld_feature_is_never_the_partner():
    rng = np.random.default_rng(0)
    shown = rng.normal(size=(300, 3))
    values = np.stack([shown[:, 0] * shown[:, 1], shown[:, 1], shown[:, 2]], axis=1)
    assert strongest(0, values, shown, allowed=(True, True, True)) == 1
    assert strongest(0, values, shown, allowed=(True, False, True)) == 2


def test_without_any_variation_there_is_no_partner():
    assert strongest(0, np.zeros((20, 2)), np.ones((20, 2)), allowed=(True, True)) is None
