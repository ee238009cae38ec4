import pytest
import skops.io
from lightgbm import LGBMClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from core.errors import BadInputError
from core.explain.cost import estimate, seconds_for, shape_of
from tests.core.explain import models


@pytest.mark.parametrize(
    ("estimator", "kind", "n_trees"),
    [
        (RandomForestClassifier(7), "forest", 7),
        (HistGradientBoostingClassifier(max_iter=5), "boosted", 5),
        (LGBMClassifier(n_estimators=6, verbose=-1), "booster", 6),
        (XGBClassifier(n_estimators=4), "booster", 4),
        (LogisticRegression(), "linear", 0),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_size_of_a_skops_file_is_read_without_opening_it(tmp_path, estimator, kind, n_trees):
    made = models.rows()
    fitted = models.pipeline(estimator).fit(made.frame, made.binary)
    path, _ = models.saved(tmp_path, skops.io.dumps(fitted))
    found = shape_of(path)
    assert (found.kind, found.n_trees) == (kind, n_trees)
    if kind == "forest":
        assert found.depth == max(tree.get_depth() for tree in fitted[-1].estimators_)
        assert found.n_leaves == sum(tree.get_n_leaves() for tree in fitted[-1].estimators_)


@pytest.mark.parametrize("kind", ["json", "ubj"])
def test_the_trees_of_a_native_file_are_counted(tmp_path, kind):
    made = models.rows()
    booster = XGBClassifier(n_estimators=12).fit(made.frame[["x0"]], made.binary).get_booster()
    assert shape_of(models.saved(tmp_path, bytes(booster.save_raw(kind)))[0]).n_trees == 12


def test_a_deep_forest_takes_longer_than_boosted_trees_and_permutations_longest():
    boosted, forest = seconds_for("boosted", 2_000, 200, 6), seconds_for("forest", 2_000, 200, 25)
    assert boosted < 10 < 30 < forest < 60 < seconds_for("permutation", 2_000, 0, 0)


def test_an_estimate_of_a_foreign_file_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"nothing")
    with pytest.raises(BadInputError, match="does not know"):
        estimate(tmp_path / "x", 10, 3)
