"""Prove what the releases and the audit trail promise, on SQLite and on PostgreSQL: ``make prove``.

Each proof gets an empty store of its own. The table is printed and kept, with its date and machine, in
``docs/figures.md``; the exit code says whether everything held. ARGS="--share 0.05" tries the whole way with a
twentieth of the numbers and keeps nothing.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from benchmarks import prove_audit as audit
from benchmarks import prove_releases as releases
from benchmarks.run import machine
from core.releases.validity import FIELDS
from core.store.database import Store, init_store, open_store
from tests import postgres_server
from tests.postgres_server import OWNER, Server, binaries

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures.md"
CONNECTIONS = "max_connections=200"
"""Of the PostgreSQL server: 64 approvers each have their own."""

SEED = 5
Opening = Callable[[], Store]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One promise, what was counted on one database, and whether it held."""

    promise: str
    counted: str
    held: bool


def race(store: Store, share: float) -> Proof:
    """64 approvers at once, 100 times."""
    rounds, approvers = _part(100, share), 64
    found = releases.raced(store, approvers=approvers, rounds=rounds)
    one_each = found.won == found.transitions == found.entries == rounds
    return Proof(
        promise=f"{approvers} people approve at once, {rounds} rounds: one transition and one audit entry each",
        counted=f"{found.won} won, {found.transitions} transitions, {found.entries} entries; {found.told} told by whom "
        f"and when, {len(found.otherwise)} otherwise",
        held=one_each and found.told == rounds * (approvers - 1) and not found.otherwise,
    )


def click(store: Store, share: float) -> Proof:
    """The same click 1,000 times."""
    times = _part(1_000, share)
    rows, entries = releases.clicked(store, times=times)
    return Proof(
        promise=f"the same click {times:,} times: one row",
        counted=f"{rows} decision, {entries} audit entry",
        held=rows == entries == 1,
    )


def validity(store: Store, _share: float) -> Proof:
    """Each of the 13 fields of the validity key changed alone."""
    found = releases.overtaken(store)
    named = [field for field in FIELDS if found.get(field) == (field,)]
    return Proof(
        promise="each of the 13 fields of the validity key changed alone: stale, and named",
        counted=f"{len(named)} of {len(FIELDS)}",
        held=len(named) == len(FIELDS) == 13,
    )


def cosmetics(store: Store, _share: float) -> Proof:
    """Five changes that no decision rests on."""
    found = releases.untouched(store)
    return Proof(
        promise=f"not stale by: {', '.join(found)}",
        counted=f"{sum(found.values())} of {len(found)} still approved",
        held=len(found) == 5 and all(found.values()),
    )


def kills(store: Store, share: float) -> Proof:
    """SIGKILL at 100 points of approving and executing."""
    points = _part(100, share)
    found = releases.killed(store, points=points)
    return Proof(
        promise=f"kill -9 at {found.killed} points of approve and execute: never a decision without its audit entry, "
        "nor the other way round",
        counted=f"{found.before} left nothing, {found.after} left all, {len(found.torn)} torn",
        held=not found.torn and found.chain_holds and found.killed == points,
    )


def tampering(store: Store, share: float) -> Proof:
    """2,000 changes of each kind in a chain of 100,000 entries."""
    entries, each = _part(100_000, share), _part(2_000, share)
    audit.filled(store, entries)
    found = audit.located(store, n=each, seed=SEED)
    told = ", ".join(f"{kind} {one.located:,}" for kind, one in found.items())
    cut = sum(one.located_without_anchors for one in found.values())
    return Proof(
        promise=f"{each:,} changes of each kind in a chain of {entries:,} entries: all located (a cut tail through "
        "anchors, without them none)",
        counted=f"{told}; cut tails without anchors {cut}",
        held=all(one.located == one.tried for one in found.values()) and cut == 0,
    )


def writers(store: Store, share: float) -> Proof:
    """16 processes append 500 entries each."""
    each = _part(500, share)
    missing, wrong, _ = audit.appended_by_many(store, writers=16, each=each)
    return Proof(
        promise=f"16 writers × {each} appends: no fork, no gap",
        counted=f"{missing} missing, {wrong} forks and gaps",
        held=missing == wrong == 0,
    )


def exports(store: Store, share: float) -> Proof:
    """Changed exports of the chain."""
    n = _part(10_000, share)
    wrong, _ = audit.fuzzed(store, n=n, seed=SEED)
    return Proof(promise=f"{n:,} changed exports: none called ok", counted=f"{wrong} called ok", held=wrong == 0)


PROOFS = (race, click, validity, cosmetics, kills, tampering, writers, exports)


@contextmanager
def sqlite() -> Iterator[Opening]:
    """Yield what opens an empty store in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="watchroom-prove-") as folder:
        yield lambda: init_store(Path(tempfile.mkdtemp(dir=folder)) / "home")


@contextmanager
def postgres() -> Iterator[Opening]:
    """Yield what opens an empty store in a PostgreSQL of its own.

    Raises
    ------
    SystemExit
        When this machine has no PostgreSQL: half a proof is none.
    """
    folder = binaries()
    if folder is None:
        raise SystemExit("make prove needs PostgreSQL: the distribution's, or the development tools (make test).")
    settings = tuple(one for one in postgres_server.SETTINGS if not one.startswith("max_connections"))
    with (
        mock.patch.object(postgres_server, "SETTINGS", (*settings, CONNECTIONS)),
        tempfile.TemporaryDirectory(prefix="watchroom-prove-") as homes,
        mock.patch.dict(os.environ),
    ):
        server = Server(folder)

        def opened() -> Store:
            database = server.database()
            os.environ["WATCHROOM_STORE"] = server.url(database)
            os.environ["WATCHROOM_STORE_OWNER"] = server.url(database, OWNER)
            home = Path(tempfile.mkdtemp(dir=homes)) / "home"
            init_store(home).engine.dispose()
            return open_store(home)

        try:
            yield opened
        finally:
            server.stop()


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgres}


def proved(wanted: Sequence[str], share: float) -> Iterator[tuple[str, Proof, float]]:
    """Yield (database, proof, seconds) of each proof on each database."""
    for name, database in DATABASES.items():
        with database() as opened:
            for proof in PROOFS:
                if wanted and proof.__name__ not in wanted:
                    continue
                begun, store = time.monotonic(), opened()
                found = proof(store, share)
                store.engine.dispose()
                yield name, found, time.monotonic() - begun


def main() -> int:
    """Prove, print the table and keep it; returns 0 when everything held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    known = [proof.__name__ for proof in PROOFS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(known)}")
    parser.add_argument("--share", type=float, default=1.0, help="part of the numbers, for a trial (default 1)")
    given = parser.parse_args()
    unknown = set(given.names) - set(known)
    if unknown:
        parser.error(f"there is no proof {', '.join(sorted(unknown))}")
    rows: list[tuple[str, str, str, str, str]] = []
    begun = time.monotonic()
    for database, proof, seconds in proved(given.names, given.share):
        row = (proof.promise, database, proof.counted, "yes" if proof.held else "NO", f"{seconds:.0f} s")
        print(" | ".join(row), flush=True)
        rows.append(row)
    held = bool(rows) and all(row[3] == "yes" for row in rows)
    whole = not given.names and given.share == 1.0
    if whole and held:
        FIGURES.write_text(_page(rows, time.monotonic() - begun), encoding="utf-8")
    kept = "kept in docs/figures.md" if whole and held else "nothing kept"
    print(f"{'everything held' if held else 'NOT everything held'}; {kept}")
    return 0 if held else 1


def _page(rows: Sequence[tuple[str, ...]], seconds: float) -> str:
    day = datetime.now(UTC).date()
    table = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(
        [
            "# Figures",
            "",
            "What releases and the audit trail promise, and what was counted when it was put to the test by "
            "`make prove`:",
            f"{day}, {machine()}, {seconds / 60:.0f} minutes in all. Made by the program; run it again rather than "
            "edit it.",
            "",
            "| promise | database | counted | held | time |",
            "| --- | --- | --- | --- | --- |",
            *table,
            "",
        ]
    )


def _part(number: int, share: float) -> int:
    return max(1, round(number * share))


if __name__ == "__main__":
    sys.exit(main())
