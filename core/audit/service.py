"""Writing, checking and handing out the audit chain."""

import hashlib
import inspect
import io
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit import chain, offline
from core.audit.actions import AuditAction
from core.audit.chain import Anchor, AnchorPlace, AuditEntry, ChainReport, canonical_json
from core.audit.denials import Counts, Denial, asked_for, key_of, object_of, printable, times_to_write
from core.audit.signing import is_signed
from core.audit.sought import Sought
from core.clock import SYSTEM
from core.errors import BadInputError, ConflictError, CoreError, RefusedError
from core.plain_text import text_fault
from core.store import anchors
from core.store import audit as stored
from core.store import batches as stored_batches
from core.store import models as stored_models
from core.store.database import Session, Store

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_SEARCHED = 4_000

_DENIALS: Counts = Counts()
_COUNTING = threading.Lock()


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


def refusals_recorded(service: Callable[P, R]) -> Callable[P, R]:
    """Return a service that writes down what it refuses: action ``access:attempt:deny``, in a transaction of its own.

    For every public function of a service that authorises, with the arguments `store` and `principal`. The refused
    change is rolled back, the refusal is not. The entry says what was asked, about what, the code and the reason, and
    how often; repetitions are thinned out (`core.audit.denials`). An attempt that cannot be written down is refused
    all the same.
    """
    signature = inspect.signature(service)

    @wraps(service)
    def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return service(*args, **kwargs)
        except RefusedError as refusal:
            if not refusal.recorded:
                refusal.recorded = True
                _record_denial(service, signature.bind(*args, **kwargs).arguments, refusal)
            raise

    return recorded


def _record_denial(service: Callable[..., Any], arguments: Mapping[str, Any], refusal: RefusedError) -> None:
    store, principal, now = arguments["store"], arguments["principal"], SYSTEM.now()
    kind, name = object_of(arguments)
    denial = Denial(
        actor=principal.name,
        asked=asked_for(service.__module__, service.__name__),
        object_type=kind,
        object_id=name,
        code=refusal.code,
        why=printable(refusal.why),
    )
    with _COUNTING:
        denial, times = times_to_write(_DENIALS, str(store.home), denial, now)
    if not times:
        return
    key = key_of(denial, times, now)
    with suppress(CoreError):
        with store.read() as session:  # no write lock for what stands there already
            if stored.by_key(session, key) is not None:
                return
        with store.write() as session:
            record(
                session,
                principal,
                AuditAction.ATTEMPT_DENIED,
                object_type=denial.object_type,
                object_id=denial.object_id,
                after=denial.as_after(times),
                idempotency_key=key,
            )


def verify(store: Store, *, only_new: bool = False) -> ChainReport:
    """Return whether the chain of `store` is unbroken and holds everything its anchors saw.

    A chain that holds is remembered, signed, as far as it was checked; what was remembered counts as an anchor.

    Parameters
    ----------
    only_new : bool
        Look only at what came after the last check that is remembered: quick on every page, blind to a change of
        what lies before. Without such a check, or where the chain was found broken, everything is looked at.
    """
    places = anchors.places(store.home)
    seen = anchors.merged(places)
    mark = anchors.last_verified(store.home)
    start = mark if only_new and not anchors.is_suspect(store.home) else None
    with store.read() as session:
        entries = stored.entries(session, first=start.seq if start else 1)
        report = chain.verify(entries, seen, at=SYSTEM.now(), start=start, mark=mark)
        intact = () if report.ok else _intact(session, seen, report)
        head = stored.head(session)
    report = replace(report, intact=intact, anchored_outside=_outside(places))
    if start is not None and not report.ok:
        return verify(store)
    report = _with_places(report, places)
    anchors.remember_suspicion(store.home, suspect=not report.ok)
    if report.ok and head[0] == report.entries and head[0]:
        anchors.remember_verified(store.home, *head)
    return report


def _outside(places: tuple[AnchorPlace, ...]) -> int:
    return max((anchor.seq for place in places if place.outside for anchor in place.anchors), default=0)


def _with_places(report: ChainReport, places: tuple[AnchorPlace, ...]) -> ChainReport:
    """Return the report with what is to be said about the folders of the anchors."""
    forged = next((place.forged for place in places if place.forged), "")
    unsigned = max((a.seq for place in places for a in place.anchors if not a.signature), default=0)
    unreadable = next((place for place in places if place.unreadable), None)
    if forged and report.ok:
        return replace(report, ok=False, why=forged)
    if unreadable is not None and not report.why:
        return replace(report, why=f"the anchors in {unreadable.folder} cannot be read: {unreadable.unreadable}")
    if unsigned and not report.why:
        return replace(report, why=f"the anchors up to entry {unsigned} are unsigned: an earlier Watchroom wrote them")
    return report


def _intact(session: Session, seen: tuple[Anchor, ...], report: ChainReport) -> tuple[tuple[int, int], ...]:
    """Return what still holds by itself behind the first bad entry, from one anchor to another."""
    held = []
    for before, last in chain.segments(seen, stored.head(session)[0]):
        if before is None or report.first_bad is None or before.seq < report.first_bad:
            continue
        rest = chain.verify(
            stored.entries(session, first=before.seq, last=last),
            [anchor for anchor in seen if anchor.seq <= last],
            at=SYSTEM.now(),
            start=before,
        )
        if rest.ok:
            held.append((before.seq, last))
    return chain.joined(held)


def last_seq(store: Store) -> int:
    """Return the number of the last entry, 0 when there is none: it moves with every audited change."""
    with store.read() as session:
        return stored.head(session)[0]


def about_model(store: Store, model: str, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries about a model and its batches, versions, findings and reviews, newest first.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        known = stored_models.model_by_name(session, model)
        mine = [batch.id for batch in stored_batches.batches(session, known.id)]
        return stored.about_model(session, known.name, mine, n)


@refusals_recorded
def search(store: Store, principal: Principal, sought: Sought, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries that fit everything sought, newest first.

    What no entry can hold, such as a lone surrogate or a text of many pages, is not looked for: nothing fits.

    Raises
    ------
    RefusedError
        When the principal may not read the trail.
    """
    authorize(principal, Action.AUDIT_READ)
    return about(store, sought, n=n)


def about(store: Store, sought: Sought, *, n: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last `n` entries that fit, for what a page tells of one thing; the trail as a whole: `search`."""
    if any(text_fault(text, longest=LONGEST_SEARCHED) for text in sought.texts):
        return ()
    with store.read() as session:
        return stored.search(session, sought, n)


def facets(store: Store) -> dict[str, tuple[str, ...]]:
    """Return what can be searched for: every ``actor``, ``object_type`` and ``action`` of the chain."""
    with store.read() as session:
        return stored.facets(session)


@refusals_recorded
def export(store: Store, principal: Principal, folder: Path) -> Path:
    """Write the chain into a new or empty `folder` for a reviewer; returns the folder.

    ``audit.jsonl`` holds an entry a line, ``manifest.json`` its number, last hash, SHA-256 and the anchors, signed with
    the key whose public half is ``anchor.pub``; ``verify.py`` checks it all without Watchroom: ``python3 -I
    verify.py``. The export is itself the last entry.

    Raises
    ------
    RefusedError
        When the principal may not take the chain away.
    BadInputError
        When the folder holds something already or cannot be written.
    """
    authorize(principal, Action.AUDIT_EXPORT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInputError(f"The folder {folder} is not empty: give the export a new one.")
        _record_export(store, principal, str(folder.absolute()))
        _write_export(store, principal, folder)
    except OSError as error:
        raise BadInputError(f"The export cannot be written to {folder}: {error.strerror or error}.") from None
    return folder


@refusals_recorded
def export_zip(store: Store, principal: Principal) -> bytes:
    """Return what `export` writes, packed as one ZIP file; it is audited the same.

    Raises
    ------
    RefusedError
        When the principal may not take the chain away.
    BadInputError
        When the machine has no room for it.
    """
    authorize(principal, Action.AUDIT_EXPORT)
    try:
        with tempfile.TemporaryDirectory(prefix="watchroom-") as name:
            _record_export(store, principal, "download")
            folder = Path(name)
            _write_export(store, principal, folder)
            return _packed(folder)
    except OSError as error:
        raise BadInputError(f"The export cannot be written: {error.strerror or error}.") from None


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"watchroom-audit/{path.name}")
    return packed.getvalue()


def _record_export(store: Store, principal: Principal, target: str) -> None:
    with store.write() as session:
        record(session, principal, AuditAction.CHAIN_EXPORTED, object_type="chain", object_id=target)


def _write_export(store: Store, principal: Principal, folder: Path) -> None:
    digest, entries, last_hash = hashlib.sha256(), 0, chain.GENESIS
    seen = anchors.load(store.home)
    with store.read() as session, (folder / "audit.jsonl").open("wb") as lines:
        for entry in stored.entries(session):
            line = offline.canonical(chain.fields_of(entry)) + b"\n"
            lines.write(line)
            digest.update(line)
            entries, last_hash = entry.seq, entry.hash
    try:
        key = anchors.make_key(store.home)
        manifest = {
            "format": offline.FORMAT,
            "app_version": _app_version(),
            "exported_at": SYSTEM.now().isoformat(timespec="seconds"),
            "exported_by": principal.name,
            "entries": entries,
            "last_hash": last_hash,
            "sha256": digest.hexdigest(),
            "key": key,
            "anchors": [
                fields
                for fields in map(chain.fields_of, seen)
                if not fields["signature"] or is_signed(key, "anchor", fields)  # an earlier, lost key signed the others
            ],
        }
        manifest["signature"] = anchors.sign(store.home, "export", manifest)
    except ValueError as error:
        raise BadInputError(f"The export cannot be signed: {error}. Look at {store.home / anchors.KEY}.") from None
    (folder / "verify.py").write_bytes(Path(offline.__file__).read_bytes())
    (folder / "anchor.pub").write_text(key + "\n", encoding="ascii")
    (folder / "manifest.json").write_bytes(offline.manifest_bytes(manifest))


def _same(first: AuditEntry, action: AuditAction, object_type: str, object_id: str) -> AuditEntry:
    if (first.action, first.object_type, first.object_id) != (action.value, object_type, object_id):
        raise ConflictError(f"The key '{first.idempotency_key}' was used before, for {first.action} {first.object_id}.")
    return first


@cache
def _app_version() -> str:
    return version("watchroom")
