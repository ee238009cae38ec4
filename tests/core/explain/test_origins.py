import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler

from core.explain.origins import NotFollowedError, encoders, origins
from tests.core.explain import models


@pytest.fixture(scope="module")
def fitted():
    made = models.rows()
    return models.pipeline("passthrough").fit(made.frame)[0]


def test_nested_columns_are_followed_back_to_their_features(fitted):
    assert origins(fitted, tuple(range(6))) == (4, 4, 4, 0, 1, 2, 3, 3, 5)


def test_the_learned_categories_of_each_text_feature_are_found(fitted):
    assert dict(encoders(fitted, tuple(range(6)))) == {4: ("a", "b", "d"), 5: ("u", "v")}


def test_chosen_columns_may_be_numbers_slices_masks_and_the_rest():
    columns = np.random.default_rng(0).normal(size=(30, 4))
    chosen = ColumnTransformer(
        [("a", StandardScaler(), [-1]), ("b", "passthrough", slice(0, 1)), ("c", "drop", [False, True, False, False])],
        remainder=StandardScaler(),
    ).fit(columns)
    assert origins(chosen, (0, 1, 2, 3)) == (3, 0, 2)


def test_selections_bins_and_unions_are_followed():
    columns = np.column_stack([np.zeros(30), np.arange(30.0), np.arange(30.0) ** 2])
    steps = make_pipeline(
        VarianceThreshold(), FeatureUnion([("s", StandardScaler()), ("k", KBinsDiscretizer(3, encode="onehot-dense"))])
    ).fit(columns)
    assert origins(steps, (0, 1, 2)) == (1, 2, 1, 1, 1, 2, 2, 2)


def test_a_dropped_category_and_rare_ones_count():
    texts = np.array([["a"]] * 20 + [["b"]] * 20 + [["c"], ["d"]], dtype=object)
    encoder = OneHotEncoder(drop="first", min_frequency=5, handle_unknown="infrequent_if_exist").fit(texts)
    assert origins(encoder, (7,)) == (7,) * encoder.transform(texts).shape[1]


def test_a_function_of_one_number_keeps_columns_and_any_other_is_not_followed():
    assert origins(FunctionTransformer(np.log1p), (0, 1)) == (0, 1)
    with pytest.raises(NotFollowedError, match="applies a function"):
        origins(FunctionTransformer(np.cumsum), (0, 1))


def test_what_mixes_columns_is_not_followed():
    with pytest.raises(NotFollowedError, match="PCA mixes"):
        origins(PCA(1).fit(np.random.default_rng(0).normal(size=(9, 2))), (0, 1))
