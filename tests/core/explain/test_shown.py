import numpy as np
import pytest

from core.errors import BadInputError
from core.explain.shown import class_place, unit_of
from core.explain.values import ScoredModel

CLASSES = ScoredModel(task="multiclass", features=("a",), classes=("u", "v"))
MARGIN = np.array([-1.0, 0.5, 2.0])


@pytest.mark.parametrize(
    ("task", "prediction", "unit"),
    [
        ("binary", 1 / (1 + np.exp(-MARGIN)), "log-odds"),
        ("binary", MARGIN, "probability"),
        ("binary", MARGIN * 7, "raw score"),
        ("regression", MARGIN, "prediction"),
        ("regression", np.exp(MARGIN), "log of the prediction"),
        ("multiclass", MARGIN * 3, "class score"),
    ],
)
def test_the_unit_is_found_from_the_numbers(task, prediction, unit):
    assert unit_of(task, MARGIN, prediction) == unit


def test_the_class_that_is_asked_for_must_be_known():
    assert class_place(CLASSES, "v") == 1
    with pytest.raises(BadInputError, match="one of u, v"):
        class_place(CLASSES, "w")
