"""Running the kernel over days, on anything with the ``concurrent.futures.Executor`` interface."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from core.log.delta import LogSnapshot, open_log
from core.log.schema import ModelSchema
from core.log.table import batches_of_day, read_day
from core.profile.binning import KERNEL_VERSION, Binning
from core.profile.binning_format import unpack_binning
from core.profile.counts import TOTAL_LABELLED, TOTAL_ROWS
from core.profile.flags import INTAKE_AT
from core.profile.kernel import profile, profile_in_parts
from core.profile.lag import ACTUAL_AT, AT
from core.profile.layout import Layout
from core.profile.packed import pack
from core.profile.profile import Profile, totals
from core.profile.segment_rows import SegmentCounts, SegmentTask, segment_counts
from core.windows import Grain, day_starts_at, following

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
    timed : bool
        The unit is a day, so that the time between a row and its actual is counted.
    segments : tuple of SegmentTask
        Saved segments that are counted from the same rows.
    """

    log_dir: Path
    day: date
    version_id: int
    role: str
    binning: bytes
    closes_at: datetime | None = None
    timed: bool = False
    segments: tuple[SegmentTask, ...] = ()


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
    packed : bytes
        The counts as they are stored and as `provenance` hashes them; packing takes longer than many days' counting.
    segments : tuple of SegmentCounts
        Of the saved segments that the task asked for.
    """

    profile: Profile
    packed: bytes
    n_rows: int
    n_labelled: int
    log_version: int
    batches_hash: str
    segments: tuple[SegmentCounts, ...] = ()


@lru_cache(maxsize=4)
def _layout(binning: bytes) -> Layout:
    return Layout(unpack_binning(binning))


def profile_day(task: DayTask) -> DayCounts:
    """Read the rows of one unit and count them; rows and batches are of one instant of the log.

    The features of a unit of very many are read and counted some at a time, so that memory holds a part of them.
    """
    unit = _opened(task)
    rows = unit.rows()
    counted = unit.counted(rows)
    segments = unit.segments(rows)
    named, log_version = unit.batches_hash(), unit.log.version
    return _day_counts(counted, unit.layout, batches_hash=named, log_version=log_version, segments=segments)


def profile_segments(task: DayTask) -> tuple[str, tuple[SegmentCounts, ...]]:
    """Read the rows of one unit and count those of the task's saved segments only.

    Returns
    -------
    batches_hash : str
        As `DayCounts.batches_hash`.
    counts : tuple of SegmentCounts, in order of the task's segments
    """
    unit = _opened(task)
    rows = unit.rows()
    return unit.batches_hash(), unit.segments(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One unit at one instant of the log, and the columns that its task needs."""

    task: DayTask
    layout: Layout
    log: LogSnapshot
    groups: tuple[tuple[str, ...], ...]

    def batches_hash(self) -> str:
        """Return the name of the batches that the rows came from."""
        task = self.task
        found = batches_of_day(task.log_dir, task.day, version_id=task.version_id, role=task.role, snapshot=self.log)
        return hashlib.sha256(",".join(map(str, found)).encode()).hexdigest()

    def rows(self) -> pa.Table:
        """Return the rows with all columns that counting needs; without the features when those are very many."""
        binning = self.layout.binning
        own = binning.columns if len(self.groups) == 1 else binning.columns_of(())
        times = (INTAKE_AT, AT, ACTUAL_AT) if self.task.timed else (INTAKE_AT,)
        filtered = (source for one in self.task.segments for source in one.columns.values())
        return self._read((*own, *times, *filtered))

    def counted(self, rows: pa.Table, kept: pa.Array | None = None) -> Profile:
        """Return the profile of the rows, or of those that are kept."""
        rows = rows if kept is None else rows.filter(kept)
        if len(self.groups) == 1:
            return profile(rows, self.layout.binning, layout=self.layout, closes_at=self.task.closes_at)
        read = ((names, self._read(self.layout.binning.columns_of(names))) for names in self.groups)
        parts = ((names, part if kept is None else part.filter(kept)) for names, part in read)
        return profile_in_parts(rows, parts, self.layout, closes_at=self.task.closes_at)

    def segments(self, rows: pa.Table) -> tuple[SegmentCounts, ...]:
        """Return the counts of the rows of each segment of the task."""
        made = ((one, self.counted(rows, one.mask_of(rows))) for one in self.task.segments)
        return tuple(segment_counts(one.segment_id, profile, self.layout) for one, profile in made)

    def _read(self, columns: Sequence[str]) -> pa.Table:
        task = self.task
        wanted = tuple(dict.fromkeys(columns))
        return read_day(
            task.log_dir, task.day, version_id=task.version_id, role=task.role, columns=wanted, snapshot=self.log
        )


def _opened(task: DayTask) -> _Unit:
    layout = _layout(task.binning)
    return _Unit(task=task, layout=layout, log=open_log(task.log_dir), groups=feature_groups(layout.binning))


def day_tasks(
    log_dir: Path,
    version_id: int,
    binning: bytes,
    keys: Iterable[tuple[str, date]],
    *,
    schema: ModelSchema | None = None,
    segments: tuple[SegmentTask, ...] = (),
) -> list[DayTask]:
    """Return the work of counting units (role, day) of a version.

    Parameters
    ----------
    schema : ModelSchema or None
        None: the rows stand in for a reference, which has no arrival and no lag.
    """
    return [
        DayTask(
            log_dir=log_dir,
            day=day,
            version_id=version_id,
            role=role,
            binning=binning,
            closes_at=_closes_at(day, schema),
            timed=schema is not None and schema.grain is Grain.DAY,
            segments=segments,
        )
        for role, day in keys
    ]


def _closes_at(day: date, schema: ModelSchema | None) -> datetime | None:
    """Return the end of a unit in the model's zone; None for numbered batches and for a reference (no schema)."""
    if schema is None or schema.grain is Grain.BATCH:
        return None
    return day_starts_at(following(day, schema.grain), schema.zone)


def feature_groups(binning: Binning) -> tuple[tuple[str, ...], ...]:
    """Return the features cut into groups that are read together."""
    names = tuple(binning.features)
    return tuple(names[start : start + GROUP] for start in range(0, len(names), GROUP))


def count_rows(rows: pa.Table, layout: Layout, *, batches_hash: str, log_version: int = 0) -> DayCounts:
    """Return the counts of rows that are at hand, such as a reference's."""
    made = profile(rows, layout.binning, layout=layout)
    return _day_counts(made, layout, batches_hash=batches_hash, log_version=log_version)


def segments_of_rows(rows: pa.Table, layout: Layout, segments: Sequence[SegmentTask]) -> tuple[SegmentCounts, ...]:
    """Return the counts of saved segments in rows that are at hand, such as a reference's."""
    made = ((one, profile(rows.filter(one.mask_of(rows)), layout.binning, layout=layout)) for one in segments)
    return tuple(segment_counts(one.segment_id, counted, layout) for one, counted in made)


def _day_counts(
    made: Profile,
    layout: Layout,
    *,
    batches_hash: str,
    log_version: int,
    segments: tuple[SegmentCounts, ...] = (),
) -> DayCounts:
    counted = totals(layout, made.ints)
    return DayCounts(
        profile=made,
        packed=pack(made.ints, made.floats),
        n_rows=int(counted[TOTAL_ROWS]),
        n_labelled=int(counted[TOTAL_LABELLED]),
        log_version=log_version,
        batches_hash=batches_hash,
        segments=segments,
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


def provenance(made: Profile, batches_hash: str, *, packed: bytes | None = None) -> str:
    """Return the id of exactly these counts: of binning, kernel, source batches and the counts themselves.

    Building the same day again from the same rows gives the same id. `packed` are the counts, where they are packed
    already.
    """
    digest = hashlib.sha256(f"{made.binning_id}\n{KERNEL_VERSION}\n{batches_hash}\n".encode())
    digest.update(pack(made.ints, made.floats) if packed is None else packed)
    return digest.hexdigest()[:16]
