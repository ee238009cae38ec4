"""What the child gives up before it looks at a model file: network, files, other processes, memory, time.

Called once, at the child's very start, while it has one thread. Each measure is tried on its own and reported.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from core.explain import landlock, syscalls
from core.explain.limits import Confinement, Limits

CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION_3 = 0x20080522
POSSIBLE = "possible"
KEPT, OTHER_FILE = "kept", "a file of another folder"
N_FILES = 256
CPU_GRACE = 2  # the first limit says SIGXCPU, which can be told from other ends; the second kills


def confine(limits: Limits, parent: int) -> Confinement:
    """Give everything up that a model file must not have; returns what the kernel granted.

    Parameters
    ----------
    limits : Limits
    parent : int
        Process id of who started this one; when it is gone already, this process ends.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _die_with(parent, libc)
    _limit(limits)
    if sys.platform != "linux":
        lacking = f"{sys.platform} has no"
        return Confinement(
            isolated=False, reason=f"{lacking} namespaces", filtered=False, exposed=f"{lacking} Landlock"
        )
    reason = _cut_off(libc)
    _drop_privileges(libc)
    exposed = landlock.put_in_force(libc, landlock.readable())
    told = syscalls.put_in_force(libc)
    return Confinement(isolated=not reason, reason=reason or told, filtered=not told, exposed=exposed)


def _die_with(parent: int, libc: ctypes.CDLL) -> None:
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went before the line above
        os._exit(1)


def _limit(limits: Limits) -> None:
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: N_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        after = most + CPU_GRACE if kind == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else most
        resource.setrlimit(kind, (most, after))


def _cut_off(libc: ctypes.CDLL) -> str:
    """Move into a user and network namespace of its own, where there is nobody; returns why not, else empty."""
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0:
        return ""
    return f"the kernel refused a network namespace of its own ({os.strerror(ctypes.get_errno())})"


def _drop_privileges(libc: ctypes.CDLL) -> None:
    """Give up every capability that the new namespace gave, and any way to more."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def probe(port: int, folder: str) -> dict[str, str]:
    """Try what must not succeed and return how each attempt ended: ``possible``, or the system's refusal.

    Parameters
    ----------
    port : int
        A port of the loopback on which the caller really listens.
    folder : str
        A folder in which the caller may write, with a file `KEPT`.
    """
    return {
        "socket": _ended(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()),
        "connection": _ended(lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close()),
        "local socket": _ended(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()),
        "new file": _ended(lambda: _write_file(Path(folder))),
        OTHER_FILE: _ended((Path(folder) / KEPT).read_bytes),
        "program": _ended(lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})),
        "process": _ended(_fork),
        "signal": _ended(lambda: os.kill(os.getppid(), 0)),
        "signal to a thread": _ended(lambda: _signal_thread(os.getppid())),
        "signal by a pipe": _ended(lambda: _signal_by_pipe(os.getppid())),
        "limits of the parent": _ended(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE)),
    }


def _write_file(folder: Path) -> None:
    with (folder / "written").open("wb", buffering=0) as stream:
        stream.write(b"written")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def _signal_thread(process: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.tgkill(process, process, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _signal_by_pipe(process: int) -> None:
    reading, writing = os.pipe()
    try:
        fcntl.fcntl(reading, fcntl.F_SETOWN, process)
    finally:
        os.close(reading)
        os.close(writing)


def _ended(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return str(error.strerror or error)
    return POSSIBLE
