"""One history of log and profiles in steps that may be cut off anywhere and go on; and a server that runs and kills it.

A new interpreter takes a second to load everything, a fork of one that has loaded it a few
milliseconds. The server itself only imports: no thread of a library has started when it forks.
"""

import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path

from core.access.principal import LOCAL
from core.log import service as log
from core.profile import service as profiles
from core.store.database import Store, open_store

MODEL = "flights"
PREDICTIONS = (
    ("first.parquet", "v1", "served"),
    ("challenger.parquet", "v2", "shadow"),
    ("second.csv", "v1", "served"),
)
WRONG = "wrong.parquet"
IMPORTED_LATE = ("open_data_contract_standard.model", "pandas")
"""What the core and pyarrow import at first use."""


def carry_on(store: Store, files: Path) -> None:
    """Do every step that is not done yet; doing all of it again changes nothing."""
    take, late = PREDICTIONS[0], files / "late.csv"
    _ingest(store, files, *take)
    log.ingest_actuals(store, LOCAL, model=MODEL, file=late)
    profiles.build_profiles(store, LOCAL, model=MODEL)
    for name, version, role in PREDICTIONS[1:]:
        _ingest(store, files, name, version, role)
    _wrong_file_and_back(store, files)
    log.ingest_actuals(store, LOCAL, model=MODEL, file=files / "corrections.parquet")
    profiles.build_profiles(store, LOCAL, model=MODEL)
    log.compact(store, LOCAL, model=MODEL)


def _ingest(store: Store, files: Path, name: str, version: str, role: str) -> None:
    log.ingest_file(store, LOCAL, model=MODEL, version=version, file=files / name, role=role)


def _wrong_file_and_back(store: Store, files: Path) -> None:
    """Take in a wrong file and revert it, once."""
    if not (files / WRONG).exists():
        return
    log.settle(store, LOCAL, model=MODEL)
    known = [batch for batch in log.batches(store, MODEL) if batch.file.endswith(WRONG)]
    if not known:
        _ingest(store, files, WRONG, "v1", "served")
    for batch in log.batches(store, MODEL):
        if batch.file.endswith(WRONG) and batch.state == "LANDED":
            log.revert_batch(store, LOCAL, batch_id=batch.id, reason="wrong file")


def run_and_kill(home: Path, files: Path, seconds: float | None) -> int:
    """Let a process of its own carry on, killed with kill -9 after `seconds`; returns its exit code (-9: killed)."""
    ended, alive = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ended)
        try:
            carry_on(open_store(home), files)
            os._exit(0)
        finally:  # only an error comes here: it is this process that ends, not the server's loop that goes on
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    os.close(alive)
    select.select([ended], [], [], seconds)
    os.kill(child, signal.SIGKILL)
    os.close(ended)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Answer each line "home, files, seconds" (by tabs) with the exit code of its process."""
    for name in IMPORTED_LATE:
        import_module(name)
    for line in sys.stdin:
        home, files, seconds = line.rstrip("\n").split("\t")
        print(run_and_kill(Path(home), Path(files), float(seconds) if seconds else None), flush=True)


if __name__ == "__main__":
    main()
