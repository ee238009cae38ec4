"""One build of a model's profiles at a time, across processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ConflictError

LOCK_SECONDS = 900


@contextmanager
def one_build_at_a_time(log_dir: Path, *, patience: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the model's build lock: two builders could clear a mark that came between them.

    Parameters
    ----------
    log_dir : Path
        Folder of the model's log; made when it is not there.
    patience : float
        Seconds to wait for another build.

    Raises
    ------
    ConflictError
        When another build does not end.
    """
    from filelock import FileLock, Timeout

    log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(log_dir / ".profile.lock", timeout=patience):
            yield
    except Timeout:
        raise ConflictError(
            "Another build of this model's profiles does not end; look at its job, then repeat."
        ) from None
