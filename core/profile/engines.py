"""Running the kernel over days, on anything with the ``concurrent.futures.Executor`` interface."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from core.log.delta import open_log
from core.log.table import batches_of_day, read_day
from core.profile.binning import KERNEL_VERSION
from core.profile.binning_format import unpack_binning
from core.profile.kernel import profile
from core.profile.layout import Layout
from core.profile.packed import pack
from core.profile.profile import Profile, confusion

AHEAD = 4
"""Days handed to an executor beyond the one whose result is awaited; bounds what waits in memory."""


def inline_executor() -> Executor:
    """Return the executor of one machine: a single thread, so that reading a day overlaps storing the last one."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="profile")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTask:
    """One unit of work: all rows of a version, role and day. Small, and needs nothing but the log's folder."""

    log_dir: Path
    day: date
    version_id: int
    role: str
    binning: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """The profile of a unit's rows and the instant of the log that it shows.

    Attributes
    ----------
    n_rows : int
        0 when the log holds no such row any more.
    n_labelled : int
        Rows whose actual is known.
    log_version : int
    batches_hash : str
        Names the batches (predictions and actuals) that the rows came from.
    """

    profile: Profile
    n_rows: int
    n_labelled: int
    log_version: int
    batches_hash: str


@lru_cache(maxsize=4)
def _layout(binning: bytes) -> Layout:
    return Layout(unpack_binning(binning))


def profile_day(task: DayTask) -> DayCounts:
    """Read the rows of one unit and count them; rows and batches are of one instant of the log."""
    layout = _layout(task.binning)
    log = open_log(task.log_dir)
    rows = read_day(
        task.log_dir,
        task.day,
        version_id=task.version_id,
        role=task.role,
        columns=layout.binning.columns,
        snapshot=log,
    )
    batches = batches_of_day(task.log_dir, task.day, version_id=task.version_id, role=task.role, snapshot=log)
    named = hashlib.sha256(",".join(map(str, batches)).encode()).hexdigest()
    return count_rows(rows, layout, batches_hash=named, log_version=log.version)


def count_rows(rows: pa.Table, layout: Layout, *, batches_hash: str, log_version: int = 0) -> DayCounts:
    """Return the counts of rows that are at hand."""
    made = profile(rows, layout.binning, layout=layout)
    return DayCounts(
        profile=made,
        n_rows=rows.num_rows,
        n_labelled=int(confusion(layout, made.ints)[:, :2].sum()),
        log_version=log_version,
        batches_hash=batches_hash,
    )


def profile_days(executor: Executor, tasks: Iterable[DayTask]) -> Iterator[DayCounts]:
    """Yield the counts of every task in order, with a few tasks under way at a time."""
    running: deque[Future[DayCounts]] = deque()
    for task in tasks:
        running.append(executor.submit(profile_day, task))
        if len(running) > AHEAD:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def provenance(made: Profile, batches_hash: str) -> str:
    """Return the id of exactly these counts: of binning, kernel, source batches and the counts themselves.

    Building the same day again from the same rows gives the same id.
    """
    digest = hashlib.sha256(f"{made.binning_id}\n{KERNEL_VERSION}\n{batches_hash}\n".encode())
    digest.update(pack(made.ints, made.floats))
    return digest.hexdigest()[:16]
