import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from core.errors import BadInputError
from core.explain.child import opened_model
from core.explain.values import ScoredModel

MODEL = ScoredModel(task="binary", features=("a",))


def test_the_format_is_found_from_the_bytes_and_not_from_a_name():
    import skops.io

    fitted = LogisticRegression().fit(np.array([[0.0], [1.0]]), [0, 1])
    assert opened_model(skops.io.dumps(fitted), "model.pkl", MODEL, None).kind == "skops"


def test_bytes_of_no_known_format_are_refused():
    with pytest.raises(BadInputError, match="does not know"):
        opened_model(b"nothing", "model.skops", MODEL, None)
