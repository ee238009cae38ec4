"""Which files a child that opens a model file may read: Python, its libraries, and what they ask of the machine.

Landlock, since Linux 5.13: a process refuses itself files, for good. The numbers are the same on every machine.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
N_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
N_RIGHTS_NEWEST = 16
"""Rights to files by version of the interface (include/uapi/linux/landlock.h): all are refused, but reading."""

CODE = Path(__file__).resolve().parents[1]
LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
ZONES_AND_WORDS = ("/etc/localtime", "/usr/share/zoneinfo", "/usr/share/locale")
MACHINE = (
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory", "/sys/devices/system",
    "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage",
)  # fmt: skip
DEVICES_AND_SETTINGS = ("/dev/null", "/dev/urandom", "/etc/ssl/openssl.cnf")


def readable() -> tuple[str, ...]:
    """Return the files and folders that may be read; those that are not there do no harm.

    Of Watchroom only the folder of this package's code: beside it may lie a store.
    """
    python = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix} - {"/"}
    return (*sorted(python), str(CODE), *LIBRARIES, *ZONES_AND_WORDS, *MACHINE, *DEVICES_AND_SETTINGS)


def put_in_force(libc: ctypes.CDLL, paths: tuple[str, ...]) -> str:
    """Refuse this process every file but those below `paths`, to be read; returns why that failed, empty when it holds.

    Files that are open already stay open. No new privileges must have been given up before (``PR_SET_NO_NEW_PRIVS``).
    """
    version = _call(libc, CREATE_RULESET, None, 0, ASK_VERSION)
    if version < 1:
        return f"the kernel has no Landlock ({os.strerror(ctypes.get_errno())})"
    handled = (1 << N_RIGHTS.get(version, N_RIGHTS_NEWEST)) - 1
    ruleset = _call(libc, CREATE_RULESET, struct.pack("=Q", handled), 8, 0)
    if ruleset < 0:
        return f"the kernel refused a ruleset of Landlock ({os.strerror(ctypes.get_errno())})"
    try:
        for path in paths:
            _allow(libc, ruleset, path)
        if _call(libc, RESTRICT_SELF, ruleset, 0) != 0:
            return f"the kernel refused to put Landlock in force ({os.strerror(ctypes.get_errno())})"
    finally:
        os.close(ruleset)
    return ""


def _allow(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    """Allow reading a file, or all below a folder; what cannot be opened, or allowed, stays refused."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | READ_DIR if Path(path).is_dir() else READ_FILE
    _call(libc, ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    os.close(opened)


def _call(libc: ctypes.CDLL, number: int, *arguments: int | bytes | None) -> int:
    handed = [ctypes.c_long(one) if isinstance(one, int) else ctypes.c_char_p(one) for one in arguments]
    return int(libc.syscall(ctypes.c_long(number), *handed))
