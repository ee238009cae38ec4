"""Every cell of the control matrix allows what it should and denies what it should: 14 controls x 4 tiers x 2."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from core.errors import BadInputError
from core.inventory.controls import (
    as_json,
    drill_due,
    exception_fault,
    executable_from,
    expires_at,
    finding_effect,
    is_fresh,
    kept_until,
    needs_fallback,
    needs_gate,
    policy,
    policy_names,
    validation_is_enough,
)
from core.inventory.fields import TIERS
from core.releases.quorum import Parties, Voter, waits_for

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODY = Parties(requesters=frozenset({"Rita"}), developers=frozenset({"Dana"}))


def quorum(controls, *people):
    """Return whether approvals by (name, role…) fill every rule, Rita having asked and Dana having built."""
    voters = [Voter(name=name, roles=frozenset(roles)) for name, *roles in people]
    return not waits_for(voters, controls.quorum, NOBODY)


OMAR, VERA, ANA = ("Omar", "owner"), ("Vera", "validator"), ("Ana", "approver")
DANA = ("Dana", "validator")

# control, tier, a case that is allowed, a case that is denied; each a function of the tier's controls
CELLS = (
    ("approvers", 1, lambda c: quorum(c, OMAR, VERA), lambda c: quorum(c, OMAR, ANA)),
    ("approvers", 2, lambda c: quorum(c, OMAR, ANA), lambda c: quorum(c, OMAR, ("Odile", "owner"))),
    ("approvers", 3, lambda c: quorum(c, ANA), lambda c: quorum(c, ("Rita", "owner"))),
    ("approvers", 4, lambda c: quorum(c, OMAR), lambda c: quorum(c, ("Ed", "engineer"))),
    (
        "validation before live",
        1,
        lambda c: validation_is_enough(c, "full", independent=True),
        lambda c: validation_is_enough(c, "full", independent=False),
    ),
    (
        "validation before live",
        2,
        lambda c: validation_is_enough(c, "full", independent=False),
        lambda c: validation_is_enough(c, "targeted", independent=True),
    ),
    (
        "validation before live",
        3,
        lambda c: validation_is_enough(c, "targeted", independent=False),
        lambda c: validation_is_enough(c, "self_attest", independent=True),
    ),
    (
        "validation before live",
        4,
        lambda c: validation_is_enough(c, "self_attest", independent=False),
        lambda c: validation_is_enough(c, None, independent=True),
    ),
    *(
        (
            "validation again after",
            tier,
            lambda c, m=m: c.validation.months == m,
            lambda c, m=m: c.validation.months != m,
        )
        for tier, m in zip(TIERS, (12, 24, 36, None), strict=True)
    ),
    *(
        (
            "rollout",
            tier,
            lambda c, days=days, first=first: c.rollout.shadow_days <= days and c.rollout.shares[0] >= first,
            lambda c, days=days, first=first: c.rollout.shadow_days < days or c.rollout.shares[0] > first,
        )
        for tier, days, first in zip(TIERS, (14, 7, 2, 0), (0.01, 0.05, 0.25, 1.0), strict=True)
    ),
    *(
        (
            "monitoring",
            tier,
            lambda c, w=w, m=m: (c.monitoring.cadence, c.monitoring.owner_review_months) == (w, m),
            lambda c, m=m: c.monitoring.owner_review_months > m,
        )
        for tier, w, m in zip(TIERS, ("daily", "daily", "weekly", "monthly"), (1, 3, 6, 12), strict=True)
    ),
    (
        "gates",
        1,
        lambda c: all(needs_gate(c, g) for g in ("worst_segment", "fairness", "calibration")),
        lambda c: needs_gate(c, "x"),
    ),
    (
        "gates",
        2,
        lambda c: all(needs_gate(c, g) for g in ("worst_segment", "fairness", "calibration")),
        lambda c: needs_gate(c, "x"),
    ),
    (
        "gates",
        3,
        lambda c: needs_gate(c, "calibration"),
        lambda c: needs_gate(c, "fairness") or needs_gate(c, "worst_segment"),
    ),
    ("gates", 4, lambda c: not c.gates, lambda c: needs_gate(c, "calibration")),
    *(
        (
            "approval holds",
            tier,
            lambda c, d=d: expires_at(c, NOW) >= NOW + d * DAY,
            lambda c, d=d: expires_at(c, NOW) > NOW + d * DAY,
        )
        for tier, d in zip(TIERS, (7, 7, 14, 14), strict=True)
    ),
    *(
        (
            "evidence is fresh",
            tier,
            lambda c, h=h: is_fresh(c, NOW - h * HOUR, NOW),
            lambda c, h=h: is_fresh(c, NOW - h * HOUR - timedelta(seconds=1), NOW),
        )
        for tier, h in zip(TIERS, (24, 72, 168, 720), strict=True)
    ),
    *(
        (
            "wait",
            tier,
            lambda c, h=h: executable_from(c, NOW) <= NOW + h * HOUR,
            lambda c, h=h: executable_from(c, NOW) < NOW + h * HOUR,
        )
        for tier, h in zip(TIERS, (24, 24, 0, 0), strict=True)
    ),
    (
        "overdue validation",
        1,
        lambda c: exception_fault(c, 30, earlier=0) is None,
        lambda c: exception_fault(c, 31, earlier=0) is None or exception_fault(c, 1, earlier=1) is None,
    ),
    (
        "overdue validation",
        2,
        lambda c: exception_fault(c, 60, earlier=3) is None,
        lambda c: exception_fault(c, 61, earlier=0) is None,
    ),
    ("overdue validation", 3, lambda c: c.overdue.effect == "warn", lambda c: c.overdue.effect == "block"),
    ("overdue validation", 4, lambda c: c.overdue.effect == "warn", lambda c: c.overdue.effect == "block"),
    *(
        (
            "open high finding",
            tier,
            lambda c, e=e: finding_effect(c, "high") == e,
            lambda c: finding_effect(c, "critical") != "block" or finding_effect(c, "low") == "block",
        )
        for tier, e in zip(TIERS, ("block", "block", "condition", "note"), strict=True)
    ),
    *(
        (
            "drill",
            tier,
            lambda c, d=d: drill_due(c, TODAY, TODAY) == d,
            lambda c, d=d: drill_due(c, None, TODAY - DAY) == d if d else drill_due(c, TODAY, TODAY) is not None,
        )
        for tier, d in zip(TIERS, (date(2027, 2, 21), date(2027, 5, 21), date(2027, 11, 21), None), strict=True)
    ),
    *(
        ("fallback", tier, lambda c, f=f: c.fallback == f, lambda c, f=f: needs_fallback(c) is not (f == "mandatory"))
        for tier, f in zip(TIERS, ("mandatory", "mandatory", "recommended", "optional"), strict=True)
    ),
    *(
        (
            "retention",
            tier,
            lambda c, y=y: kept_until(c, TODAY) >= date(2026 + y, 11, 21),
            lambda c, y=y: kept_until(c, TODAY) > date(2026 + y, 11, 21),
        )
        for tier, y in zip(TIERS, (10, 7, 5, 3), strict=True)
    ),
)


def ids(cell):
    return f"{cell[0]} T{cell[1]}".replace(" ", "-")


@pytest.mark.parametrize("cell", CELLS, ids=ids)
def test_each_cell_allows_what_it_allows(cell):
    _, tier, allowed, _ = cell
    assert allowed(policy()[tier])


@pytest.mark.parametrize("cell", CELLS, ids=ids)
def test_each_cell_denies_what_it_denies(cell):
    _, tier, _, denied = cell
    assert not denied(policy()[tier])


def test_every_control_has_a_cell_for_each_tier():
    names = {name for name, *_ in CELLS}
    assert {(name, tier) for name, tier, *_ in CELLS} == {(name, tier) for name in names for tier in TIERS}
    assert len(names) == 14


def test_whoever_asked_or_built_does_not_fill_the_quorum():
    assert not quorum(policy()[1], OMAR, DANA)
    assert not quorum(policy()[1], ("Both", "owner", "validator"))
    assert quorum(policy()[1], ("Both", "owner", "validator"), OMAR)


def test_the_standard_policy_waits_a_day_and_the_demo_not_at_all_and_nothing_else_differs():
    standard, demo = policy("standard"), policy("demo")
    assert [standard[tier].wait for tier in TIERS] == [DAY, DAY, 0 * DAY, 0 * DAY]
    assert [demo[tier].wait for tier in TIERS] == [0 * DAY] * 4
    for tier in TIERS:
        assert as_json(demo[tier]) == {**as_json(standard[tier]), "wait_hours": 0}


def test_an_approved_release_of_the_standard_policy_is_executable_after_the_wait_by_the_clock():
    controls = policy("standard")[1]
    assert executable_from(controls, NOW) > NOW + 23 * HOUR
    assert executable_from(controls, NOW) <= NOW + 24 * HOUR
    assert executable_from(policy("demo")[1], NOW) == NOW


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
