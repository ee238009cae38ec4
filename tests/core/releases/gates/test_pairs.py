from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from core.releases.gates.limits import PairLimits
from core.releases.gates.pairs import paired, too_few

LIMITS = PairLimits(fewest=1000, fewest_positives=100, most=200_000)


def table(ids: list[str], score: list[float], actual: list[int | None], decision: list[int] | None = None) -> pa.Table:
    return pa.table(
        {
            "id": pa.array(ids, pa.string()),
            "day": pa.array([date(2024, 3, 1 + (one == "b")) for one in ids], pa.date32()),
            "score": pa.array(score, pa.float64()),
            "decision": pa.array(decision or [int(one >= 0.5) for one in score], pa.int16()),
            "actual": pa.array(actual, pa.int16()),
            "plan": pa.array([f"p{one}" for one in ids], pa.string()).dictionary_encode(),
        }
    )


def many(n: int, positives: int) -> pa.Table:
    return table([f"{i:06d}" for i in range(n)], [0.2] * n, [1] * positives + [0] * (n - positives))


def test_rows_meet_by_their_id_whatever_the_order():
    ours = table(["a", "b", "c"], [0.1, 0.2, 0.3], [0, 1, 0])
    theirs = table(["c", "x", "a"], [0.9, 0.8, 0.7], [0, 1, 0])
    found = paired(ours, theirs, task="binary", columns=("plan",), most=10)
    assert found.champion.score.tolist() == [0.1, 0.3]
    assert found.challenger.score.tolist() == [0.7, 0.9]
    assert found.rows["plan"].to_pylist() == ["pa", "pc"]
    assert paired(ours, ours, task="binary", most=10).unit.tolist() == [0, 1, 0]


def test_of_an_id_that_comes_twice_the_last_row_counts():
    ours = table(["a", "a"], [0.1, 0.4], [0, 0])
    found = paired(ours, table(["a"], [0.7], [0]), task="binary", most=10)
    assert found.champion.score.tolist() == [0.4]


def test_an_actual_that_one_side_knows_is_known_and_one_that_neither_knows_is_no_pair():
    ours, theirs = table(["a", "b"], [0.1, 0.2], [None, None]), table(["a", "b"], [0.3, 0.4], [1, None])
    found = paired(ours, theirs, task="binary", most=10)
    assert (found.n_joined, found.n_known, found.actual.tolist()) == (2, 1, [1.0])


def test_coverage_is_told_for_both_decisions_of_the_champion():
    ours = table(["a", "b", "c", "d"], [0.1, 0.9, 0.8, 0.7], [None, 1, 0, None])
    found = paired(ours, ours, task="binary", most=10)
    assert [(one.decision, one.n, one.n_known) for one in found.coverage] == [(0, 1, 0), (1, 3, 2)]


def test_too_many_pairs_are_sampled_and_it_is_said():
    rows = many(3_000, 900)
    found = paired(rows, rows, task="binary", most=1_000)
    shuffled = rows.take(pa.array(np.random.default_rng(1).permutation(3_000)))
    again = paired(shuffled, rows, task="binary", most=1_000)
    assert found.sampled == "a seeded sample of 1,000 of 3,000 pairs"
    assert found.n_positive == again.n_positive
    assert paired(rows, rows, task="binary", most=3_000).sampled == ""


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (many(999, 500), "999 pairs with a known actual, 1,000 are needed: score the challenger in shadow"),
        (many(1_000, 99), "99 positive pairs, 100 are needed: score the challenger in shadow"),
        (many(1_000, 991), "9 negative pairs, 10 are needed: score the challenger in shadow"),
        (many(1_000, 100), ""),
    ],
)
def test_too_few_pairs_say_what_to_do(rows: pa.Table, why: str):
    assert too_few(paired(rows, rows, task="binary", most=10_000), LIMITS) == why


def test_no_common_id_is_no_pair():
    found = paired(table(["a"], [0.1], [0]), table(["b"], [0.1], [0]), task="binary", most=10)
    assert (found.n, found.n_joined, found.coverage) == (0, 0, ())


@pytest.mark.parametrize("unknown", [float("nan"), float("inf")])
def test_a_row_without_a_number_for_a_score_is_no_pair(unknown: float):
    ours = table(["a", "b", "c"], [0.1, 0.2, 0.3], [0, 1, 0], [0, 0, 0])
    theirs = table(["a", "b", "c"], [0.1, unknown, 0.3], [0, 1, 0], [0, 0, 0])
    found = paired(ours, theirs, task="binary", most=10)
    assert (found.n_joined, found.n_known, found.challenger.score.tolist()) == (3, 2, [0.1, 0.3])
    nothing = paired(ours, table(["a", "b", "c"], [unknown] * 3, [0, 1, 0], [0, 0, 0]), task="binary", most=10)
    assert too_few(nothing, LIMITS).startswith("0 pairs")
