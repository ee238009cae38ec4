from datetime import UTC, datetime

from core.fairness.choice import LONGEST_REASON, GroupChoice


def test_a_withdrawn_choice_is_a_choice_without_a_group():
    made = GroupChoice(
        column="sex", group=None, reason="asked to", chosen_by="olga", chosen_at=datetime(2024, 4, 10, tzinfo=UTC)
    )
    assert made.group is None
    assert len(made.reason) <= LONGEST_REASON
