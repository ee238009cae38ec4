"""Anchors: what the audit chain looked like, remembered in files outside the database.

One line of ``anchors.jsonl`` an anchor, signed with the store's key. A chain whose end was cut off
still verifies by itself; it no longer holds what its anchors saw.

They lie in the store's folder, and in every folder that the environment variable ``WATCHROOM_ANCHORS``
names (several separated like those of PATH, one store to a folder). Whoever can write the store's
folder can write the anchors in it and sign with its key: only a folder where they cannot change what
stands is evidence against them. Its ``anchor.pub`` is written once, with the first anchor, and never
again, so that a new key in the store is noticed there.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from core.audit.chain import Anchor, AnchorPlace, AuditEntry, canonical_json, fields_of
from core.audit.offline import hex_bytes
from core.audit.signing import is_signed, new_key, public_of, signature_of
from core.clock import SYSTEM

FILE = "anchors.jsonl"
KEY = "anchor.key"
PUBLIC = "anchor.pub"
VERIFIED = "verified.json"
SUSPECT = "broken.at"
VARIABLE = "WATCHROOM_ANCHORS"
EVERY_ENTRIES = 1_000
EVERY = timedelta(hours=1)
TAIL_BYTES = 4_096
_NEWEST = "newest audit entry"
_ANCHOR, _VERIFIED = "anchor", "verified"


def note(session: Session, entry: AuditEntry) -> None:
    """Keep in `session` that it appended `entry`, for `remember` after the commit."""
    session.info[_NEWEST] = entry


def remember(home: Path, session: Session) -> None:
    """Anchor what `session` appended, where an anchor is due; call it after the commit."""
    newest = session.info.pop(_NEWEST, None)
    if newest is not None:
        anchor_if_due(home, newest.seq, newest.hash)


def renew(home: Path, seq: int, digest: str) -> None:
    """Anchor the head of a store that is opened, where an anchor is due; never the first one of a folder.

    Anchors that somebody removed are missed by the check until the next entry is written.
    """
    _anchor(home, [folder for folder in folders(home) if _last(folder) is not None], seq, digest)


def anchor_if_due(home: Path, seq: int, digest: str) -> None:
    """Write an anchor to each folder that has none, or whose last one is 1,000 entries or one hour behind.

    Never at or before an anchored entry: after a cut, that would make the cut look right. What cannot be written is
    left: the entry is committed already, and the age of the last anchor tells (doctor, audit verify).
    """
    _anchor(home, folders(home), seq, digest)


def _anchor(home: Path, those: Iterable[Path], seq: int, digest: str) -> None:
    now = SYSTEM.now()
    due = [folder for folder in those if _is_due(_last(folder), seq, now)]
    if not due:
        return
    unsigned = Anchor(seq=seq, hash=digest, count=seq, at=now.isoformat(timespec="milliseconds"))
    with suppress(OSError, ValueError):
        signed = _signed(home, _ANCHOR, unsigned)
        for folder in due:
            with suppress(OSError):
                _write(folder, home, signed)


def folders(home: Path) -> tuple[Path, ...]:
    """Return the folders in which this store's anchors lie, its own first."""
    further = [Path(name).absolute() for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name.strip()]
    return (home, *(folder for folder in dict.fromkeys(further) if folder != home.absolute()))


def make_key(home: Path) -> str:
    """Return the public half of the store's key, which is made when there is none.

    The private half is readable by its owner only. When it was lost a new one is made and its public half is added to
    ``anchor.pub``: what the old one signed still counts.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    key = home / KEY
    if not key.exists():
        handle, name = tempfile.mkstemp(dir=home, prefix=KEY)  # mode 0600 from the beginning
        with os.fdopen(handle, "wb") as file:
            file.write(new_key())
        with suppress(FileExistsError):  # another process was first: its key is the key
            os.link(name, key)
        Path(name).unlink()
    public = public_of(key.read_bytes())
    if public not in public_keys(home):
        with (home / PUBLIC).open("a", encoding="ascii") as file:
            file.write(public + "\n")
    return public


def public_keys(folder: Path) -> tuple[str, ...]:
    """Return the public keys that a folder knows, oldest first; none when there is no such file."""
    try:
        lines = (folder / PUBLIC).read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return ()
    return tuple(line for line in lines if _is_key(line))


def sign(home: Path, kind: str, fields: dict[str, object]) -> str:
    """Return the signature of a document with the store's key, which is made when there is none.

    Raises
    ------
    OSError, ValueError
        When the key cannot be read, or is none.
    """
    make_key(home)
    return signature_of((home / KEY).read_bytes(), kind, fields)


def load(home: Path) -> tuple[Anchor, ...]:
    """Return every anchor of this store that is to be believed, of all folders, oldest first; each once."""
    return merged(places(home))


def merged(found: Sequence[AnchorPlace]) -> tuple[Anchor, ...]:
    """Return the anchors of several folders, oldest first; each once, two of one entry that differ both."""
    known = {(anchor.seq, anchor.hash): anchor for place in reversed(found) for anchor in place.anchors}
    return tuple(known[key] for key in sorted(known))


def places(home: Path) -> tuple[AnchorPlace, ...]:
    """Return every folder of this store's anchors with what it holds, its own first."""
    return tuple(_place(folder, home) for folder in folders(home))


def _place(folder: Path, home: Path) -> AnchorPlace:
    """Read a folder; a line that was torn by a crash is passed over, one with a wrong signature told."""
    outside = not folder.resolve().is_relative_to(home.resolve())
    try:
        lines = (folder / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return AnchorPlace(folder=str(folder), outside=outside)
    except OSError as error:
        return AnchorPlace(folder=str(folder), outside=outside, unreadable=error.strerror or str(error))
    keys, own = public_keys(folder), public_keys(home)
    forged = ""
    if outside and own and own[-1] not in keys:
        forged = (
            f"the anchors in {folder} were signed by another key than this store's: it was replaced, or the folder "
            "belongs to another store"
        )
    believed: list[Anchor] = []
    signed_before = outside  # only the store's own folder is older than signatures
    for anchor in filter(None, map(_parse, lines)):
        if (anchor.signature or signed_before) and not any(is_signed(key, _ANCHOR, fields_of(anchor)) for key in keys):
            forged = forged or f"the anchor of entry {anchor.seq} in {folder} is not signed by this store's key"
            continue
        signed_before = signed_before or bool(anchor.signature)
        believed.append(anchor)
    return AnchorPlace(folder=str(folder), outside=outside, anchors=tuple(believed), forged=forged)


def last_verified(home: Path) -> Anchor | None:
    """Return up to which entry the chain was found to hold, as this store signed it; None when that is not known."""
    try:
        mark = _parse((home / VERIFIED).read_bytes())
    except OSError:
        return None
    good = mark is not None and any(is_signed(key, _VERIFIED, fields_of(mark)) for key in public_keys(home))
    return mark if good else None


def remember_verified(home: Path, seq: int, digest: str) -> None:
    """Keep, signed, that the chain was found to hold up to an entry; left when the folder cannot be written."""
    mark = Anchor(seq=seq, hash=digest, count=seq, at=SYSTEM.now().isoformat(timespec="milliseconds"))
    with suppress(OSError, ValueError):
        line = _line(_signed(home, _VERIFIED, mark))
        handle, name = tempfile.mkstemp(dir=home, prefix=VERIFIED)
        with os.fdopen(handle, "wb") as file:
            file.write(line)
        Path(name).replace(home / VERIFIED)


def is_suspect(home: Path) -> bool:
    """Say whether the last check of the whole chain found it broken: then quick checks are no checks."""
    return (home / SUSPECT).exists()


def remember_suspicion(home: Path, *, suspect: bool) -> None:
    """Keep whether the whole chain was found broken; left when the folder cannot be written."""
    with suppress(OSError):
        if suspect:
            (home / SUSPECT).touch()
        else:
            (home / SUSPECT).unlink(missing_ok=True)


def _signed(home: Path, kind: str, unsigned: Anchor) -> Anchor:
    fields = fields_of(unsigned)
    return Anchor(**(fields | {"signature": sign(home, kind, fields)}))


def _is_due(last: Anchor | None, seq: int, now: datetime) -> bool:
    if last is None:
        return True
    young = now - datetime.fromisoformat(last.at) < EVERY
    return seq > last.seq and not (young and seq - last.seq < EVERY_ENTRIES)


def _last(folder: Path) -> Anchor | None:
    try:
        with (folder / FILE).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return None
    return max((a for a in map(_parse, lines) if a is not None), key=lambda anchor: anchor.seq, default=None)


def _write(folder: Path, home: Path, anchor: Anchor) -> None:
    """Append an anchor; never to a folder that another store's key signs, nor to one that does not exist."""
    known = public_keys(folder)
    own = public_keys(home)[-1]
    if not known:
        with (folder / PUBLIC).open("x", encoding="ascii") as file:
            file.write(own + "\n")
    elif own not in known:
        return
    path = folder / FILE
    with path.open("ab") as file:
        torn = file.tell() > 0 and not path.read_bytes().endswith(b"\n")
        file.write((b"\n" if torn else b"") + _line(anchor))
        file.flush()
        os.fsync(file.fileno())


def _line(anchor: Anchor) -> bytes:
    return canonical_json(fields_of(anchor)).encode() + b"\n"


def _is_key(text: str) -> bool:
    try:
        return len(hex_bytes(text, 32)) > 0
    except ValueError:
        return False


def _parse(line: bytes) -> Anchor | None:
    try:
        fields = json.loads(line)
        seq, count = int(fields["seq"]), int(fields["count"])
        anchor = Anchor(
            seq=seq, hash=fields["hash"], count=count, at=fields["at"], signature=fields.get("signature", "")
        )
        aware = datetime.fromisoformat(anchor.at).utcoffset() is not None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return anchor if aware and isinstance(anchor.hash, str) and isinstance(anchor.signature, str) else None
