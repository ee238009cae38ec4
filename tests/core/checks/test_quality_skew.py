from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from core.checks.quality_skew import sentences, skew, skew_verdicts
from core.states import State
from core.windows import Window
from tests.small_fleet import SERVED_START


@pytest.fixture
def found(evidence):
    return skew(evidence.layout, evidence.log, evidence.reference, evidence.limits)


def judged(found, row):
    day = SERVED_START + timedelta(days=row)
    return skew_verdicts(found, row, Window(day, day + timedelta(days=1)))


def test_an_ordinary_log_has_no_skew_on_any_day(found):
    assert found.features == ("income", "age")
    for row in range(40):
        assert {one.raw_state for one in judged(found, row)} <= {State.HEALTHY, State.NOT_APPLICABLE}


def test_each_numeric_feature_is_asked_for_unit_type_and_rounding(found):
    told = {(one.check, one.feature): one for one in judged(found, 0)}
    assert len(told) == 6
    assert told["decimals_change", "age"].reason == "fewer than 100 values that are not whole numbers"
    assert told["unit_change", "income"].value == pytest.approx(1, abs=0.1)
    assert told["integer_share", "age"].detail == "100 → 100 %"


def test_findings_are_sentences_worst_first(found):
    scale = found.scale["income"]
    large = replace(scale, ratio=scale.ratio * 1_000, low=scale.low * 1_000, high=scale.high * 1_000)
    halves = np.tile([75, 75, 0, 0], (40, 1))
    worse = replace(
        found,
        scale={**found.scale, "income": large},
        decimals={**found.decimals, "age": halves},
        beyond={**found.beyond, "age": np.full(40, -0.5)},
    )
    told = sentences(judged(worse, 0))
    assert told == (
        "income is 1,000 times larger than in the reference: a changed unit?",
        "age: 50.0 % of its values are whole numbers, 100 % in the reference: a changed type?",
    )
    smaller = replace(
        found,
        scale={
            **found.scale,
            "income": replace(scale, ratio=scale.ratio / 20, low=scale.low / 20, high=scale.high / 20),
        },
    )
    (unit,) = (one for one in judged(smaller, 0) if one.raw_state is State.WARNING)
    assert unit.ci_low <= unit.value <= unit.ci_high
    assert "smaller" in unit.detail


def test_a_feature_without_values_says_so(found):
    empty = replace(found.scale["income"], n=np.zeros(40, int))
    (unit,) = (
        one
        for one in judged(replace(found, scale={**found.scale, "income": empty}), 0)
        if (one.check, one.feature) == ("unit_change", "income")
    )
    assert unit.raw_state is State.NOT_APPLICABLE
    assert unit.reason == "fewer than 50 values that are not 0"
