import pytest

from core.errors import BadInputError
from core.releases.plan import AT_ONCE, StepKind, plan_of, shortfalls

WHOLE = {
    "steps": [
        {"kind": "shadow", "days": 7},
        {"kind": "canary", "share": 0.05, "days": 2},
        {"kind": "canary", "share": 0.25},
        {"kind": "full"},
    ]
}


def test_a_plan_is_read_and_written_back_the_same():
    plan = plan_of(WHOLE)
    assert [step.kind for step in plan.steps] == [StepKind.SHADOW, StepKind.CANARY, StepKind.CANARY, StepKind.FULL]
    assert plan.shadow_days == 7
    assert plan.shares == (0.05, 0.25, 1.0)
    assert plan_of(plan.as_json()) == plan
    assert not plan.is_full(3)
    assert plan.is_full(4)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "one key 'steps'"),
        ({"steps": []}, "1 to 10 steps"),
        ({"steps": [{"kind": "full"}], "more": 1}, "one key 'steps'"),
        ({"steps": ["full"]}, "step 1 is not of the form"),
        ({"steps": [{"kind": "blue"}]}, "shadow, canary or full"),
        ({"steps": [{"kind": "canary", "share": 1.5}, {"kind": "full"}]}, "between 0 and 1"),
        ({"steps": [{"kind": "canary", "share": True}, {"kind": "full"}]}, "is a number"),
        ({"steps": [{"kind": "canary", "share": float("nan")}, {"kind": "full"}]}, "is a number"),
        ({"steps": [{"kind": "canary", "share": 10**400}, {"kind": "full"}]}, "is a number of ordinary size"),
        ({"steps": [{"kind": ["canary"], "share": 0.5}, {"kind": "full"}]}, "shadow, canary or full"),
        ({"steps": [{"kind": {}}]}, "shadow, canary or full"),
        ({"steps": [{"kind": "full", "share": 0.5}]}, "leave it out"),
        ({"steps": [{"kind": "full", "days": -1}]}, "between 0 and 365"),
        ({"steps": [{"kind": "shadow"}]}, "ends with its one full step"),
        ({"steps": [{"kind": "full"}, {"kind": "full"}]}, "ends with its one full step"),
        ({"steps": [{"kind": "canary", "share": 0.5}, {"kind": "canary", "share": 0.25}, {"kind": "full"}]}, "rising"),
        ({"steps": [{"kind": "canary", "share": 0.5}, {"kind": "shadow"}, {"kind": "full"}]}, "rising"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_place(document, words):
    with pytest.raises(BadInputError, match=words):
        plan_of(document)


def test_what_a_plan_lacks_of_its_tier_is_said_step_by_step():
    plan = plan_of(WHOLE)
    assert shortfalls(plan, 7, (0.05, 0.25, 1.0), splits=True) == ()
    assert shortfalls(plan, 14, (0.01, 0.05, 0.25, 1.0), splits=True) == (
        "14 days in shadow are needed, the plan has 7",
        "step 1 after the shadow takes 5%, at most 1% are allowed",
        "step 2 after the shadow takes 25%, at most 5% are allowed",
        "step 3 after the shadow takes 100%, at most 25% are allowed",
    )


def test_an_executor_that_cannot_split_goes_from_shadow_to_all():
    plan = plan_of({"steps": [{"kind": "shadow", "days": 7}, {"kind": "full"}]})
    assert shortfalls(plan, 7, (0.05, 1.0), splits=False) == ()
    assert shortfalls(plan, 7, (0.05, 1.0), splits=True)
    assert AT_ONCE.shadow_days == 0
