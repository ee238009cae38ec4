"""People who act on the same release at the same moment, each on a connection of their own, on both databases.

What remains is one legal story: the winners, one after the other in the order of the audit chain, lead to the same end
when they are tried again in that order, and every loser, tried again after them, is refused as before.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from app.delivering import deliver_due
from core.access.principal import LOCAL, WORKER
from core.access.service import add_person
from core.audit.chain import AuditEntry
from core.audit.service import verify
from core.errors import RefusedError
from core.executors import service as executors
from core.findings import service as findings
from core.inventory.service import model_detail
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.judging import service as judging
from core.releases.plan import plan_of
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rollback
from core.releases.states import ReleaseState
from core.store import releases as stored
from core.store.database import Store, open_store
from tests.audited import newest
from tests.release_kit import ANA, DANA, OMAR, VERA, approve, approved, gates, later, live, now, pending

S = ReleaseState
Act = Callable[[Store, Release], object]
TOLD = re.compile(r"by (Omar|Ana|Vera|Dana) at 2026-03-\d\d \d\d:\d\d UTC")
WON, NOTHING_TO_DO = "won", "nothing to do"
HANDS = 8


@pytest.fixture
def hands(governed_store: Store) -> Iterator[Sequence[Store]]:
    """Return as many connections to one store as people act at once."""
    opened = [replace(open_store(governed_store.home), clock=governed_store.clock) for _ in range(HANDS)]
    yield opened
    for one in opened:
        one.engine.dispose()


def tried(act: Act, store: Store, release: Release) -> str:
    """Return that somebody came through, or the code and the sentence of the refusal."""
    try:
        return WON if act(store, release) != () else NOTHING_TO_DO
    except RefusedError as refused:
        return f"{refused.code}: {refused.why}"


def at_once(hands: Sequence[Store], acts: Mapping[str, Act], release: Release) -> dict[str, str]:
    """Let everybody act at the same moment; returns what came of each."""
    gate = Barrier(len(acts))

    def begin(act: Act, store: Store) -> str:
        gate.wait()
        return tried(act, store, release)

    with ThreadPoolExecutor(len(acts)) as pool:
        calls = {name: pool.submit(begin, act, hands[place]) for place, (name, act) in enumerate(acts.items())}
    return {name: call.result() for name, call in calls.items()}


def story(store: Store, release: Release) -> list[AuditEntry]:
    """Return what the chain tells of a release since its evidence was frozen, without what was refused."""
    mine = [one for one in reversed(newest(store, n=5_000)) if one.object_id == str(release.id)]
    told = [one for one in mine if one.object_type == "release" and not one.action.startswith("access:")]
    frozen = next((at for at, one in enumerate(told) if one.action == "releases:evidence:freeze"), -1)
    return told[frozen + 1 :]


DECIDING: Mapping[str, Act] = {
    "approve": lambda store, one: approve(store, OMAR, one),
    "approve too": lambda store, one: approve(store, ANA, one),
    "reject": lambda store, one: deciding.reject(store, VERA, one.id, reason="unfair"),
    "changes": lambda store, one: deciding.ask_changes(store, VERA, one.id, reason="say more"),
    "cancel": lambda store, one: requesting.cancel(store, DANA, one.id, reason="not now"),
    "expire": lambda store, one: requesting.expire_due(later(store, days=30), WORKER),
    "finding": lambda store, one: findings.raise_finding(
        store, VERA, model="churn", severity="critical", category="data", title="a leak", owner="Dana"
    ),
    "revoke": lambda store, one: add_person(store, LOCAL, "Ana", ["viewer"]),
}
BESIDE = ("finding", "revoke")
"""What is not about the release itself, and always comes through."""
NAMED = {
    "releases:release:reject": "reject",
    "releases:release:changes": "changes",
    "releases:release:cancel": "cancel",
    "releases:release:expire": "expire",
}


def winner(entry: AuditEntry) -> str:
    if entry.action == "releases:release:approve":
        return "approve" if entry.actor == "Omar" else "approve too"
    return NAMED[entry.action]


def put_right(store: Store) -> None:
    """Take back what is not of the release itself: the finding and the role."""
    for found in findings.findings(store, model="churn", only_open=True):
        findings.close_finding(store, VERA, found.id, closure="no leak after all")
    add_person(store, LOCAL, "Ana", ["approver"])


def end(store: Store, release: Release) -> None:
    """Free the model's place for the next round."""
    state = now(store, release).state
    if state is S.STALE:
        requesting.submit(store, DANA, release.id)
    if state not in (S.REJECTED, S.CANCELLED, S.EXPIRED):
        requesting.cancel(store, DANA, release.id, reason="the next round")
    put_right(store)


def test_whatever_is_decided_at_once_leaves_one_serial_story_and_losers_who_know_it(governed_store, hands):
    for _ in range(5):
        release = pending(governed_store)
        came = at_once(hands, DECIDING, release)
        entries = [one for one in story(governed_store, release) if one.action != "releases:release:stale"]
        order = [winner(one) for one in entries]
        assert came["finding"] == came["revoke"] == WON
        assert {*order, *BESIDE} == {name for name, said in came.items() if said == WON}
        assert len(order) == len({*order})
        assert_losers_know(came)
        final = now(governed_store, release).state
        end(governed_store, release)
        if "releases:release:stale" not in {one.action for one in story(governed_store, release)}:
            again = pending(governed_store)
            assert [tried(DECIDING[name], governed_store, again) for name in order] == [WON] * len(order)
            assert now(governed_store, again).state is final
            losers = [name for name in came if name not in (*order, *BESIDE)]
            assert WON not in [tried(DECIDING[name], governed_store, again) for name in losers]
            end(governed_store, again)
    assert verify(governed_store).ok


def assert_losers_know(came: Mapping[str, str]) -> None:
    for name, said in came.items():
        if said.startswith("already_decided"):
            assert TOLD.search(said), (name, said)
        else:
            assert said in (WON, NOTHING_TO_DO) or said.startswith(("stale_evidence: ", "expired: ")), (name, said)


def one_of(came: Mapping[str, str]) -> str:
    """Return who alone came through."""
    (name,) = [name for name, said in came.items() if said == WON]
    return name


def test_of_people_who_request_at_once_one_holds_the_place_and_the_others_read_whose_it_is(governed_store, hands):
    for _ in range(5):
        came = at_once(
            hands,
            {
                f"{person.name} {version}": lambda store, _, who=person, named=version: requesting.request(
                    store, who, model="churn", version=named
                )
                for person in (DANA, OMAR)
                for version in ("v2", "v3")
            },
            None,
        )
        person, version = one_of(came).split()
        losers = [said for said in came.values() if said != WON]
        assert all(
            f"of churn {version} is open (DRAFT, asked for by {person} at 2026-03-02 09:00 UTC)" in said
            for said in losers
        )
        (made,) = [one for one in found(governed_store) if one.state is S.DRAFT]
        requesting.cancel(governed_store, DANA, made.id, reason="the next round")


def found(store: Store) -> tuple[Release, ...]:
    with store.read() as session:
        return stored.releases(session)


def kinds(store: Store, release: Release) -> list[str]:
    return [one.kind for one in executors.deliveries(store, release.id)]


def test_of_people_who_execute_at_once_one_sends_it(governed_store, hands):
    for _ in range(5):
        release = approved(governed_store)
        came = at_once(
            hands,
            {
                f"{who.name} {turn}": lambda store, one, who=who: executing.execute(store, who, one.id)
                for who in (OMAR, ANA)
                for turn in (1, 2)
            },
            release,
        )
        first = one_of(came).split()[0]
        assert all(f"by {first} at 2026-03-02 09:00 UTC: executed" in said for said in came.values() if said != WON)
        assert kinds(governed_store, release) == ["release"]
        acknowledging.fail(governed_store, OMAR, release.id, reason="the next round")
        requesting.cancel(governed_store, DANA, release.id, reason="the next round")


def test_of_people_who_take_it_back_at_once_one_asks_the_executor(governed_store, hands):
    for _ in range(5):
        release = live(governed_store)
        came = at_once(
            hands,
            {
                who.name: lambda store, _, who=who: rollback.request_rollback(store, who, model="churn", reason="bad")
                for who in (OMAR, ANA, VERA, DANA)
            },
            release,
        )
        first = one_of(came)
        assert all(f"by {first} at 2026-03-02 09:00 UTC: rollback requested" in said for said in losing(came))
        assert kinds(governed_store, release) == ["release", "rollback"]
        acknowledging.acknowledge(governed_store, OMAR, release.id)
        assert model_detail(governed_store, "churn").champion.name == "v1"


def losing(came: Mapping[str, str]) -> list[str]:
    return [said for said in came.values() if said != WON]


def test_of_validators_and_owners_who_judge_at_once_one_does(governed_store, hands):
    for _ in range(5):
        release = pending(governed_store, gates(unclear=("latency",)))
        came = at_once(
            hands,
            {
                "accept": lambda store, one: judging.accept(store, VERA, one.id, reason="measured elsewhere"),
                "decline": lambda store, one: judging.decline(store, VERA, one.id, reason="measure it"),
            },
            release,
        )
        assert one_of(came)
        assert all(said.startswith("already_decided: ") and TOLD.search(said) for said in losing(came))
        requesting.cancel(governed_store, DANA, release.id, reason="the next round")


def test_a_step_is_asked_for_once_and_a_rollback_beside_it_always_comes_through(governed_store, hands):
    plan = plan_of({"steps": [{"kind": "shadow", "days": 2}, {"kind": "full"}]})
    for _ in range(5):
        release = live(governed_store, plan=plan)
        came = at_once(
            hands,
            {
                "advance": lambda store, one: executing.advance(later(store, days=2), OMAR, one.id),
                "advance too": lambda store, one: executing.advance(later(store, days=2), ANA, one.id),
                "rollback": lambda store, _: rollback.request_rollback(store, VERA, model="churn", reason="bad"),
            },
            release,
        )
        assert came["rollback"] == WON
        assert [came["advance"], came["advance too"]].count(WON) <= 1
        assert all("sent at 2026-03-04 09:00 UTC" in said or "only what is live" in said for said in losing(came))
        assert kinds(governed_store, release).count("rollback") == 1
        acknowledging.acknowledge(governed_store, OMAR, release.id)
        assert now(governed_store, release).state is S.ROLLED_BACK


def test_an_execution_a_rollback_and_two_deliverers_at_once_leave_what_serves_and_what_is_said_the_same(
    governed_store, hands
):
    for turn in range(6):
        live(governed_store)
        release = approved(governed_store, version="v3")
        came = at_once(
            hands,
            {
                "execute": lambda store, one: executing.execute(store, OMAR, one.id),
                "rollback": lambda store, _: rollback.request_rollback(store, ANA, model="churn", reason="bad"),
                "deliver": lambda store, _: deliver_due(store) + 1,
                "deliver too": lambda store, _: deliver_due(store) + 1,
            },
            release,
        )
        assert came["rollback"] == WON
        assert came["execute"] == WON or came["execute"].startswith("stale_evidence: "), came
        deliver_due(governed_store)
        champion = model_detail(governed_store, "churn").champion
        whole = [one.version for one in found(governed_store) if one.state is S.LIVE]
        assert whole in ([], [champion.name]), turn
        acknowledged = [one for one in found(governed_store) for one in executors.deliveries(governed_store, one.id)]
        assert {one.state.value for one in acknowledged} <= {"acknowledged", "over"}
        begin_again(governed_store)


def begin_again(store: Store) -> None:
    """Take the model back to its first version, and free its place."""
    while model_detail(store, "churn").champion.name != "v1":
        rollback.request_rollback(store, ANA, model="churn", reason="the next round")
        deliver_due(store)
    for one in found(store):
        if one.state in (S.FAILED, S.STALE):
            end(store, one)
