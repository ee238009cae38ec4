import numpy as np
import pyarrow as pa
import pytest

from core.log.schema import load_schema
from core.releases.gates.gate import GateOutcome
from core.releases.gates.limits import gate_limits
from core.releases.gates.robustness import BOUNDARY, MISSING, PERTURBATION, Flips, flips, robustness_gate, variants
from tests.small_fleet import MODEL_YAML

LIMITS = gate_limits()
SCHEMA = load_schema(MODEL_YAML)


def rows(n: int = 500) -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "income": rng.normal(50, 10, n),
            "age": rng.integers(18, 80, n).astype(float),
            "plan": pa.array(rng.choice(["basic", "plus"], n)).dictionary_encode(),
        }
    )


def changed() -> dict[str, tuple[pa.Table | None, pa.Table]]:
    found = variants(rows(), SCHEMA, {"income": (0.0, 100.0), "age": (None, 90.0)})
    return {one.kind: (one.before, one.after) for one in found}


def test_a_perturbation_moves_every_number_by_a_hundredth_of_its_spread():
    before, after = rows()["income"].to_numpy(), changed()[PERTURBATION][1]["income"].to_numpy()
    assert np.std(after - before) == pytest.approx(0.01 * before.std(), rel=0.1)


def test_one_value_of_each_row_is_missing():
    after = changed()[MISSING][1]
    missing = sum(np.array([value is None for value in after[name].to_pylist()], int) for name in SCHEMA.features)
    assert missing.tolist() == [1] * 500


def test_one_number_of_each_row_stands_at_an_end_and_then_a_twentieth_past_it():
    before, after = changed()[BOUNDARY]
    moved = [before[name].to_numpy() != after[name].to_numpy() for name in ("income", "age")]
    assert (moved[0].astype(int) + moved[1]).tolist() == [1] * 500
    assert set(before["income"].to_numpy()[moved[0]]) == {0.0, 100.0}
    assert set(after["income"].to_numpy()[moved[0]]) == {-5.0, 105.0}
    assert set(before["age"].to_numpy()[moved[1]]) == {18.0, 90.0}  # the open end is that of the rows


def test_the_same_rows_are_changed_alike_every_time():
    assert changed()[MISSING][1].equals(changed()[MISSING][1])


def test_a_flip_is_another_side_of_the_threshold_and_no_number_is_one_too():
    found = flips(MISSING, np.array([0.4, 0.4, 0.6, 0.6]), np.array([0.49, 0.5, np.nan, 1.2]), SCHEMA)
    assert (found.n_flipped, found.n_off) == (3, 2)


def test_a_prediction_moves_by_a_tenth_of_the_spread_and_a_class_by_becoming_another():
    regression = load_schema(
        MODEL_YAML.replace("task: binary", "task: regression")
        .replace("  threshold: 0.5\n", "")
        .replace("  positive: 1\n", "")
        .replace("  score: score", "  prediction: score")
    )
    before = np.array([0.0, 10.0])  # a spread of 5
    assert flips(MISSING, before, before + np.array([0.4, 0.6]), regression).n_flipped == 1


def test_a_score_without_a_threshold_is_held_by_how_far_it_moves():
    ranking = load_schema(MODEL_YAML.replace("threshold: 0.5", "threshold: null\n  score_kind: ranking"))
    assert ranking.threshold is None
    before = np.array([100.0, 300.0])  # both over a half, with a spread of 100
    assert flips(MISSING, before, before + np.array([9.0, 11.0]), ranking).n_flipped == 1


@pytest.mark.parametrize(
    ("found", "outcome", "words"),
    [
        (Flips(kind=MISSING, n=1_000, n_flipped=20), GateOutcome.PASSED, "20 of 1,000 decisions flip"),
        (Flips(kind=MISSING, n=1_000, n_flipped=190), GateOutcome.INCONCLUSIVE, "more rows would tell"),
        (Flips(kind=MISSING, n=1_000, n_flipped=400), GateOutcome.FAILED, "400 of 1,000"),
        (Flips(kind=MISSING, n=1_000, n_flipped=0, n_off=1), GateOutcome.FAILED, "no usable number"),
        (Flips(kind=MISSING, n=1_000, n_flipped=0, refused="contains NaN."), GateOutcome.FAILED, "cannot be run"),
    ],
)
def test_the_share_that_flips_is_held_against_its_limit(found: Flips, outcome: GateOutcome, words: str):
    gate = robustness_gate([found, Flips(kind=PERTURBATION, n=1_000, n_flipped=0)], LIMITS)
    assert gate.outcome is outcome
    assert words in gate.reason


def test_without_a_model_file_there_is_no_answer():
    gate = robustness_gate((), LIMITS, why_not="the version has no model file that is kept here")
    assert (gate.outcome, gate.value) == (GateOutcome.INCONCLUSIVE, None)
