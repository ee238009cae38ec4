"""Every cell of the control matrix allows what it should and denies what it should.

Each case goes through the function that holds a release or a model to it. The three controls that are times (how long
an approval holds, how old evidence may be, how long it waits) are tried on stores: tests/core/releases/test_times.py.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from core.errors import BadInputError
from core.findings.finding import Severity
from core.inventory.controls import as_json, exception_fault, needs_gate, policy, policy_names
from core.inventory.fields import TIERS
from core.releases.evidence import asking_for_conditions
from core.releases.gates.fit import findings_gate, rollout_gate, validation_gate
from core.releases.gates.gate import GateOutcome
from core.releases.gathering.judging import BY_TIER
from core.releases.plan import AT_ONCE, Plan, PlanStep, StepKind, shortfalls
from core.releases.quorum import Parties, Voter, waits_for
from core.reviews.calendar import Due, ValidationStanding, calendar, validated
from core.reviews.review import Outcome, Review, ReviewKind
from tests.core.findings.made_up import FINDING

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
LONG_LIVE = TODAY - 4_000 * DAY
NOBODY = Parties(requesters=frozenset({"Rita"}), developers=frozenset({"Dana"}))
OMAR, VERA, ANA = ("Omar", "owner"), ("Vera", "validator"), ("Ana", "approver")
DANA = ("Dana", "validator")


def quorum(*people, c):
    """Return whether approvals by (name, role…) fill every rule, Rita having asked and Dana having built."""
    voters = [Voter(name=name, roles=frozenset(roles)) for name, *roles in people]
    return not waits_for(voters, c.quorum, NOBODY)


def review(kind, day, *, scope="full", until=None):
    """Return a review of version 2 that passed on a day; `until` ends an exception."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    whose = {"done_by": "Vera", "done_at": moment, "created_by": "Vera", "created_at": moment}
    what = {"kind": kind, "due": until or day, "scope": scope, "outcome": Outcome.PASSED, "notes": ""}
    about = {"model_id": 1, "model": "churn", "version_id": 2, "version": "v2", "release_id": None}
    return Review(id=1, **about, **what, **whose, row_version=1)


def validates(scope, *, c, independent=False):
    """Return whether a version goes live with a validation of this scope (None: without any)."""
    done = [] if scope is None else [review(ReviewKind.VALIDATION, TODAY, scope=scope)]
    standing = validated(c, done, 2, independent=independent)
    return validation_gate(standing, "Vera", frozenset(), c).outcome is GateOutcome.PASSED


def duty(kind, day, *, c, more=()):
    """Return how a duty stands that was last met on a day."""
    found = calendar(c, [review(kind, day), *more], live_since=LONG_LIVE, today=TODAY)
    return next(one for one in found if one.kind is kind)


def in_time(kind, day, *, c):
    """Return whether nothing of this kind is overdue when it was last done on a day."""
    return duty(kind, day, c=c).state is not Due.OVERDUE


def rolls_out(days, *shares, c):
    """Return whether so many days in shadow and these shares of traffic are enough."""
    steps = (*(PlanStep(kind=StepKind.CANARY, share=share, days=1) for share in shares), *AT_ONCE.steps)
    plan = Plan(steps=(PlanStep(kind=StepKind.SHADOW, share=0.0, days=days), *steps))
    lacks = shortfalls(plan, c.rollout.shadow_days, c.rollout.shares, splits=True)
    return not lacks and rollout_gate(days, 1_000, c).outcome is GateOutcome.PASSED


def asked(*gates, c):
    """Return whether exactly these of the gates that depend on the tier decide."""
    return {gate for gate in BY_TIER if needs_gate(c, gate)} == set(gates)


def releases_overdue(*, c, day=LONG_LIVE, until=None):
    """Return whether a release passes whose model is live with a validation of `day`, excepted to `until`."""
    more = [] if until is None else [review(ReviewKind.EXCEPTION, TODAY, until=until)]
    enough = ValidationStanding(enough=True, review_id=1, why="")
    gate = validation_gate(enough, "Vera", frozenset(), c, duty=duty(ReviewKind.VALIDATION, day, c=c, more=more))
    return gate.outcome is GateOutcome.PASSED


def excepted(days, *, c, earlier=0):
    """Return whether an exception of so many days can be given, and then lets a release pass."""
    return exception_fault(c, days, earlier=earlier) is None and releases_overdue(c=c, until=TODAY + days * DAY)


def goes_on(severity, *, c, conditions=0):
    """Return whether a release can be approved beside an open finding, with so many conditions."""
    gate = findings_gate([replace(FINDING, severity=Severity(severity))], c)
    needed = asking_for_conditions({"gates": [gate.as_json()]})
    return gate.outcome is not GateOutcome.FAILED and len(needed) <= conditions


SHARES = {1: (0.01, 0.05, 0.25), 2: (0.05, 0.25), 3: (0.25,), 4: ()}
SHADOW = {1: 14, 2: 7, 3: 2, 4: 0}
LAST_DRILL = {1: date(2026, 8, 21), 2: date(2026, 5, 21), 3: date(2025, 11, 21)}
LAST_REVIEW = {1: date(2026, 10, 21), 2: date(2026, 8, 21), 3: date(2026, 5, 21), 4: date(2025, 11, 21)}
LAST_VALIDATION = {1: date(2025, 11, 21), 2: date(2024, 11, 21), 3: date(2023, 11, 21)}

# control, tier, a case that is allowed, a case that is denied (None: the tier denies nothing); of the tier's controls
CELLS = (
    ("approvers", 1, partial(quorum, OMAR, VERA), partial(quorum, OMAR, ANA)),
    ("approvers", 2, partial(quorum, OMAR, ANA), partial(quorum, OMAR, ("Odile", "owner"))),
    ("approvers", 3, partial(quorum, ANA), partial(quorum, ("Rita", "owner"))),
    ("approvers", 4, partial(quorum, OMAR), partial(quorum, ("Ed", "engineer"))),
    ("validation before live", 1, partial(validates, "full", independent=True), partial(validates, "full")),
    ("validation before live", 2, partial(validates, "full"), partial(validates, "targeted", independent=True)),
    ("validation before live", 3, partial(validates, "targeted"), partial(validates, "self_attest", independent=True)),
    ("validation before live", 4, partial(validates, "self_attest"), partial(validates, None, independent=True)),
    *(
        (
            "validation again",
            tier,
            partial(in_time, ReviewKind.VALIDATION, day),
            partial(in_time, ReviewKind.VALIDATION, day - DAY),
        )
        for tier, day in LAST_VALIDATION.items()
    ),
    ("validation again", 4, partial(in_time, ReviewKind.VALIDATION, LONG_LIVE), None),
    ("rollout", 1, partial(rolls_out, 14, *SHARES[1]), partial(rolls_out, 14, 0.02, 0.05, 0.25)),
    ("rollout", 2, partial(rolls_out, 7, *SHARES[2]), partial(rolls_out, 7, 0.05, 0.3)),
    ("rollout", 3, partial(rolls_out, 2, *SHARES[3]), partial(rolls_out, 2)),
    ("rollout", 4, partial(rolls_out, 0), None),
    *(
        ("shadow", tier, partial(rolls_out, SHADOW[tier], *SHARES[tier]), denied)
        for tier, denied in (
            (1, partial(rolls_out, 13, *SHARES[1])),
            (2, partial(rolls_out, 6, *SHARES[2])),
            (3, partial(rolls_out, 1, *SHARES[3])),
            (4, None),
        )
    ),
    *(
        (
            "owner review",
            tier,
            partial(in_time, ReviewKind.OWNER_REVIEW, day),
            partial(in_time, ReviewKind.OWNER_REVIEW, day - DAY),
        )
        for tier, day in LAST_REVIEW.items()
    ),
    *(
        ("gates", tier, partial(asked, "worst_segment", "fairness", "calibration"), partial(asked, "calibration"))
        for tier in (1, 2)
    ),
    ("gates", 3, partial(asked, "calibration"), partial(asked)),
    ("gates", 4, partial(asked), partial(asked, "calibration")),
    ("overdue validation", 1, partial(excepted, 30), partial(releases_overdue)),
    ("overdue validation", 2, partial(excepted, 60), partial(releases_overdue)),
    *(("overdue validation", tier, partial(releases_overdue), None) for tier in (3, 4)),
    ("exception", 1, partial(excepted, 30), partial(excepted, 31)),
    ("exception", 2, partial(excepted, 60), partial(excepted, 61)),
    *(("exception", tier, partial(excepted, 400), None) for tier in (3, 4)),
    *(("second exception", tier, partial(excepted, 1), partial(excepted, 1, earlier=1)) for tier in (1, 2)),
    *(("second exception", tier, partial(excepted, 1, earlier=9), None) for tier in (3, 4)),
    *(
        ("open high finding", tier, partial(goes_on, "medium"), partial(goes_on, "high", conditions=9))
        for tier in (1, 2)
    ),
    ("open high finding", 3, partial(goes_on, "high", conditions=1), partial(goes_on, "high")),
    ("open high finding", 4, partial(goes_on, "high"), partial(goes_on, "critical", conditions=9)),
    *(
        ("drill", tier, partial(in_time, ReviewKind.DRILL, day), partial(in_time, ReviewKind.DRILL, day - DAY))
        for tier, day in LAST_DRILL.items()
    ),
    ("drill", 4, partial(in_time, ReviewKind.DRILL, LONG_LIVE), None),
)


def ids(cell):
    return f"{cell[0]} T{cell[1]}".replace(" ", "-")


@pytest.mark.parametrize("cell", CELLS, ids=ids)
def test_each_cell_allows_what_it_allows(cell):
    _, tier, allowed, _ = cell
    assert allowed(c=policy()[tier])


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell[3] is not None], ids=ids)
def test_each_cell_denies_what_it_denies(cell):
    _, tier, _, denied = cell
    assert not denied(c=policy()[tier])


def test_every_control_has_a_cell_for_each_tier():
    names = {name for name, *_ in CELLS}
    assert {(name, tier) for name, tier, *_ in CELLS} == {(name, tier) for name in names for tier in TIERS}
    assert len(names) == 12


@pytest.mark.parametrize(("tier", "years"), [(1, 10), (2, 7), (3, 5), (4, 3)])
def test_how_long_the_trail_is_kept_is_told_and_nothing_is_deleted_before(tier, years):
    """That no entry can be deleted at all is tried in tests/core/store/test_guards.py."""
    assert as_json(policy()[tier])["retention_years"] == years


def test_whoever_asked_or_built_does_not_fill_the_quorum():
    assert not quorum(OMAR, DANA, c=policy()[1])
    assert not quorum(("Both", "owner", "validator"), c=policy()[1])
    assert quorum(("Both", "owner", "validator"), OMAR, c=policy()[1])


def test_the_standard_policy_waits_a_day_and_the_demo_not_at_all_and_nothing_else_differs():
    standard, demo = policy("standard"), policy("demo")
    assert [standard[tier].wait for tier in TIERS] == [DAY, DAY, 0 * DAY, 0 * DAY]
    assert [demo[tier].wait for tier in TIERS] == [0 * DAY] * 4
    for tier in TIERS:
        assert as_json(demo[tier]) == {**as_json(standard[tier]), "wait_hours": 0}


def test_a_stricter_tier_is_nowhere_laxer():
    for stricter, lower in pairwise(TIERS):
        one, other = policy()[stricter], policy()[lower]
        assert one.gates >= other.gates
        assert one.ttl <= other.ttl
        assert one.freshness <= other.freshness
        assert one.wait >= other.wait
        assert one.rollout.shadow_days >= other.rollout.shadow_days
        assert one.retention_years >= other.retention_years
        assert len(one.quorum) >= len(other.quorum)


def test_an_unknown_policy_is_refused_with_the_known_ones():
    with pytest.raises(BadInputError, match="There is no policy 'lax': choose from standard, demo"):
        policy("lax")
    assert policy_names() == ("standard", "demo")
    assert policy("demo").as_json() == {"name": "demo", "version": policy().version}
