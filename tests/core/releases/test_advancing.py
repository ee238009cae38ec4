from dataclasses import replace
from datetime import timedelta

import pytest

from core.releases.advancing import has_next_step, why_held
from core.releases.plan import plan_of
from core.releases.states import ReleaseState
from tests.core.releases.made_up import NOON, RELEASE

S = ReleaseState
PLAN = plan_of(
    {"steps": [{"kind": "shadow", "days": 2}, {"kind": "canary", "share": 0.05, "days": 1}, {"kind": "full"}]}
)
IN_SHADOW = replace(RELEASE, state=S.LIVE, step=1, live_since=NOON, plan=PLAN.as_json())
UNDER_WAY = replace(IN_SHADOW, executing_since=NOON)
BARRED = "the model is retired"


@pytest.mark.parametrize(
    ("release", "days", "why"),
    [
        (RELEASE, 9, "it is PENDING_APPROVAL: only what is live goes on"),
        (replace(IN_SHADOW, state=S.ROLLED_BACK), 9, "it is ROLLED_BACK: only what is live goes on"),
        (replace(IN_SHADOW, step=3), 9, "its plan is done: it takes all of the traffic"),
        (UNDER_WAY, 9, "step 2 was sent at 2026-03-04 12:00 UTC and is not acknowledged yet"),
        (IN_SHADOW, 1.9, "step 1 (shadow) stands until 2026-03-06 12:00 UTC"),
        (replace(IN_SHADOW, step=2), 0.9, "step 2 (canary) stands until 2026-03-05 12:00 UTC"),
        (IN_SHADOW, 2, BARRED),
        (replace(UNDER_WAY, why="step 2: no acknowledgement within 15 minutes"), 2, BARRED),
    ],
)
def test_the_first_thing_that_holds_a_step_is_said(release, days, why):
    assert why_held(release, NOON + timedelta(days=days), barred=BARRED) == why


def test_nothing_holds_a_step_whose_time_has_come():
    assert why_held(IN_SHADOW, NOON + timedelta(days=2), barred="") == ""


def test_only_what_is_live_in_part_has_a_next_step():
    found = [has_next_step(replace(IN_SHADOW, step=step)) for step in (1, 2, 3)]
    assert found == [True, True, False]
    assert not has_next_step(replace(IN_SHADOW, state=S.EXECUTING))
