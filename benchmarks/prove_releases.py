"""Decisions on releases under pressure: raced, repeated, overtaken by changes, killed in the middle.

For `make prove`, on either database: each function is given an open, empty store that nobody else uses, and returns
what it counted; the tests run the same with smaller numbers.
"""

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from unittest import mock

from sqlalchemy import Connection, Engine, Select, event, func, insert, select, update

from core.access.principal import LOCAL, Principal, Role
from core.access.service import add_person
from core.audit.service import verify
from core.checks.limits import load_limits
from core.clock import Clock
from core.errors import RefusedError
from core.inventory.recording.service import edit_record
from core.log.schema import load_schema
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.release import Release
from core.releases.requesting import service as requesting
from core.releases.states import ReleaseState
from core.releases.talking import service as talking
from core.store import models, release_facts, settings
from core.store.database import Session, Store, open_store
from core.store.governed_tables import DeliveryRow, FindingRow, ReleaseDecisionRow, ReleaseRow
from core.store.tables import AuditRow, ModelRow, VersionRow
from tests.release_kit import DANA, OMAR, approve, gates, governed, now, pending
from tests.small_fleet import MODEL_YAML

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
APPROVED, EXECUTED = "releases:release:approve", "releases:release:execute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """What many approvers at once left behind, over all rounds."""

    rounds: int
    won: int
    told: int
    otherwise: tuple[str, ...]
    transitions: int
    entries: int


def raced(store: Store, *, approvers: int, rounds: int) -> Raced:
    """Let `approvers` different people approve the same release at the same moment, `rounds` times."""
    store = governed(store)
    people = [Principal(f"approver {n}", frozenset({Role.APPROVER})) for n in range(approvers)]
    for person in people:
        add_person(store, LOCAL, person.name, ["approver"])
    opened = [open_store(store.home) for _ in people]
    results: Counter[str] = Counter()
    otherwise: list[str] = []
    transitions = entries = 0
    with ThreadPoolExecutor(approvers) as pool:
        for _ in range(rounds):
            release, gate = pending(store), threading.Barrier(approvers)
            calls = [
                pool.submit(_tried, own, person, release, gate) for own, person in zip(opened, people, strict=True)
            ]
            for said in (call.result() for call in calls):
                kind = "won" if said == "" else "told" if said.startswith("already_decided: ") else "otherwise"
                results[kind] += 1
                otherwise += [said] if kind == "otherwise" else []
            transitions += len(_decisions(store, release, "approve"))
            entries += _entries(store, APPROVED, release)
            requesting.cancel(store, DANA, release.id, reason="the next round")
    for own in opened:
        own.engine.dispose()
    return Raced(
        rounds=rounds,
        won=results["won"],
        told=results["told"],
        otherwise=tuple(otherwise),
        transitions=transitions,
        entries=entries,
    )


def _tried(store: Store, person: Principal, release: Release, gate: threading.Barrier) -> str:
    gate.wait()
    try:
        approve(store, person, release)
    except RefusedError as refused:
        named = "by approver" in refused.why and " at 2" in refused.why
        return f"{refused.code}: {refused.why}" if named else f"unnamed {refused.code}: {refused.why}"
    return ""


def clicked(store: Store, *, times: int, hands: int = 4) -> tuple[int, int]:
    """Send the same click `times` times from several hands; returns (decision rows, audit entries): one each."""
    store = governed(store)
    release = pending(store)

    def click(_: int) -> None:
        deciding.approve(
            store, OMAR, release.id, digest=release.digest or "", reason="fine", idempotency_key="the one click"
        )

    with ThreadPoolExecutor(hands) as pool:
        list(pool.map(click, range(times)))
    return len(_decisions(store, release, "approve")), _entries(store, APPROVED, release)


def overtaken(store: Store) -> Mapping[str, tuple[str, ...]]:
    """Change each field of the validity key alone before an approval; returns field → the fields that were named."""
    store = replace(governed(store), clock=Clock(NOON))
    found = {}
    for field, change in _changes(store).items():
        release = pending(store)
        with change(release):
            found[field] = _named(store, release)
        _end(store, release)
    return found


def untouched(store: Store) -> Mapping[str, bool]:
    """Make five changes that no approval rests on; returns what was done → whether it can still be approved."""
    store = replace(governed(store), clock=Clock(NOON))
    found = {}
    for what, change in _cosmetics(store).items():
        release = pending(store)
        change(release)
        found[what] = approve(store, OMAR, release).state is ReleaseState.APPROVED
        requesting.cancel(store, DANA, release.id, reason="the next one")
    return found


Change = Callable[[Release], AbstractContextManager[object]]
"""What changes one field for a release, as a context that ends by taking it back."""


def _changes(store: Store) -> dict[str, Change]:
    """Return field → what changes it, and no other."""

    def columns(row: type[ModelRow] | type[VersionRow] | type[ReleaseRow], number: str, **values: object) -> Change:
        @contextmanager
        def changed(release: Release) -> Iterator[None]:
            key = getattr(release, number)
            with store.write() as session:
                found = session.execute(select(*(getattr(row, name) for name in values)).where(row.id == key)).one()
                session.execute(update(row).where(row.id == key).values(**values))
            yield
            with store.write() as session:
                session.execute(update(row).where(row.id == key).values(**dict(zip(values, found, strict=True))))

        return changed

    @contextmanager
    def gate(release: Release) -> Iterator[None]:
        requesting.recheck(store, DANA, release.id, gates=gates(failed=("latency",)))
        yield

    @contextmanager
    def setting(name: str, value: str) -> Iterator[None]:
        with store.write() as session:
            settings.put(session, name, value)
        yield
        with store.write() as session:
            settings.put(session, name, None)

    @contextmanager
    def finding(release: Release) -> Iterator[None]:
        with store.write() as session:
            session.execute(insert(FindingRow).values(_finding(release)))
        yield
        with store.write() as session:
            session.execute(update(FindingRow).values(state="closed"))

    with store.write() as session:
        model = models.model_by_name(session, "churn")
        schema = load_schema(MODEL_YAML.replace("team-crm", "another team"))
        other, _ = models.add_schema(
            session, model_id=model.id, document=schema.document(), digest=schema.digest, at=NOON
        )
    slower = {"steps": [{"kind": "shadow", "share": 0.0, "days": 9}, {"kind": "full", "share": 1.0, "days": 0}]}
    raised = replace(load_limits(), version=99)
    return {
        "model": columns(ModelRow, "model_id", name="renamed"),
        "version": columns(VersionRow, "version_id", name="v2 renamed"),
        "artifact_sha256": columns(VersionRow, "version_id", artifact_sha256="f" * 64),
        "schema": columns(VersionRow, "version_id", schema_id=other),
        "datasets": columns(VersionRow, "version_id", reference_sha256="e" * 64),
        "gate_outcomes": gate,
        "limits": lambda _: mock.patch.object(release_facts, "load_limits", return_value=raised),
        "gate_policy": lambda _: setting("release_policy", "demo"),
        "tier": columns(ModelRow, "model_id", risk_tier=4),
        "plan": columns(ReleaseRow, "id", plan=slower),
        "target": lambda _: setting("executor", "https://deploy.example/hook"),
        "blocking_findings": finding,
        "kernel": lambda _: mock.patch.object(release_facts, "KERNEL_VERSION", 99),
    }


def _named(store: Store, release: Release) -> tuple[str, ...]:
    """Return the fields that an approval is refused for, as the audit trail keeps them; empty when it is not."""
    try:
        approve(store, OMAR, release)
    except RefusedError as refused:
        if refused.code != "stale_evidence" or now(store, release).state is not ReleaseState.STALE:
            return (f"{refused.code}: {refused.why}",)
    else:
        return ()
    with store.read() as session:
        entry = session.scalars(_about(release).where(AuditRow.action == "releases:release:stale")).one()
    return tuple(one["field"] for one in json.loads(entry.after)["differences"])


def _end(store: Store, release: Release) -> None:
    """Free the model's place: a stale release is submitted again and withdrawn."""
    if now(store, release).state is ReleaseState.STALE:
        requesting.submit(store, DANA, release.id)
    requesting.cancel(store, DANA, release.id, reason="the next field")


def _cosmetics(store: Store) -> dict[str, Callable[[Release], object]]:
    return {
        "a comment": lambda release: talking.comment(store, OMAR, release.id, text="well done"),
        "an attachment": lambda release: talking.attach(store, OMAR, release.id, file="x.png", content=PNG),
        "the owner's name": lambda _: edit_record(store, OMAR, model="churn", changes={"owner": "Olga Petrov"}),
        "the description": lambda _: edit_record(store, OMAR, model="churn", changes={"description": "Who leaves."}),
        "new rows, same outcomes": lambda release: requesting.recheck(store, DANA, release.id, gates=gates(value=0.79)),
    }


def _finding(release: Release) -> dict[str, object]:
    return {
        "model_id": release.model_id,
        "severity": "critical",
        "category": "data",
        "title": "labels leak",
        "text": "",
        "line": "second",
        "raised_by": "Vera",
        "raised_at": NOON,
        "owner": "Omar",
        "due": date(2026, 4, 1),
        "state": "open",
        "extensions": {"given": []},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What killed processes left behind; `torn` names every release of which one half was written without the other."""

    killed: int
    before: int
    after: int
    torn: tuple[str, ...]
    chain_holds: bool


def killed(store: Store, *, points: int) -> Killed:
    """Kill a process with SIGKILL at `points` statements and commits of approving and of executing, in turn.

    After each the two sides are compared, and another process does the same again, to die one point later.
    """
    store = governed(store)
    counts: Counter[str] = Counter()
    torn: list[str] = []
    acts: tuple[Callable[[Store, Release], object], ...] = (
        lambda own, release: approve(own, OMAR, release),
        lambda own, release: executing.execute(own, OMAR, release.id),
    )
    points_of = [0, 0]
    release = pending(store)
    while counts["killed"] < points:
        which = 0 if now(store, release).state is ReleaseState.PENDING_APPROVAL else 1
        died = _dies(store, acts[which], release, points_of[which])
        points_of[which] = points_of[which] + 1 if died else 0
        counts["killed"] += died
        torn += _torn(store, release)
        state = now(store, release).state
        moved = state is not (ReleaseState.PENDING_APPROVAL if which == 0 else ReleaseState.APPROVED)
        counts["after" if moved else "before"] += died
        if state is ReleaseState.EXECUTING:
            acknowledging.fail(store, OMAR, release.id, reason="the next round")
            requesting.cancel(store, OMAR, release.id, reason="the next round")
            release = pending(store)
    return Killed(
        killed=counts["killed"],
        before=counts["before"],
        after=counts["after"],
        torn=tuple(torn),
        chain_holds=verify(store).ok,
    )


def _dies(store: Store, act: Callable[[Store, Release], object], release: Release, point: int) -> bool:
    """Run `act` in a process that is killed at its `point`-th statement or commit; False: it had fewer of them."""
    store.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            _deadly(point)
            act(open_store(store.home), release)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _deadly(point: int) -> None:
    """Kill this process at its `point`-th writing statement, or right before or after the commit."""
    seen = 0

    def strike() -> None:
        nonlocal seen
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    def before(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            strike()

    def after(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        before(connection, cursor, statement, *more)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    event.listen(Engine, "commit", lambda _connection: strike())
    event.listen(Session, "after_commit", lambda _session: strike())


def _torn(store: Store, release: Release) -> list[str]:
    """Return what does not belong together: decisions, audit entries, deliveries and the state itself."""
    with store.read() as session:
        approvals = _count(session, ReleaseDecisionRow, release, decision="approve")
        executions = _count(session, ReleaseDecisionRow, release, decision="execute")
        deliveries = session.scalar(
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.release_id == release.id)
        )
        last = session.scalars(_about(release).order_by(AuditRow.seq.desc()).limit(1)).one()
        stored = session.scalar(select(ReleaseRow.state).where(ReleaseRow.id == release.id))
    told = json.loads(last.after)["state"]
    pairs = (
        (approvals, _entries(store, APPROVED, release), "approvals"),
        (executions, _entries(store, EXECUTED, release), "executions"),
        (deliveries, executions, "deliveries"),
        (stored, told, "state"),
    )
    return [f"release {release.id}, {what}: {one} and {other}" for one, other, what in pairs if one != other]


def _about(release: Release) -> Select[AuditRow]:
    return select(AuditRow).where(AuditRow.object_type == "release", AuditRow.object_id == str(release.id))


def _entries(store: Store, action: str, release: Release) -> int:
    with store.read() as session:
        return len(session.scalars(_about(release).where(AuditRow.action == action)).all())


def _decisions(store: Store, release: Release, kind: str) -> list[ReleaseDecisionRow]:
    with store.read() as session:
        wanted = (ReleaseDecisionRow.release_id == release.id, ReleaseDecisionRow.decision == kind)
        return list(session.scalars(select(ReleaseDecisionRow).where(*wanted)))


def _count(session: Session, row: type[ReleaseDecisionRow], release: Release, *, decision: str) -> int:
    wanted = (row.release_id == release.id, row.decision == decision)
    return session.scalar(select(func.count()).select_from(row).where(*wanted)) or 0
