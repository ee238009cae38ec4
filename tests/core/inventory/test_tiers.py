from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inventory.fields import BY_CODE
from core.inventory.tiers import (
    AMOUNT_POINTS,
    INPUTS,
    POINTS,
    VOLUME_POINTS,
    WEIGHTS,
    TierOverride,
    lowers,
    missing_inputs,
    tier_in_force,
    tier_score,
    tier_standing,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CALM = {
    "exposure_amount": 0,
    "decisions_per_year": 0,
    "purpose": "insight",
    "harm": "none",
    "automation": "advice",
    "complexity": "rules",
    "data_doubt": "own_documented",
    "ai_act_class": "minimal",
    "regulatory_capital": False,
    "affects_persons": False,
    "adverse_to_persons": False,
}
WORST = {
    "exposure_amount": 1e12,
    "decisions_per_year": 1e12,
    "purpose": "regulatory",
    "harm": "safety",
    "automation": "autonomous",
    "complexity": "generative",
    "data_doubt": "unknown",
    "ai_act_class": "high",
    "regulatory_capital": True,
    "affects_persons": True,
    "adverse_to_persons": True,
}
WORDS = {code: tuple(BY_CODE[code].choices) for code in (*POINTS, "ai_act_class")}
FLAGS = ("regulatory_capital", "affects_persons", "adverse_to_persons")
AMOUNTS = st.floats(0, 1e15, allow_nan=False)
DOCUMENTS = st.fixed_dictionaries(
    {
        **{code: st.sampled_from(words) for code, words in WORDS.items()},
        **{code: st.booleans() for code in FLAGS},
        **dict.fromkeys(("exposure_amount", "decisions_per_year"), AMOUNTS),
    }
)


def raised(document, code, draw):
    """Return the document with one input at least as bad as it was."""
    if code in WORDS:
        words = WORDS[code]
        return {**document, code: draw(st.sampled_from(words[words.index(document[code]) :]))}
    if code in FLAGS:
        return {**document, code: True}
    return {**document, code: document[code] + draw(AMOUNTS)}


@settings(max_examples=10_000 // len(INPUTS) + 1)
@given(DOCUMENTS, st.data())
def test_raising_any_input_never_lowers_the_tier(document, draw):
    before = tier_score(document)
    for code in INPUTS:
        after = tier_score(raised(document, code, draw.draw))
        assert after.tier <= before.tier
        assert after.score >= before.score


@settings(max_examples=200)
@given(DOCUMENTS)
def test_the_score_is_the_sum_of_its_parts_and_no_part_exceeds_its_weight(document):
    found = tier_score(document)
    assert found.score == sum(found.parts.values())
    assert all(0 <= found.parts[part] <= weight for part, weight in WEIGHTS.items())
    assert list(found.parts) == list(WEIGHTS)


def test_the_calmest_scores_nothing_and_the_worst_everything():
    assert (tier_score(CALM).score, tier_score(CALM).tier) == (0, 4)
    assert (tier_score(WORST).score, tier_score(WORST).tier) == (100, 1)
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("changes", "score", "tier"),
    [
        ({"exposure_amount": 3e6, "purpose": "operations"}, 29, 3),  # 21 + 8
        ({"exposure_amount": 1e5, "automation": "human_in_loop"}, 19, 4),  # 14 + 5
        ({"exposure_amount": 1e5, "complexity": "ensemble"}, 20, 3),  # 14 + 6
        ({"exposure_amount": 5e7, "purpose": "customer", "complexity": "linear"}, 45, 2),  # 28 + 14 + 3
        ({"exposure_amount": 1e8, "purpose": "financial", "automation": "autonomous"}, 70, 1),  # 35 + 20 + 15
        ({"exposure_amount": 1e8, "harm": "safety"}, 65, 2),  # 35 + 30
        ({"decisions_per_year": 330_000, "harm": "rights", "data_doubt": "third_party"}, 48, 2),  # 15 + 26 + 7
    ],
)
def test_scores_worked_by_hand(changes, score, tier):
    found = tier_score({**CALM, **changes})
    assert (found.score, found.tier, found.floors) == (score, tier, ())


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({"ai_act_class": "high"}, 2),
        ({"ai_act_class": "limited"}, 4),
        ({"regulatory_capital": True}, 2),
        ({"automation": "autonomous", "affects_persons": True, "adverse_to_persons": True}, 1),
        ({"automation": "human_on_loop", "affects_persons": True, "adverse_to_persons": True}, 4),
        ({"automation": "autonomous", "affects_persons": False, "adverse_to_persons": True}, 4),
    ],
)
def test_floors(changes, tier):
    found = tier_score({**CALM, **changes})
    assert found.tier == tier
    assert bool(found.floors) is (tier < 4)


@pytest.mark.parametrize("points", [AMOUNT_POINTS, VOLUME_POINTS])
def test_bands_fall_from_the_largest_down_to_nothing(points):
    assert list(points) == sorted(points, reverse=True)
    assert points[-1] == (0, 0)


@pytest.mark.parametrize("code", INPUTS)
def test_without_one_of_its_inputs_there_is_no_score_and_the_field_is_named(code):
    document = {**CALM, code: None}
    assert tier_score(document) is None
    assert [field.code for field in missing_inputs(document)] == [code]


def override(tier, **changes):
    given = {"set_at": NOW, "expires_at": NOW + timedelta(days=30), "ended_at": None, **changes}
    return TierOverride(id=1, model_id=1, tier=tier, reason="why", set_by="Vera Lind", **given)


@pytest.mark.parametrize(
    ("days", "changes", "tier"),
    [
        (0, {}, 1),
        (29, {}, 1),
        (30, {}, 3),
        (-1, {}, 3),
        (5, {"ended_at": NOW + timedelta(days=5)}, 3),
        (4, {"ended_at": NOW + timedelta(days=5)}, 1),
    ],
)
def test_an_override_counts_from_when_it_was_set_until_it_lapses_or_ends(days, changes, tier):
    assert tier_in_force(4, 3, override(1, **changes), NOW + timedelta(days=days)) == tier


def test_without_an_override_the_computed_tier_counts_and_before_that_the_declared_one():
    assert (tier_in_force(4, 2, None, NOW), tier_in_force(4, None, None, NOW)) == (2, 4)


def test_every_tier_is_shown_beside_the_one_in_force():
    lapsed = override(1, expires_at=NOW)
    computed = tier_standing(3, CALM, lapsed, NOW)
    assert (computed.declared, computed.computed.tier, computed.override, computed.in_force) == (3, 4, lapsed, 4)
    assert computed.source == "computed"
    assert tier_standing(3, {}, None, NOW).source == "declared"
    assert tier_standing(3, CALM, override(1), NOW).source == "override"


def test_a_larger_number_is_a_lower_tier():
    assert lowers(4, below=3)
    assert not lowers(3, below=3)
