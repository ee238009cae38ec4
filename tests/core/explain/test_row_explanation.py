from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.explain.row_explanation import Context, Draw, drawn, furthest_off, of_sample, row_explanation_from
from core.explain.usual import usual
from core.explain.what_if import ranges
from tests.core.explain.test_explanation import SCHEMA, made


def context(rows) -> Context:
    held = usual(rows, SCHEMA)
    allowed = ranges(SCHEMA, None, held, withheld=("age",))
    return Context(
        schema=SCHEMA, usual=held, withheld=("age",), summed=("age", "plan"), ranges=allowed, can_change=True
    )


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


def outcomes(found, actual, decision, of_class=""):
    """Return the explanation with the first four rows' score and what came true of them."""
    rows = found.rows.slice(0, 4)
    for name, values in (("score", [0.9, 0.1, 0.8, None]), ("actual", actual), ("decision", decision)):
        rows = rows.set_column(rows.schema.get_field_index(name), name, [pa.array(values, pa.float64())])
    return replace(found, rows=rows, origin=replace(found.origin, of_class=of_class))


def test_the_rows_whose_score_was_furthest_from_what_came_true_come_first():
    _, _, found = made()
    known = outcomes(found, [1, 1, None, 1], [1, 0, 1, None])
    assert [one.id for one in furthest_off(known, most=5)] == ["r1", "r0"]
    assert [one.id for one in furthest_off(known, most=1)] == ["r1"]


def test_of_classes_the_surest_wrong_decision_is_furthest_off():
    _, _, found = made()
    known = outcomes(found, [1, 1, 2, 1], [1, 0, 1, None], of_class="billing")
    assert [one.id for one in furthest_off(known, most=5)] == ["r2", "r1", "r0"]
