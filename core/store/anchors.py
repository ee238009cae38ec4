"""Anchors: what the audit chain looked like, remembered in a file beside the database.

One line of ``anchors.jsonl`` an anchor. A chain whose end was cut off still verifies by
itself; it no longer holds what its anchors saw. The file can be edited by whoever can edit
the database: copy it to where they cannot write, and the chain becomes evidence.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.audit.chain import Anchor, AuditEntry, canonical_json
from core.clock import SYSTEM

FILE = "anchors.jsonl"
EVERY_ENTRIES = 1_000
EVERY = timedelta(hours=1)
TAIL_BYTES = 4_096
_NEWEST = "newest audit entry"


def note(session: Session, entry: AuditEntry) -> None:
    """Keep in `session` that it appended `entry`, for `remember` after the commit."""
    session.info[_NEWEST] = entry


def remember(home: Path, session: Session) -> None:
    """Anchor what `session` appended, when an anchor is due; call it after the commit."""
    newest = session.info.pop(_NEWEST, None)
    if newest is not None:
        anchor_if_due(home, newest.seq, newest.hash)


def renew(home: Path, seq: int, digest: str) -> None:
    """Anchor the head of a store that is opened, when an anchor is due; never the first one.

    Anchors that somebody removed are missed by the check until the next entry is written.
    """
    if _last(home) is not None:
        anchor_if_due(home, seq, digest)


def anchor_if_due(home: Path, seq: int, digest: str) -> None:
    """Write an anchor when there is none, or the last one is 1,000 entries or one hour behind.

    Never at or before an anchored entry: after a cut, that would make the cut look right.
    """
    now = SYSTEM.now()
    last = _last(home)
    if last is not None:
        young = now - datetime.fromisoformat(last.at) < EVERY
        if seq <= last.seq or (young and seq - last.seq < EVERY_ENTRIES):
            return
    anchor = Anchor(seq=seq, hash=digest, count=seq, at=now.isoformat(timespec="milliseconds"))
    try:
        _append(home / FILE, anchor)
    except OSError:
        return  # the entry is committed already; the age of the last anchor tells (doctor, audit verify)


def load(home: Path) -> tuple[Anchor, ...]:
    """Return every anchor, oldest first; a line that was torn by a crash is passed over."""
    try:
        lines = (home / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    return tuple(anchor for anchor in map(_parse, lines) if anchor is not None)


def _last(home: Path) -> Anchor | None:
    try:
        with (home / FILE).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return None
    return max((a for a in map(_parse, lines) if a is not None), key=lambda anchor: anchor.seq, default=None)


def _append(path: Path, anchor: Anchor) -> None:
    fields = {"seq": anchor.seq, "hash": anchor.hash, "count": anchor.count, "at": anchor.at}
    with path.open("ab") as file:
        torn = file.tell() > 0 and not path.read_bytes().endswith(b"\n")
        file.write((b"\n" if torn else b"") + canonical_json(fields).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _parse(line: bytes) -> Anchor | None:
    try:
        fields = json.loads(line)
        anchor = Anchor(seq=int(fields["seq"]), hash=fields["hash"], count=int(fields["count"]), at=fields["at"])
        aware = datetime.fromisoformat(anchor.at).utcoffset() is not None
    except (ValueError, KeyError, TypeError):
        return None
    return anchor if aware and isinstance(anchor.hash, str) else None
