"""Counting saved segments in the units where they are lacking."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from core.log.reference import load_reference
from core.profile.binning_format import unpack_binning
from core.profile.engines import day_tasks, profile_segments, segments_of_rows
from core.profile.layout import Layout
from core.profile.records import REFERENCE_ROLE
from core.profile.reference import by_day
from core.profile.segment_rows import Lacking, SegmentCounts

Counted = tuple[tuple[SegmentCounts, ...], str]
"""Counts of segments, and the hash of the batches that the rows came from."""


def counts_of(log_dir: Path, units: Sequence[Lacking]) -> Iterator[Counted]:
    """Yield the counts of each unit in order; a reference is opened once for neighbouring units.

    Raises
    ------
    BadInputError
        When a stored reference is gone or was changed.
    """
    opened, parts = "", dict[date, pa.Table]()
    for unit in units:
        sha256 = unit.reference_sha256
        if unit.role != REFERENCE_ROLE or sha256 is None:
            yield _from_log(log_dir, unit)
            continue
        if opened != sha256:
            opened, parts = sha256, dict(by_day(load_reference(log_dir, sha256)))
        yield segments_of_rows(parts[unit.day], Layout(unpack_binning(unit.binning)), unit.segments), sha256


def _from_log(log_dir: Path, unit: Lacking) -> Counted:
    schema = None if unit.role == REFERENCE_ROLE else unit.schema
    (task,) = day_tasks(
        log_dir,
        unit.version_id,
        unit.binning,
        [(unit.log_role, unit.day)],
        schema=schema,
        segments=unit.segments,
    )
    batches_hash, made = profile_segments(task)
    return made, batches_hash
