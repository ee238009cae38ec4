"""The audit chain under attack: what is changed is located, what is exported cannot be forged, writers never fork.

For `make prove`, on either database: each function is given an open, empty store that nobody else uses. The guards of
the database are taken off first: what is proved is that the chain and its anchors find what the guards did not stop.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain as following
from pathlib import Path

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from core.access.principal import LOCAL
from core.audit import chain
from core.audit import service as audit
from core.audit.actions import AuditAction
from core.audit.chain import Anchor, AuditEntry
from core.audit.offline import verify_export
from core.clock import SYSTEM
from core.store import anchors
from core.store import audit as stored
from core.store.database import Store
from core.store.tables import AuditRow
from tests.mutated_exports import mutants, written
from tests.tampering import unguarded

TEXTS = ("at", "actor", "roles", "action", "object_type", "object_id", "before", "after", "reason", "app_version")
REALLY = 20
"""Of the inserts and cut tails that many are made in the table, anywhere; the others in what is read from it, exactly
as it would be read: renumbering or deleting half the table two thousand times would take hours and prove no more."""

WHOLE = 2
"""Of each kind that many are looked for in the whole chain, the others between the two anchors they lie between."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a hundred thousand small files, gone at the end
WRITER = """
import sys
from pathlib import Path
from core.access.principal import LOCAL
from core.audit.actions import AuditAction
from core.audit.service import record
from core.errors import BusyError
from core.store.database import open_store

def append(store, i):
    with store.write() as session:
        record(session, LOCAL, AuditAction.MODEL_ADDED, object_type="model", object_id=str(i))

store, left = open_store(Path(sys.argv[1])), list(range(int(sys.argv[2])))
while left:
    try:
        append(store, left[-1])
        left.pop()
    except BusyError:
        pass
"""
"""A writer that was told that the store is busy, as it is after ten seconds of waiting, asks again as a person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """How many changes of one kind were made, and how many located at their exact entry."""

    tried: int
    located: int
    located_without_anchors: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an attack is made on: a chain of `last` entries, its anchors; `really` in the table itself."""

    session: Session
    draw: random.Random
    last: int
    seen: tuple[Anchor, ...]
    really: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One change: where the chain is first bad because of it, and how it is read afterwards."""

    first_bad: int
    near: int
    read: Callable[[Session, int, int | None], Iterator[AuditEntry]]


def filled(store: Store, n: int) -> None:
    """Append `n` entries, a thousand in a transaction, so that the anchors stand as they do after days of work."""
    with store.read() as session:
        seq, previous = stored.head(session)
    while seq < n:
        with store.write() as session:
            for _ in range(min(1_000, n - seq)):
                seq += 1
                entry = chain.link(_made_up(seq, previous))
                stored.append(session, entry)
                previous = entry.hash


def located(store: Store, *, n: int, seed: int, really: int = REALLY) -> dict[str, Located]:
    """Make `n` changes of each kind, one at a time, look for each, and undo it.

    Cut tails are looked for without anchors too: there none may be found, or anchors would not be what finds them.
    """
    draw, found = random.Random(seed), {}
    seen = anchors.load(store.home)
    with store.read() as session:
        last = stored.head(session)[0]
    with unguarded(store) as session:
        for kind, attack in KINDS.items():
            begun, hits, blind = time.perf_counter(), 0, 0
            for i in range(n):
                made = attack(Ground(session=session, draw=draw, last=last, seen=seen, really=i < really))
                hits += _first_bad(session, made, seen, whole=i < WHOLE) == made.first_bad
                if attack is _cut:
                    blind += _first_bad(session, made, (), whole=False, start=_before(seen, made.near)) is not None
                session.rollback()
            seconds = time.perf_counter() - begun
            found[kind] = Located(tried=n, located=hits, located_without_anchors=blind, seconds=seconds)
    return found


def fuzzed(store: Store, *, n: int, seed: int) -> tuple[int, float]:
    """Check `n` changed exports of a small chain; returns how many were called ok, and the seconds it took."""
    begun, wrong = time.perf_counter(), 0
    filled(store, 20)
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as name:
        folder = audit.export(store, LOCAL, Path(name) / "export")
        assert verify_export(folder)["ok"]
        whole = {file: (folder / file).read_bytes() for file in ("audit.jsonl", "manifest.json", "anchor.pub")}
        there = whole
        for mutant in mutants(whole, random.Random(seed), n):
            there = written(folder, mutant, there)
            wrong += verify_export(folder)["ok"]
    return wrong, time.perf_counter() - begun


def appended_by_many(store: Store, *, writers: int, each: int) -> tuple[int, int, float]:
    """Let processes append at once; returns (entries that are missing, forks and gaps found, seconds)."""
    begun = time.perf_counter()
    command = [sys.executable, "-c", WRITER, str(store.home), str(each)]
    running = [subprocess.Popen(command) for _ in range(writers)]
    failed = sum(process.wait() != 0 for process in running)
    with store.read() as session:
        entries = list(stored.entries(session))
    forks = len(entries) - len({entry.prev_hash for entry in entries})
    gaps = sum(entry.seq != place for place, entry in enumerate(entries, start=1))
    broken = not audit.verify(store).ok
    return writers * each - len(entries), failed + forks + gaps + broken, time.perf_counter() - begun


def _made_up(seq: int, previous: str) -> AuditEntry:
    return AuditEntry(
        seq=seq,
        event_id=f"made-up-{seq}",
        at=SYSTEM.now().isoformat(timespec="microseconds"),
        actor=f"person {seq % 7}",
        roles="owner",
        action=AuditAction.MODEL_ADDED.value,
        object_type="model",
        object_id=f"model {seq % 50}",
        before="{}",
        after=chain.canonical_json({"n": seq}),
        reason="é",
        idempotency_key=None if seq % 3 else f"key-{seq}",
        app_version="0",
        prev_hash=previous,
    )


def _before(seen: tuple[Anchor, ...], seq: int) -> Anchor | None:
    return max((anchor for anchor in seen if anchor.seq < seq), key=lambda anchor: anchor.seq, default=None)


def _first_bad(
    session: Session, made: Attack, seen: tuple[Anchor, ...], *, whole: bool, start: Anchor | None = None
) -> int | None:
    begin = start or (None if whole else _before(seen, made.near))
    last = None if whole else min((anchor.seq for anchor in seen if anchor.seq >= made.near + 2), default=None)
    entries = made.read(session, begin.seq if begin else 1, last)
    known = [anchor for anchor in seen if last is None or anchor.seq <= last]
    return chain.verify(entries, known, at=SYSTEM.now(), start=begin).first_bad


def _as_it_stands(session: Session, first: int, last: int | None) -> Iterator[AuditEntry]:
    return stored.entries(session, first=first, last=last)


def _entry(session: Session, seq: int) -> AuditEntry:
    return next(stored.entries(session, first=seq, last=seq))


def _other(text: str) -> str:
    """Return a text as long as the old one: some columns hold no longer one."""
    return f"{text[:-1]}{'y' if text.endswith('x') else 'x'}"


def _edit(ground: Ground) -> Attack:
    """Change one field of one entry; half of the time its hash is made to fit."""
    seq = ground.draw.randrange(2, ground.last)
    old = _entry(ground.session, seq)
    field = ground.draw.choice((*TEXTS, "event_id", "prev_hash", "hash", "idempotency_key"))
    value = f"{ground.draw.randrange(16**32):032x}" if field not in TEXTS else _other(getattr(old, field))
    new = replace(old, **{field: value})
    fits = field != "hash" and ground.draw.random() < 0.5
    if fits:
        new = chain.link(new)
    ground.session.execute(update(AuditRow).where(AuditRow.seq == seq).values({field: value, "hash": new.hash}))
    seen_there = any(anchor.seq == seq for anchor in ground.seen)
    follows = fits and field != "prev_hash" and not seen_there
    return Attack(first_bad=seq + follows, near=seq, read=_as_it_stands)


def _delete(ground: Ground) -> Attack:
    """Delete one entry or up to fifty together; never the last one, that is a cut tail."""
    seq = ground.draw.randrange(2, ground.last)
    n = ground.draw.choice([1, 1, 1, ground.draw.randrange(1, 50)])
    ground.session.execute(delete(AuditRow).where(AuditRow.seq >= seq, AuditRow.seq < min(seq + n, ground.last)))
    return Attack(first_bad=seq, near=seq, read=_as_it_stands)


def _insert(ground: Ground) -> Attack:
    """Put a forged entry behind another and renumber what follows; it is linked to the one before it or not."""
    seq = ground.draw.randrange(1, ground.last - 1)
    before = _entry(ground.session, seq)
    forged = replace(before, seq=seq + 1, event_id=f"forged {ground.draw.random()}", idempotency_key=None, actor="eve")
    linked = (
        not ground.really and ground.draw.random() < 0.5 and not any(anchor.seq == seq + 1 for anchor in ground.seen)
    )
    forged = chain.link(replace(forged, prev_hash=before.hash if linked else f"{ground.draw.randrange(16**32):064x}"))
    if ground.really:  # in two steps: one would meet numbers that are not yet free
        ground.session.execute(update(AuditRow).where(AuditRow.seq > seq).values(seq=-AuditRow.seq - 1))
        ground.session.execute(update(AuditRow).where(AuditRow.seq < 0).values(seq=-AuditRow.seq))
        ground.session.execute(insert(AuditRow).values(chain.fields_of(forged)))
        return Attack(first_bad=seq + 1, near=seq, read=_as_it_stands)

    def renumbered(session: Session, first: int, last: int | None) -> Iterator[AuditEntry]:
        kept = stored.entries(session, first=first, last=seq)
        rest = stored.entries(session, first=seq + 1, last=last and last - 1)
        moved = (replace(entry, seq=entry.seq + 1) for entry in rest)
        return following(kept, [forged], moved)

    return Attack(first_bad=seq + 1 + linked, near=seq, read=renumbered)


def _swap(ground: Ground) -> Attack:
    """Exchange the places of two entries."""
    one, other = sorted(ground.draw.sample(range(2, ground.last + 1), 2))
    for old, new in ((one, -1), (other, one), (-1, other)):
        ground.session.execute(update(AuditRow).where(AuditRow.seq == old).values(seq=new))
    return Attack(first_bad=one, near=one, read=_as_it_stands)


def _cut(ground: Ground) -> Attack:
    """Delete the end of the chain, up to an entry that an anchor has seen."""
    kept = ground.draw.randrange(1, max(anchor.seq for anchor in ground.seen))
    if ground.really:
        ground.session.execute(delete(AuditRow).where(AuditRow.seq > kept))
        return Attack(first_bad=kept + 1, near=kept, read=_as_it_stands)

    def cut(session: Session, first: int, last: int | None) -> Iterator[AuditEntry]:
        return stored.entries(session, first=first, last=kept if last is None else min(kept, last))

    return Attack(first_bad=kept + 1, near=kept, read=cut)


KINDS = {"edit": _edit, "delete": _delete, "insert": _insert, "swap": _swap, "cut tail": _cut}
