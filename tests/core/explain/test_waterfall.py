import itertools

import pytest

from core.explain.waterfall import MOST_STEPS, step_of, waterfall
from core.explain.withheld import Bar


def bars(n: int, *more: Bar) -> tuple[Bar, ...]:
    return tuple(
        sorted((*(Bar(features=(f"f{i}",), phi=1.0 / (i + 1)) for i in range(n)), *more), key=lambda b: -abs(b.phi))
    )


def test_the_steps_lead_from_the_base_to_the_margin():
    steps = waterfall(bars(14), {}, base=-1.0)
    assert steps[0].start == -1.0
    assert all(one.end == pytest.approx(after.start) for one, after in itertools.pairwise(steps))
    assert steps[-1].end == pytest.approx(-1.0 + sum(1 / (i + 1) for i in range(14)))


def test_small_steps_are_one_and_the_largest_stands_last():
    steps = waterfall(bars(14), {}, base=0.0)
    assert (steps[0].kind, len(steps[0].features), len(steps)) == ("rest", 14 - MOST_STEPS, MOST_STEPS + 1)
    assert steps[-1].features == ("f0",)


def test_a_rest_of_one_feature_stands_alone():
    steps = waterfall(bars(MOST_STEPS + 1), {"f9": 3.0}, base=0.0)
    assert [one.kind for one in steps] == ["feature"] * (MOST_STEPS + 1)


def test_the_withheld_sum_is_always_a_step_of_its_own_without_a_value():
    steps = waterfall(bars(12, Bar(features=("sex", "f99"), phi=0.001, withheld=True)), {"sex": 1.0}, base=0.0)
    hidden = [one for one in steps if one.kind == "withheld"]
    assert [(one.features, one.value) for one in hidden] == [(("sex", "f99"), None)]


def test_a_step_survives_storing():
    step = waterfall(bars(2), {"f0": "x"}, base=0.5)[-1]
    assert step_of(step.document()) == step
