"""Running the kernel over days, on anything with the ``concurrent.futures.Executor`` interface."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path

import pyarrow as pa

from core.log.delta import open_log
from core.log.table import batches_of_day, read_day
from core.profile.binning import KERNEL_VERSION, Binning
from core.profile.binning_format import unpack_binning
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.flags import INTAKE_AT
from core.profile.kernel import profile, profile_in_parts
from core.profile.layout import Layout
from core.profile.packed import pack
from core.profile.profile import Profile, totals

AHEAD = 4
"""Days handed to an executor beyond the one whose result is awaited; bounds what waits in memory."""

GROUP = 128
"""Features read and counted at a time: up to so many a unit is read once, beyond it some columns are read again."""


def inline_executor() -> Executor:
    """Return the executor of one machine: a single thread, so that reading a day overlaps storing the last one."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="profile")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTask:
    """One unit of work: all rows of a version, role and day. Small, and needs nothing but the log's folder.

    Attributes
    ----------
    binning : bytes
        Packed.
    closes_at : aware datetime or None
        End of the unit in the model's zone; None where units have no clock (numbered batches) or the rows came
        as a reference.
    """

    log_dir: Path
    day: date
    version_id: int
    role: str
    binning: bytes
    closes_at: datetime | None = None


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
    """Read the rows of one unit and count them; rows and batches are of one instant of the log.

    The features of a unit of very many are read and counted some at a time, so that memory holds a part of them.
    """
    layout = _layout(task.binning)
    log = open_log(task.log_dir)
    read = partial(read_day, task.log_dir, task.day, version_id=task.version_id, role=task.role, snapshot=log)
    batches = batches_of_day(task.log_dir, task.day, version_id=task.version_id, role=task.role, snapshot=log)
    named = hashlib.sha256(",".join(map(str, batches)).encode()).hexdigest()
    groups = feature_groups(layout.binning)
    if len(groups) == 1:
        rows = read(columns=(*layout.binning.columns, INTAKE_AT))
        made = profile(rows, layout.binning, layout=layout, closes_at=task.closes_at)
    else:
        rows = read(columns=(*layout.binning.columns_of(()), INTAKE_AT))
        parts = ((names, read(columns=layout.binning.columns_of(names))) for names in groups)
        made = profile_in_parts(rows, parts, layout, closes_at=task.closes_at)
    return _day_counts(made, layout, batches_hash=named, log_version=log.version)


def feature_groups(binning: Binning) -> tuple[tuple[str, ...], ...]:
    """Return the features cut into groups that are read together."""
    names = tuple(binning.features)
    return tuple(names[start : start + GROUP] for start in range(0, len(names), GROUP))


def count_rows(rows: pa.Table, layout: Layout, *, batches_hash: str, log_version: int = 0) -> DayCounts:
    """Return the counts of rows that are at hand, such as a reference's."""
    made = profile(rows, layout.binning, layout=layout)
    return _day_counts(made, layout, batches_hash=batches_hash, log_version=log_version)


def _day_counts(made: Profile, layout: Layout, *, batches_hash: str, log_version: int) -> DayCounts:
    counted = totals(layout, made.ints)
    return DayCounts(
        profile=made,
        n_rows=int(counted[TOTAL_ROWS]),
        n_labelled=int(counted[TOTAL_LABELLED]),
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
