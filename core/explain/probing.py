"""What the limited process really cannot do: a child with an empty file tries it, against a port that listens."""

import hashlib
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path

from core.explain.confine import KEPT
from core.explain.limits import Confinement
from core.explain.sandbox import EMPTY, Sandbox, SandboxError


def examine_sandbox() -> tuple[Confinement, Mapping[str, str]]:
    """Return how a child is confined, and how each of its attempts ended (`core.explain.confine.probe`).

    Raises
    ------
    SandboxError
        When no child could be started, or it gave no answer.
    """
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        empty = Path(folder) / KEPT
        empty.touch(mode=0o600)
        asked = {"port": listening.getsockname()[1], "folder": folder}
        with Sandbox(empty, hashlib.sha256(b"").hexdigest()) as child:
            found = child.ask("probe", asked, EMPTY)
            confinement = child.confinement
    if confinement is None:
        raise SandboxError("The limited process did not say how it is confined.")
    return confinement, dict(zip(found["attempt"].to_pylist(), found["ended"].to_pylist(), strict=True))
