"""Delivering what was decided: executors are asked, and their answers move the releases.

Called by the worker between its jobs, and by the command line right after a decision. At least once: killed at any
point, the next round goes on, and neither a release nor whoever is asked does anything twice.
"""

import sys
from collections.abc import Callable

from core.access.principal import WORKER
from core.audit.service import last_seq
from core.errors import CoreError
from core.executors import service as executors
from core.executors.delivery import Delivery
from core.executors.port import Answer, Outcome
from core.releases.acknowledging import service as acknowledging
from core.releases.requesting import service as requesting
from core.store.database import Store

MOST = 20
"""Deliveries in one round; each ends after a few seconds."""

Say = Callable[[str], None]


def deliver_due(store: Store, *, say: Say | None = None) -> int:
    """Send what is due, take the answers, let go what was silent for too long, and keep the champions' files.

    Returns how many attempts were made. Everything is done as the worker, whoever decided it.
    """
    attempts = _send(store, most=MOST, say=say)
    _let_go(store)
    executors.keep_champion_files(store)
    return attempts


def between_jobs(store: Store) -> Callable[[], int]:
    """Return what a worker does between its jobs and beside a long one: a delivery a time, so that no job waits long.

    Looks at the champions' files when it starts and whenever the audit chain has grown. Trouble is told once and left
    to the next round: a worker that cannot deliver still runs jobs.
    """
    seen, told = -1, ""

    def one_round() -> int:
        nonlocal seen, told
        try:
            attempts = _send(store, most=1)
            _let_go(store)
            now = last_seq(store)
            if now != seen:
                executors.keep_champion_files(store)
                seen = now
        except CoreError as error:
            if str(error) != told:
                told = str(error)
                sys.stderr.write(f"Delivering: {told}\n")
            return 0
        return attempts

    return one_round


def _let_go(store: Store) -> None:
    """Say of what was silent for too long that nobody knows, and end what nobody decided or executed in time."""
    acknowledging.time_out(store, WORKER, within=executors.executor_settings(store).within)
    requesting.expire_due(store, WORKER)


def _send(store: Store, *, most: int, say: Say | None = None) -> int:
    for attempts in range(most):
        delivery = executors.take(store, WORKER)
        if delivery is None:
            return attempts
        answer = executors.ask(store, delivery)
        _apply(store, delivery, answer)
        executors.note(store, WORKER, delivery, answer)
        if say is not None:
            say(f"release {delivery.release_id}, {delivery.kind}: {answer.detail}")
    return most


def _apply(store: Store, delivery: Delivery, answer: Answer) -> None:
    """Let an answer move the release; first that, then the note: what is noted has happened."""
    release, event = delivery.release_id, delivery.event_id
    match answer.outcome:
        case Outcome.ACKNOWLEDGED:
            acknowledging.acknowledge(
                store,
                WORKER,
                release,
                event=event,
                reason=answer.detail,
                idempotency_key=executors.acknowledged_key(delivery),
            )
        case Outcome.REFUSED:
            acknowledging.fail(
                store, WORKER, release, event=event, reason=answer.detail, idempotency_key=f"fail:{event}"
            )
        case Outcome.ACCEPTED:
            acknowledging.sent(store, WORKER, release, event=event)
