"""One history of a model's log, in steps that may be cut off anywhere and carried on: the child of the fault tests."""

import sys
from pathlib import Path

from core.access.principal import LOCAL
from core.log import service as log
from core.store.database import Store, open_store

MODEL = "flights"
PREDICTIONS = (
    ("first.parquet", "v1", "served"),
    ("challenger.parquet", "v2", "shadow"),
    ("second.csv", "v1", "served"),
)
WRONG = "wrong.parquet"


def carry_on(store: Store, files: Path) -> None:
    """Do every step that is not done yet; doing all of it again changes nothing."""
    take, late = PREDICTIONS[0], files / "late.csv"
    _ingest(store, files, *take)
    log.ingest_actuals(store, LOCAL, model=MODEL, file=late)
    for name, version, role in PREDICTIONS[1:]:
        _ingest(store, files, name, version, role)
    _wrong_file_and_back(store, files)
    log.ingest_actuals(store, LOCAL, model=MODEL, file=files / "corrections.parquet")
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


def main() -> None:
    """Say that the program is loaded, then carry on."""
    home, files = map(Path, sys.argv[1:3])
    store = open_store(home)
    print("ready", flush=True)
    sys.stdin.readline()
    carry_on(store, files)
    print("done", flush=True)


if __name__ == "__main__":
    main()
