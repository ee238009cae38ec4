"""What a child that opens a model file may use, and what it could be kept from."""

import os
from dataclasses import dataclass

N_THREADS = "2"
PASSED_ON = ("LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use.

    Attributes
    ----------
    memory : int
        Bytes of address space: more than memory in use, since libraries reserve.
    cpu_seconds : int
        Of all threads, over the child's whole life.
    seconds : float
        Wall-clock seconds of one request; opening the file counts to the first.
    """

    memory: int = 6 * 2**30
    cpu_seconds: int = 3_600
    seconds: float = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What the kernel granted.

    Attributes
    ----------
    isolated : bool
        A user and network namespace of its own stands.
    reason : str
        Why not, or what else is missing; empty when all stands.
    filtered : bool
        Sockets, writing and other processes are refused call by call (seccomp), also without a namespace.
    exposed : str
        Why files can be read beyond Python, its libraries and Watchroom's code (`core.explain.landlock`); empty when
        they cannot.
    """

    isolated: bool
    reason: str
    filtered: bool
    exposed: str


def environment() -> dict[str, str]:
    """Return the child's whole environment: nothing of ours but language and zone; two threads; no caches on disk."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {
        **kept,
        **dict.fromkeys(threads, N_THREADS),
        "PATH": "/nonexistent",
        "JOBLIB_MULTIPROCESSING": "0",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
