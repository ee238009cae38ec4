import pytest

from app.record.controls import rows
from core.inventory.controls import policy
from core.inventory.fields import TIERS

TOLD = {name: [rows(policy()[tier])[name] for tier in TIERS] for name in rows(policy()[1])}


@pytest.mark.parametrize(
    ("control", "said"),
    [
        ("validation before going live", ["full, by somebody independent", "full", "targeted", "the owner attests it"]),
        ("validation again", ["every 12 months", "every 24 months", "every 36 months", "when something changes"]),
        (
            "overdue validation",
            [
                "blocks every release; 1 exception of at most 30 days",
                "blocks every release; 1 exception of at most 60 days",
                "a warning",
                "a warning",
            ],
        ),
        ("evidence at an approval", [f"at most {hours} hours old" for hours in (24, 72, 168, 720)]),
        ("an approval holds", ["7 days", "7 days", "14 days", "14 days"]),
        ("wait before execution", ["24 hours", "24 hours", "none", "none"]),
        (
            "open finding of high severity",
            ["blocks a release", "blocks a release", "takes a condition of the approval", "is noted"],
        ),
        ("the log is judged", ["daily", "daily", "weekly", "monthly"]),
        ("rollback drill", ["every 3 months", "every 6 months", "every 12 months", "not asked"]),
        (
            "audit trail is kept",
            [f"at least {years} years; Watchroom deletes none of it" for years in (10, 7, 5, 3)],
        ),
    ],
)
def test_each_control_of_a_tier_is_told(control, said):
    assert TOLD[control] == said


def test_the_rollout_and_the_people_are_told():
    assert TOLD["rollout"][1] == "7 days in shadow, then 5 %, 25 %, 100 %"
    assert TOLD["rollout"][3] == "100 % at once"
    assert TOLD["approvals"][0] == "owner (owner) and independent validator (validator)"
    assert TOLD["evidence beside what all show"][2:] == ["calibration", "none"]
