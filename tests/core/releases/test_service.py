import json
from datetime import timedelta

import pytest

from core.audit.actions import AuditAction
from core.errors import NotFoundError, RefusedError
from core.findings import service as findings
from core.releases import service
from core.releases.offers import Move
from core.releases.plan import plan_of
from core.releases.states import ReleaseState
from core.releases.talking import service as talking
from core.store import records as stored_records
from tests.audited import newest
from tests.release_kit import (
    ANA,
    BEA,
    DANA,
    OMAR,
    VERA,
    VIC,
    approve,
    approved,
    later,
    live,
    pending,
    requested,
    settled,
)

S = ReleaseState
IN_SHADOW_FIRST = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})


def test_the_list_has_the_approvals_and_what_is_missing(strict_store):
    release = approve(strict_store, OMAR, pending(strict_store))
    (one,) = service.releases(strict_store)
    assert one.release == release
    assert one.rules == ("owner", "independent validator")
    assert [(a.by, a.rule, a.digest) for a in one.approvals] == [("Omar", "owner", release.digest)]
    assert one.waits_for == ("independent validator",)
    assert service.releases(strict_store, model="churn", only_open=True) == (one,)
    with pytest.raises(NotFoundError):
        service.releases(strict_store, model="nothing")


def test_a_dossier_has_evidence_decisions_and_what_this_person_can_do(strict_store):
    release = pending(strict_store)
    talking.visit(strict_store, VERA, release.id)
    detail = service.release_detail(strict_store, VERA, release.id)
    assert detail.release == release
    assert detail.pack is not None
    assert detail.pack.digest == release.digest
    assert detail.differences == ()
    assert {offer.move: offer.is_open for offer in detail.offers} == {
        Move.APPROVE: True,
        Move.CHANGES: True,
        Move.REJECT: True,
        Move.CANCEL: False,
    }
    assert detail.last_visit == strict_store.clock.now()
    assert service.packed_profiles(strict_store, release.digest) == b"packed counts"
    with pytest.raises(NotFoundError):
        service.release_detail(strict_store, VERA, 99)
    with pytest.raises(NotFoundError):
        service.packed_profiles(strict_store, "0" * 64)


def test_figures_of_groups_are_shown_to_who_may_read_them_and_that_is_written_down_once(governed_store):
    groups = {"fairness": {"columns": [{"column": "sex", "groups": [{"group": "female"}]}]}}
    release = settled(governed_store, requested(governed_store), more=groups)

    detail = service.release_detail(governed_store, VERA, release.id)
    assert detail.pack is not None
    assert "female" not in json.dumps(dict(detail.pack.document))
    with pytest.raises(RefusedError):
        service.group_figures(governed_store, VIC, release.id)
    for person in (VERA, OMAR, VERA):
        whole = service.group_figures(governed_store, person, release.id)
        assert whole is not None
        assert "female" in json.dumps(dict(whole.document))
    reads = [entry for entry in newest(governed_store) if entry.action == AuditAction.FAIRNESS_READ]
    assert sorted(entry.actor for entry in reads) == ["Omar", "Vera"]
    assert json.loads(reads[0].after)["digest"] == release.digest


def test_a_dossier_shows_what_changed_since_its_evidence(governed_store):
    release = pending(governed_store)
    with governed_store.write() as session:
        stored_records.put_release_policy(session, "demo")
    detail = service.release_detail(governed_store, OMAR, release.id)
    assert [one.field for one in detail.differences] == ["gate_policy"]
    assert service.release_summary(governed_store, release.id).release == service.find_release(
        governed_store, release.id
    )


def test_the_queue_begins_with_what_waits_for_me(strict_store):
    release = pending(strict_store)
    later_on = later(strict_store, hours=5)
    for who, mine in ((OMAR, True), (VERA, True), (ANA, False), (DANA, False), (BEA, False)):
        (item,) = service.queue(later_on, who)
        assert item.waits_for_me is mine, who.name
        assert (item.age, item.due) == (timedelta(hours=5), release.expires_at)
    approve(strict_store, OMAR, release)
    assert [item.waits_for_me for item in service.queue(strict_store, OMAR)] == [False]
    assert "already" in service.why_not(strict_store, OMAR, release.id)
    assert service.why_not(strict_store, VERA, release.id) == ""
    assert "You asked" not in service.why_not(strict_store, DANA, release.id)


def test_what_is_wholly_live_waits_for_nobody(governed_store):
    live(governed_store)
    assert service.queue(governed_store, OMAR) == ()
    waiting = requested(governed_store, version="v3")
    assert [item.summary.release.id for item in service.queue(governed_store, OMAR)] == [waiting.id]


def test_what_is_live_in_part_stays_in_the_queue_and_says_what_holds_its_next_step(governed_store):
    release = live(governed_store, plan=IN_SHADOW_FIRST)
    (item,) = service.queue(governed_store, OMAR)
    assert (item.moves, item.waits_for_me) == ((Move.ROLLBACK,), False)
    assert item.why_not == service.why_not(governed_store, OMAR, release.id)
    assert item.why_not == "Step 1 (shadow) stands until 2026-03-04 09:00 UTC."
    (item,) = service.queue(later(governed_store, days=2), OMAR)
    assert (Move.ADVANCE in item.moves, item.why_not) == (True, "")
    findings.raise_finding(
        governed_store, VERA, model="churn", severity="critical", category="data", title="a leak", owner="Dana"
    )
    offered = service.release_detail(later(governed_store, days=2), OMAR, release.id).offers
    (held,) = [one for one in offered if one.move is Move.ADVANCE]
    assert (held.code, held.why) == ("illegal_move", "A blocking finding was raised since: 1.")


def test_an_approved_release_says_when_it_can_be_executed(governed_store):
    release = approved(governed_store)
    detail = service.release_detail(governed_store, OMAR, release.id)
    assert detail.executable_from == governed_store.clock.now()
    assert detail.rollback_to is None
