"""Making a store and setting its clock, with their audit entries."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.clock import Clock
from core.errors import BadInputError
from core.store import anchors, settings
from core.store.database import HEAD, Store, init_store


def create_store(principal: Principal, home: Path) -> Store:
    """Create the store in `home`, or bring it up to date, and write that into its audit chain; idempotent.

    Raises
    ------
    RefusedError
        When the principal is no administrator.
    BadInputError
        When the folder cannot be used (`core.store.database.init_store`).
    """
    authorize(principal, Action.STORE_INIT)
    store = init_store(home)
    try:
        key = anchors.make_key(store.home)
    except ValueError as error:
        raise BadInputError(f"The file {store.home / anchors.KEY} cannot be used: {error}.") from None
    with store.write() as session:
        record(
            session,
            principal,
            AuditAction.STORE_INITIALISED,
            object_type="store",
            object_id="store",
            after={"revision": HEAD, "anchor_key": key},
            idempotency_key=f"store:init:{HEAD}",
        )
    return store


@refusals_recorded
def freeze_clock(store: Store, principal: Principal, at: datetime | None) -> Store:
    """Let the store's clock stand at the aware instant `at` (None: run again); returns the store with that clock.

    Audit entries and leases of jobs keep the system's time.

    Raises
    ------
    RefusedError
        When the principal is no administrator.
    BadInputError
        When `at` does not know its zone.
    """
    authorize(principal, Action.STORE_INIT)
    clock = Clock(at)
    with store.write() as session:
        before = settings.frozen_at(session)
        if before == at:
            return replace(store, clock=clock)
        settings.put_frozen_at(session, at)
        record(
            session,
            principal,
            AuditAction.CLOCK_FROZEN,
            object_type="store",
            object_id="clock",
            before={"frozen_at": before},
            after={"frozen_at": at},
        )
    return replace(store, clock=clock)
