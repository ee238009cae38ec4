"""Which executor a store has, asking it, and what came of that.

An attempt is claimed in a transaction, made outside of any, and noted in another. Killed in between it is made
again: the event id is the same, and whoever is asked does it once. What an answer makes of the release is the
releases' own business (`core.releases.acknowledging.service`); `app.delivering` joins the two.
"""

import os
from collections.abc import Sequence
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.clock import SYSTEM
from core.errors import BadInputError, ConflictError
from core.executors import champion_file
from core.executors.champion_file import FOLDER, LOCK
from core.executors.delivery import EMBEDDED, ERROR_LENGTH, Delivery, DeliveryState, pause_after
from core.executors.embedded import Embedded
from core.executors.port import Answer, Executor, Outcome
from core.executors.settings import WITHIN_MINUTES, ExecutorSettings, checked
from core.executors.signature import SECRET_VARIABLE
from core.executors.target import parse_hosts, parse_target
from core.executors.webhook import Webhook
from core.releases.awaited import awaited, is_silent
from core.releases.states import ReleaseState
from core.store import audit, champion_files, outbox, releases
from core.store import executor_settings as stored
from core.store.database import Session, Store
from core.store.repeats import done_before

LOCK_SECONDS = 10.0
STATES = {
    Outcome.ACKNOWLEDGED: DeliveryState.ACKNOWLEDGED,
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.REFUSED: DeliveryState.REFUSED,
}


def executor_settings(store: Store) -> ExecutorSettings:
    """Return the executor of this store, the hosts it may reach, and how long an acknowledgement may take."""
    with store.read() as session:
        return stored.executor_settings(session)


@refusals_recorded
def set_executor(
    store: Store,
    principal: Principal,
    *,
    executor: str,
    hosts: Sequence[str] = (),
    within_minutes: int = WITHIN_MINUTES,
    reason: str = "",
    idempotency_key: str | None = None,
) -> ExecutorSettings:
    """Let this store's releases be carried out by another executor; what was sent already stays where it was sent.

    Open releases become stale: the executor is a part of what was approved.

    Parameters
    ----------
    executor : ``embedded``, or the https address of a webhook
    hosts : the hosts that a webhook may reach: its own, and each private address that it may lead to

    Raises
    ------
    RefusedError
        ``not_allowed``: the person is no administrator.
    BadInputError
        When the address, a host or the time cannot be used.
    """
    authorize(principal, Action.POLICY_SET)
    wanted = checked(executor, hosts, within_minutes)
    with store.write() as session:
        before = stored.executor_settings(session)
        if before == wanted or done_before(
            session, principal, idempotency_key, AuditAction.POLICY_SET, about="executor"
        ):
            return before
        stored.put_executor_settings(session, wanted)
        record(
            session,
            principal,
            AuditAction.POLICY_SET,
            object_type="store",
            object_id="executor",
            before=before.as_json(),
            after={"at": store.clock.now(), **wanted.as_json()},
            reason=reason.strip(),
            idempotency_key=idempotency_key,
        )
    return wanted


def deliveries(store: Store, release_id: int) -> tuple[Delivery, ...]:
    """Return everything that executors were told of a release, oldest first."""
    with store.read() as session:
        return outbox.by_release(session, release_id)


@refusals_recorded
def take(store: Store, principal: Principal) -> Delivery | None:
    """Claim the oldest delivery that is due for one attempt; None when there is none.

    What its release no longer waits for is closed on the way: nothing is sent after a release was acknowledged,
    failed, or is UNKNOWN for want of an answer. A claim is an attempt and a pause; it decides nothing, so it is not
    audited: what comes of it is, with the release.
    """
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    with store.read() as session:
        if not outbox.due(session, SYSTEM.now(), limit=1):
            return None
    with store.write() as session:
        now = SYSTEM.now()
        for delivery in outbox.due(session, now):
            closed = _closed(session, delivery)
            if closed is None:
                attempt = delivery.attempts + 1
                changes = {"attempts": attempt, "sent_at": now, "next_at": now + pause_after(attempt)}
                return outbox.change(session, delivery, changes)
            outbox.change(session, delivery, {"state": closed[0].value, "answered_at": now, "error": closed[1]})
    return None


def _closed(session: Session, delivery: Delivery) -> tuple[DeliveryState, str | None] | None:
    """Return in which state a delivery ends whose release has gone on, and why; None while it is waited for."""
    if audit.by_key(session, acknowledged_key(delivery)) is not None:
        return DeliveryState.ACKNOWLEDGED, None
    release = releases.release_by_id(session, delivery.release_id)
    if release.state is ReleaseState.UNKNOWN or is_silent(release):
        return DeliveryState.OVER, delivery.error or "not acknowledged in time"
    if awaited(release) is None or outbox.last_of(session, release.id) != delivery:
        return DeliveryState.OVER, f"the release no longer waits for it: it is {release.state}"
    return None


def acknowledged_key(delivery: Delivery) -> str:
    """Return the idempotency key under which the acknowledgement of this delivery is written down, once."""
    return f"ack:{delivery.event_id}"


def ask(store: Store, delivery: Delivery) -> Answer:
    """Ask the executor that the delivery is for, once; changes nothing here."""
    try:
        return _executor(store, delivery.executor).deliver(delivery)
    except BadInputError as error:
        return Answer(outcome=Outcome.FAILED, detail=str(error))


def _executor(store: Store, name: str) -> Executor:
    if name == EMBEDDED:
        return Embedded()
    secret = os.environ.get(SECRET_VARIABLE)
    return Webhook(
        target=parse_target(name),
        allowed=frozenset(parse_hosts(executor_settings(store).hosts)),
        secret=None if secret is None else os.fsencode(secret),
    )


@refusals_recorded
def note(store: Store, principal: Principal, delivery: Delivery, answer: Answer) -> Delivery:
    """Write down what came of an attempt; another attempt that was noted meanwhile stays."""
    authorize(principal, Action.RELEASE_ACKNOWLEDGE)
    state, changes = STATES.get(answer.outcome), dict[str, Any]()
    if state is not None:
        changes = {"state": state.value, "answered_at": SYSTEM.now()}
    done = state in (DeliveryState.ACKNOWLEDGED, DeliveryState.ACCEPTED)
    changes["error"] = None if done else answer.detail[:ERROR_LENGTH]
    with store.write() as session:
        try:
            return outbox.change(session, delivery, changes)
        except ConflictError:
            return outbox.delivery_by_id(session, delivery.id)


def keep_champion_files(store: Store) -> tuple[str, ...]:
    """Write anew the files of champions that do not say what the database says; returns the keys of these models.

    Called after every round of deliveries and when a worker starts: what a crash left undone is mended here.

    Raises
    ------
    BadInputError
        When the folder ``champions`` of the store cannot be written.
    """
    folder = store.home / FOLDER
    try:
        with store.read() as session:
            if not champion_file.differing(folder, champion_files.champions(session)):
                return ()
        return _written(store)
    except OSError as error:
        raise BadInputError(f"The folder {folder} cannot be written: {error.strerror or error}.") from None


def _written(store: Store) -> tuple[str, ...]:
    """Write what differs, one process at a time: each reads the database after the one before has written."""
    from filelock import FileLock

    folder = store.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with FileLock(folder / LOCK, timeout=LOCK_SECONDS), store.read() as session:
        wanted = champion_files.champions(session)
        keys = champion_file.differing(folder, wanted)
        for key in keys:
            champion_file.put(folder, key, wanted[key])
    return keys
