import numpy as np
import pytest

from core.explain.row_explanation import Context, Draw, drawn, of_sample, row_explanation_from
from core.explain.usual import usual
from core.explain.what_if import ranges
from tests.core.explain.test_explanation import SCHEMA, made


def context(rows) -> Context:
    held = usual(rows, SCHEMA)
    allowed = ranges(SCHEMA, None, held, withheld=("age",))
    return Context(schema=SCHEMA, usual=held, withheld=("age",), ranges=allowed, can_change=True)


def test_a_row_adds_up_and_survives_storing():
    _, rows, found = made()
    one = of_sample(found, "r7", context(rows))
    assert one is not None
    assert one.base + sum(bar.phi for bar in one.bars) == pytest.approx(one.margin)
    assert one.steps[-1].end == pytest.approx(one.margin)
    assert row_explanation_from(one.document()) == one


def test_nothing_of_a_row_tells_the_withheld_value():
    _, rows, found = made()
    one = of_sample(found, "r7", context(rows))
    assert one is not None
    assert "age" not in one.values
    assert "age" not in one.ranges
    points = one.command_line(model="churn", version="v1")["points"]
    assert [point["feature"] for point in points if point["feature"] not in ("income", "plan")] == ["withheld"]


def test_rows_are_drawn_by_actual_decision_and_score():
    _, rows, found = made()
    scores = dict(zip(rows["id"].to_pylist(), rows["score"].to_pylist(), strict=True))
    ids = drawn(found, Draw(low=0.5, decision=1))
    assert ids
    assert all(scores[one] >= 0.5 for one in ids)
    assert drawn(found, Draw(actual=1)) == ()
    assert len(drawn(found, Draw(actual=-1))) == 50


def test_another_seed_draws_in_another_order_from_the_same_rows():
    _, _, found = made(40)
    first, second = drawn(found, Draw(), seed=0), drawn(found, Draw(), seed=1)
    assert first != second
    assert set(first) == set(second)
    assert first == drawn(found, Draw(), seed=0)


def test_a_row_without_a_score_has_none():
    _, rows, _ = made()
    from core.explain.row_explanation import facts_of

    broken = rows.set_column(2, "score", [np.full(rows.num_rows, np.nan)])
    assert facts_of(broken).score is None
