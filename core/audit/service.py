"""Writing, checking and handing out the audit chain."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit import chain, offline
from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry, ChainReport, canonical_json
from core.clock import SYSTEM
from core.errors import BadInputError, ConflictError
from core.store import anchors
from core.store import audit as stored
from core.store import batches as stored_batches
from core.store import models as stored_models
from core.store.database import Session, Store

EXPORT_FORMAT = "watchroom-audit/1"


def record(
    session: Session,
    principal: Principal,
    action: AuditAction,
    *,
    object_type: str,
    object_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    idempotency_key: str | None = None,
) -> AuditEntry:
    """Append an entry to the audit chain inside the caller's write transaction.

    The business change and its entry are one transaction: never one without the other. The
    time is the system's, also when the store's clock is frozen.

    Parameters
    ----------
    session : Session
        Of `Store.write`; its write lock keeps the chain in one line.
    before, after : mapping, optional
        What the object was and is, in values that `canonical_json` takes.
    idempotency_key : str, optional
        At most 64 characters. The first entry under a key stays the only one: repeating the
        key returns it.

    Raises
    ------
    ConflictError
        When the key was used for another action or object.
    BadInputError
        When a text cannot be written as UTF-8.
    """
    if idempotency_key is not None:
        first = stored.by_key(session, idempotency_key)
        if first is not None:
            return _same(first, action, object_type, object_id)
    seq, prev_hash = stored.head(session)
    entry = chain.link(
        AuditEntry(
            seq=seq + 1,
            event_id=str(uuid.uuid4()),
            at=SYSTEM.now().isoformat(timespec="microseconds"),
            actor=principal.name,
            roles=",".join(sorted(principal.roles)),
            action=action.value,
            object_type=object_type,
            object_id=object_id,
            before=canonical_json(before or {}),
            after=canonical_json(after or {}),
            reason=reason,
            idempotency_key=idempotency_key,
            app_version=_app_version(),
            prev_hash=prev_hash,
        )
    )
    stored.append(session, entry)
    return entry


def verify(store: Store) -> ChainReport:
    """Return whether the chain of `store` is unbroken and holds everything its anchors saw."""
    seen = anchors.load(store.home)
    with store.read() as session:
        return chain.verify(stored.entries(session), seen, at=SYSTEM.now())


def last_seq(store: Store) -> int:
    """Return the number of the last entry, 0 when there is none: it moves with every audited change."""
    with store.read() as session:
        return stored.head(session)[0]


def newest(store: Store, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries, newest first."""
    with store.read() as session:
        return stored.newest(session, n)


def about_model(store: Store, model: str, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries about a model, its versions and its batches, newest first.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        mine = [batch.id for batch in stored_batches.batches(session, known.id)]
        return stored.about_model(session, known.name, mine, n)


def export(store: Store, principal: Principal, folder: Path) -> Path:
    """Write the chain into a new or empty `folder` for a reviewer; returns the folder.

    ``audit.jsonl`` holds an entry a line, ``manifest.json`` its number, last hash, SHA-256 and
    the anchors, ``verify.py`` checks both without Watchroom: ``python3 -I verify.py``. The
    export is itself the last entry.

    Raises
    ------
    BadInputError
        When the folder holds something already or cannot be written.
    """
    authorize(principal, Action.AUDIT_EXPORT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInputError(f"The folder {folder} is not empty: give the export a new one.")
        with store.write() as session:
            record(
                session, principal, AuditAction.CHAIN_EXPORTED, object_type="chain", object_id=str(folder.absolute())
            )
        _write_export(store, principal, folder)
    except OSError as error:
        raise BadInputError(f"The export cannot be written to {folder}: {error.strerror or error}.") from None
    return folder


def _write_export(store: Store, principal: Principal, folder: Path) -> None:
    digest, entries, last_hash = hashlib.sha256(), 0, chain.GENESIS
    with store.read() as session, (folder / "audit.jsonl").open("wb") as lines:
        for entry in stored.entries(session):
            line = offline.canonical(chain.fields_of(entry)) + b"\n"
            lines.write(line)
            digest.update(line)
            entries, last_hash = entry.seq, entry.hash
    manifest = {
        "format": EXPORT_FORMAT,
        "app_version": _app_version(),
        "exported_at": SYSTEM.now().isoformat(timespec="seconds"),
        "exported_by": principal.name,
        "entries": entries,
        "last_hash": last_hash,
        "sha256": digest.hexdigest(),
        "anchors": [chain.fields_of(anchor) for anchor in anchors.load(store.home)],
    }
    (folder / "verify.py").write_bytes(Path(offline.__file__).read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _same(first: AuditEntry, action: AuditAction, object_type: str, object_id: str) -> AuditEntry:
    if (first.action, first.object_type, first.object_id) != (action.value, object_type, object_id):
        raise ConflictError(f"The key '{first.idempotency_key}' was used before, for {first.action} {first.object_id}.")
    return first


@cache
def _app_version() -> str:
    return version("watchroom")
