"""Ten thousand histories of releases never reach an illegal state; histories of a store keep its promises."""

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from core.access.principal import WORKER
from core.audit.actions import AuditAction
from core.audit.service import verify
from core.errors import BadInputError, RefusedError
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.judging import service as judging
from core.releases.plan import plan_of
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import MOVES, OPEN, TERMINAL, ReleaseState, must_move
from core.store import champions, outbox
from core.store.database import open_store
from core.store.governed_tables import DeliveryRow, ReleaseRow
from core.store.releases import releases
from core.store.tables import AuditRow
from tests.core.releases.test_states import LEGAL
from tests.release_kit import ANA, DANA, OMAR, VERA, gates, later, settled

S = ReleaseState
ROUNDS = 40
PLAN = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})
LONG = "customers cannot pay since this morning"


def test_ten_thousand_histories_never_reach_an_illegal_state():
    draw, ends = random.Random(1), set()
    for _ in range(10_000):
        state, path = S.DRAFT, [S.DRAFT]
        for _ in range(25):
            legal = sorted(MOVES[state])
            wish = draw.choice(legal if legal and draw.random() < 0.5 else list(ReleaseState))
            if _refused(state, wish):
                continue
            path.append(wish)
            state = wish
        assert all((now.value, to.value) in LEGAL for now, to in pairwise(path))
        assert not TERMINAL.intersection(path[:-1])
        ends.add(state)
    assert ends >= TERMINAL


def _refused(state, wish):
    try:
        must_move(state, wish)
    except RefusedError as refused:
        return refused.code == "illegal_move"
    return False


ACTS = {
    "request": lambda store, _: requesting.request(
        store, DANA, model="churn", version=random.choice(["v1", "v2", "v3"]), plan=random.choice([PLAN, PLAN_AT_ONCE])
    ),
    "submit": lambda store, one: requesting.submit(store, DANA, one.id),
    "settle": lambda store, one: settled(store, one, random.choice(EVIDENCE)),
    "recheck": lambda store, one: requesting.recheck(store, WORKER, one.id, gates=random.choice(EVIDENCE)),
    "cancel": lambda store, one: requesting.cancel(store, OMAR, one.id, reason="no"),
    "expire": lambda store, _: requesting.expire_due(later(store, days=random.choice([0, 30])), WORKER),
    "approve": lambda store, one: deciding.approve(
        store, random.choice([OMAR, VERA, ANA]), one.id, digest=one.digest or "", reason="fine", notes=NOTES
    ),
    "changes": lambda store, one: deciding.ask_changes(store, VERA, one.id, reason="more"),
    "reject": lambda store, one: deciding.reject(store, VERA, one.id, reason="no"),
    "accept": lambda store, one: judging.accept(store, VERA, one.id, reason="fine"),
    "decline": lambda store, one: judging.decline(store, VERA, one.id, reason="no"),
    "break": lambda store, one: judging.break_glass(store, OMAR, one.id, reason=LONG),
    "execute": lambda store, one: executing.execute(store, OMAR, one.id),
    "advance": lambda store, one: executing.advance(later(store, days=3), OMAR, one.id),
    "ack": lambda store, one: acknowledging.acknowledge(store, OMAR, one.id),
    "sent": lambda store, one: acknowledging.sent(store, WORKER, one.id),
    "fail": lambda store, one: acknowledging.fail(store, OMAR, one.id, reason="it broke"),
    "answer": lambda store, one: acknowledging.acknowledge(store, WORKER, one.id, event=_event(store, one)),
    "refusal": lambda store, one: acknowledging.fail(
        store, WORKER, one.id, event=_event(store, one), reason="it cannot"
    ),
    "silence": lambda store, _: acknowledging.time_out(store, WORKER, within=timedelta(0)),
    "rollback": lambda store, _: rollback.request_rollback(store, ANA, model="churn", reason="bad"),
    "drill": lambda store, _: rollback.drill(store, DANA, model="churn"),
}
NEXT = {
    S.DRAFT: ["submit"],
    S.PENDING_EVIDENCE: ["settle"],
    S.PENDING_APPROVAL: ["approve"],
    S.NEEDS_HUMAN: ["accept", "accept", "decline"],
    S.BLOCKED: ["submit", "break"],
    S.STALE: ["submit"],
    S.APPROVED: ["execute"],
    S.EXECUTING: ["ack", "ack", "ack", "fail", "silence"],
    S.UNKNOWN: ["ack", "fail"],
    S.FAILED: ["rollback", "cancel"],
    S.LIVE: ["advance", "ack", "rollback", "drill", "request", "request"],
    S.ROLLBACK_REQUESTED: ["sent", "ack", "silence"],
    S.ROLLING_BACK: ["ack", "ack", "fail"],
}
"""What mostly leads on from each state; everything else is tried in between."""
EVIDENCE = [gates(), gates(), gates(unclear=("fairness",)), gates(failed=("latency",))]
PLAN_AT_ONCE = plan_of({"steps": [{"kind": "full"}]})


NOTES = {"fairness": "seen", "latency": "seen"}
SENDING = (
    AuditAction.RELEASE_EXECUTED,
    AuditAction.RELEASE_ADVANCED,
    AuditAction.ROLLBACK_REQUESTED,
    AuditAction.DRILL_REQUESTED,
)
"""What has an executor told something, each time once."""


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_try_in_whatever_order_the_store_keeps_its_promises(sqlite_governed, seed):
    random.seed(seed)
    store, refusals = sqlite_governed, 0
    for _ in range(200):
        refusals += not _came_through(*_wish(store), store)
    assert refusals
    assert _kept(store) >= {"LIVE", "ROLLED_BACK", "APPROVED"}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_people_try_at_once_the_store_keeps_its_promises(governed_store, seed):
    random.seed(seed)
    opened = [replace(open_store(governed_store.home), clock=governed_store.clock) for _ in range(4)]
    with ThreadPoolExecutor(len(opened)) as people:
        for _ in range(ROUNDS):
            calls = [people.submit(_came_through, *_wish(governed_store), own) for own in opened]
            assert len([call.result() for call in calls]) == len(opened)
    for own in opened:
        own.engine.dispose()
    assert "PENDING_EVIDENCE" in _kept(governed_store)


def _wish(store):
    """Return what somebody tries next, and with which release; mostly what leads on."""
    with store.read() as session:
        known = releases(session)
    one = random.choice(known[:2]) if known else None
    leading = NEXT.get(one.state, ["request"]) if one else ["request"]
    return random.choice(leading if one is None or random.random() < 0.8 else [*ACTS]), one


def _event(store, one):
    """Return an event of a release, the last or an earlier one; a made-up one before any."""
    with store.read() as session:
        events = [found.event_id for found in outbox.by_release(session, one.id)]
    return random.choice(events or ["made up"])


def _came_through(act, one, store):
    try:
        ACTS[act](store, one)
    except (RefusedError, BadInputError):
        return False
    return True


def _kept(store):
    """Hold the store to its promises after any history; returns the states that releases were in."""
    with store.read() as session:
        entries = session.scalars(select(AuditRow).where(AuditRow.object_type == "release").order_by(AuditRow.seq))
        told = [entry for entry in entries if not entry.action.startswith("access:")]
        seen, actions = _legal(told), Counter(entry.action for entry in told)
        rows = session.scalars(select(ReleaseRow)).all()
        sent = session.scalars(select(DeliveryRow.dedup_key)).all()
        reigns = champions.reigns(session, "churn")
    assert sum(row.is_open for row in rows) <= 1
    assert all(ReleaseState(row.state) in OPEN for row in rows if row.is_open)
    assert len(sent) == len({*sent}) == sum(actions[action] for action in SENDING)
    detail = model_detail(store, "churn")
    assert detail.champion.name == reigns[-1].version
    whole = [row.version_id for row in rows if row.state == S.LIVE.value and row.step == len(row.plan["steps"])]
    assert whole in ([], [detail.champion.id]), "what is wholly live is the champion"
    assert verify(store).ok
    return seen


def _legal(entries):
    """Return the states seen; every entry begins where the last one about its release ended, by legal moves."""
    last, seen = {}, set()
    for entry in entries:
        before, after = json.loads(entry.before), json.loads(entry.after)
        if "state" not in after:
            continue
        was = before.get("state")
        assert was == last.get(entry.object_id), entry.action
        if was is not None and was != after["state"]:
            assert _leads(was, after["state"]), (entry.action, was, after["state"])
        last[entry.object_id] = after["state"]
        seen.add(after["state"])
    return seen


def _leads(was, to):
    """Over at most four legal moves: a late acknowledgement of a rollback passes the states between."""
    reached = {was}
    for _ in range(4):
        reached |= {following for now, following in LEGAL if now in reached}
        if to in reached:
            return True
    return False
