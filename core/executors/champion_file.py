"""The file of a model's champion: what a server watches to know which version to serve.

One small JSON document a model in the folder ``champions`` of the store, always whole: written beside, synced,
renamed. It says what the database says; the database is right where the two differ, and the file is written anew.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = "champions"
LOCK = ".lock"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A step of a release on its way: a version that sees a share of the rows, in the shadow or for real."""

    version: str
    artifact_sha256: str | None
    mode: str
    share: float
    release: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Champion:
    """Which version of a model is live, since when, by which release and event; and what is on its way."""

    model: str
    model_key: str
    version: str
    artifact_sha256: str | None
    since: datetime | None
    release: int | None
    event_id: str | None
    on_its_way: Share | None

    def as_json(self) -> dict[str, Any]:
        """Return the document of the file."""
        since = self.since.isoformat() if self.since else None
        return {"format": FORMAT, **asdict(self), "since": since}


def content(champion: Champion) -> bytes:
    """Return the bytes of a champion's file."""
    return (json.dumps(champion.as_json(), ensure_ascii=False, indent=2) + "\n").encode()


def differing(folder: Path, champions: Mapping[str, Champion | None]) -> tuple[str, ...]:
    """Return the keys of the models whose file does not say what it should (None: there should be none)."""
    return tuple(key for key, champion in champions.items() if _written(folder / f"{key}.json") != _wanted(champion))


def put(folder: Path, key: str, champion: Champion | None) -> None:
    """Write the file of a model, or take it away (None); whoever reads meanwhile finds the old one or the new one.

    One writer at a time: the caller holds the lock of the folder.
    """
    path, beside = folder / f"{key}.json", folder / f".{key}.new"
    if champion is None:
        path.unlink(missing_ok=True)
    else:
        with beside.open("wb") as file:
            file.write(content(champion))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    _sync(folder)


def _wanted(champion: Champion | None) -> bytes | None:
    return None if champion is None else content(champion)


def _written(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
