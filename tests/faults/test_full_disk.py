"""A disk that takes no more, at any point of an intake: a sentence, and the file is in whole or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.access.principal import LOCAL
from core.errors import CoreError
from core.log import service as log
from tests.log_kit import KEY, MODEL, content, data_files, predictions, saved, watched

N = 200
"""Rows, each on a day of its own; their long ids make the commit of the log the largest file of all."""


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("kilobytes", [1, 16, 64, 128, 160, 192, 224, 256, 640])
def test_a_full_disk_leaves_a_file_in_whole_or_not_at_all(store, tmp_path, kilobytes):
    file = saved(predictions(N, prefix="i" * 480, step_minutes=24 * 60), tmp_path / "p.parquet")
    watched(store)
    said = ""
    with files_end_at(kilobytes * 1_024):
        try:
            log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=file)
        except CoreError as error:
            said = str(error)
    assert "\n" not in said
    assert said == "" or "cannot be" in said
    if said.startswith("The log of"):  # what the log refused is taken back at once, not by the next call
        assert (log.batches(store, MODEL), data_files(store)) == ((), set())
    log.settle(store, LOCAL, model=MODEL)
    rows = sum(map(len, content(store).values()))
    assert (rows, len(log.batches(store, MODEL))) in {(0, 0), (N, 1)}
    assert rows or data_files(store) == set()
    assert said or rows == N
    outcome = log.ingest_file(store, LOCAL, model=MODEL, version="v1", file=file)
    assert (outcome.duplicate, outcome.accepted) == ((True, 0) if rows else (False, N))
    assert sum(map(len, content(store, KEY).values())) == N
