import numpy as np
import pyarrow as pa
import pytest

from core.explain.counterfactuals import MOST_CHANGED, Target, counterfactuals_of, nearest
from core.explain.usual import Usual
from core.explain.what_if import ranges
from core.log.schema import ModelSchema, load_schema
from tests.small_fleet import MODEL_YAML

QUANTILES = tuple(float(i) for i in range(0, 105, 5))
USUAL = {
    "income": Usual(numeric=True, quantiles=QUANTILES),
    "age": Usual(numeric=True, quantiles=QUANTILES, whole=True),
    "plan": Usual(numeric=False, levels=(("basic", 0.6), ("max", 0.395), ("rare", 0.005))),
}
ROW = {"income": 50.0, "age": 40.0, "plan": "basic"}


def model(rows: pa.Table) -> np.ndarray:
    income, age = rows["income"].to_numpy(), rows["age"].to_numpy()
    plan = np.array([one == "max" for one in rows["plan"].to_pylist()])
    return 1 / (1 + np.exp(-(0.1 * (income - 70) + 0.02 * (age - 40) + 0.5 * plan)))


def schema(text: str = "", of: str = "income") -> ModelSchema:
    return load_schema(MODEL_YAML.replace(f"{of}: {{kind:", f"{of}: {{{text}kind:"))


def search(shape: ModelSchema | None = None, *, level: float = 0.5, above: bool = True, withheld: tuple[str, ...] = ()):
    known = shape or schema()
    allowed = ranges(known, None, USUAL, withheld=withheld)
    return nearest(
        ROW, schema=known, usual=USUAL, allowed=allowed, target=Target(level=level, above=above), predict=model
    )


def test_every_counterfactual_meets_the_target_and_tells_its_own_prediction():
    found = search()
    assert found.found
    for one in found.found:
        rows = pa.table({name: [one.changes.get(name, ROW[name])] for name in ROW})
        assert one.prediction == pytest.approx(float(model(rows)[0]), abs=1e-12)
        assert one.prediction >= 0.5
        assert len(one.changes) <= MOST_CHANGED


def test_the_nearest_is_that_of_an_exhaustive_search_over_single_changes():
    found = search()
    single = next(one for one in found.found if set(one.changes) == {"income"})
    assert single.changes["income"] == pytest.approx(70.0, abs=0.4)
    assert single.distance == pytest.approx(20 / 90, abs=0.01)
    assert [one.distance for one in found.found] == sorted(one.distance for one in found.found)


def test_a_change_that_is_not_needed_is_taken_back():
    assert not [one for one in search().found if set(one.changes) > {"income"}]


def test_the_other_direction_is_found_too():
    found = search(level=0.05, above=False)
    assert all(one.prediction < 0.05 for one in found.found)
    assert found.found


def test_whole_numbers_stay_whole_and_rare_levels_are_not_proposed():
    found = search(schema("immutable: true, "), level=0.25)
    changes = [one.changes for one in found.found]
    assert changes
    assert all(float(one["age"]).is_integer() for one in changes if "age" in one)
    assert "rare" not in [one.get("plan") for one in changes]


def test_an_immutable_feature_never_changes():
    assert not [one for one in search(schema("immutable: true, "), level=0.2).found if "income" in one.changes]


def test_a_withheld_feature_never_changes():
    assert not [one for one in search(withheld=("income",), level=0.2).found if "income" in one.changes]


def test_a_monotone_feature_moves_only_the_way_the_model_is_said_to_answer():
    found = search(schema("monotone: decreasing, "), level=0.2)
    assert not [one for one in found.found if one.changes.get("income", 0.0) > ROW["income"]]


def test_out_of_reach_says_so():
    found = search(level=0.9999)
    assert found.found == ()
    assert found.reason.startswith("no counterfactual within 3 changed features")


def test_a_row_in_which_nothing_may_change_says_so():
    found = search(withheld=("income", "age", "plan"))
    assert found.reason.startswith("no feature of this row may change")
    assert found.tried == 0


def test_what_was_found_survives_storing():
    found = search()
    assert counterfactuals_of(found.document()) == found
