"""A filter on system calls: what a child that opens a model file may never ask of the kernel, on Linux.

Sockets, other programs, whatever reaches another process (signals by any road, limits, locks, priorities) and changes
of the file system are refused with "not permitted" by seccomp, whether or not namespaces stand. Reading files, memory
and threads are left.
"""

import ctypes
import os
import platform
import struct

PR_SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NOT_PERMITTED, NOT_KNOWN = 1, 38
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
WRITING = 0x1 | 0x2 | 0x40 | 0x200  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
CLONE_THREAD = 0x00010000
X32 = 0x40000000

# Names beside the numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
REFUSED = {
    "x86_64": {
        "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50,
        "socketpair": 53, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "truncate": 76, "rename": 82,
        "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88, "chmod": 90, "fchmod": 91,
        "chown": 92, "fchown": 93, "lchown": 94, "ptrace": 101, "rt_sigqueueinfo": 129, "mknod": 133,
        "chroot": 161, "mount": 165, "umount2": 166, "tkill": 200, "mkdirat": 258, "mknodat": 259, "fchownat": 260,
        "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "fchmodat": 268, "unshare": 272,
        "accept4": 288, "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "setns": 308, "sendmmsg": 307,
        "process_vm_readv": 310, "process_vm_writev": 311, "renameat2": 316, "bpf": 321, "execveat": 322,
        "userfaultfd": 323, "add_key": 248, "request_key": 249, "keyctl": 250, "setxattr": 188, "utimensat": 280,
        "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
        "utime": 132, "utimes": 235, "futimesat": 261, "flock": 73, "shmget": 29, "semget": 64, "msgget": 68,
        "mq_open": 240, "mq_unlink": 241, "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144,
        "ioprio_set": 251, "sched_setattr": 314,
    },
    "aarch64": {
        "setxattr": 5, "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38,
        "umount2": 39, "mount": 40, "truncate": 45, "chroot": 51, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
        "fchown": 55, "utimensat": 88, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130,
        "rt_sigqueueinfo": 138, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202,
        "connect": 203, "sendto": 206, "sendmsg": 211, "add_key": 217, "request_key": 218, "keyctl": 219,
        "execve": 221, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "accept4": 242, "setns": 268,
        "sendmmsg": 269, "process_vm_readv": 270, "process_vm_writev": 271, "renameat2": 276, "bpf": 280,
        "execveat": 281, "userfaultfd": 282,
        "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "flock": 32,
        "ioprio_set": 30, "sched_setparam": 118, "sched_setscheduler": 119, "setpriority": 140, "mq_open": 180,
        "mq_unlink": 181, "msgget": 186, "semget": 190, "shmget": 194, "sched_setattr": 274,
    },
}  # fmt: skip
REFUSED_ALIKE = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "pidfd_open": 434, "pidfd_getfd": 438, "mount_setattr": 442, "fchmodat2": 452, "setxattrat": 463,
    "removexattrat": 466, "file_setattr": 469,
}  # fmt: skip
UNKNOWN_TO_US = {"clone3": 435, "openat2": 437}
"""Their arguments lie behind a pointer that a filter cannot follow: "not known", and the C library takes the older."""
CALLS = {
    "x86_64": {"audit": 0xC000003E, "open": 2, "openat": 257, "clone": 56,
               "tgkill": 234, "prlimit64": 302, "fcntl": 72, "ioctl": 16},
    "aarch64": {"audit": 0xC00000B7, "open": -1, "openat": 56, "clone": 220,
                "tgkill": 131, "prlimit64": 261, "fcntl": 25, "ioctl": 29},
}  # fmt: skip
OF_DESCRIPTORS = {"F_SETLK": 6, "F_SETLKW": 7, "F_SETOWN": 8, "F_SETSIG": 10, "F_SETOWN_EX": 15, "F_OFD_SETLK": 37,
                  "F_OFD_SETLKW": 38, "F_NOTIFY": 1026}  # fmt: skip
"""What may not be asked of an open file: that it sends a signal to another process, and locks, which stop others."""
OF_DEVICES = {"TIOCSTI": 0x5412, "TIOCLINUX": 0x541C, "FS_IOC_SETFLAGS": 0x40086602, "FS_IOC_FSSETXATTR": 0x401C5820}
"""What may not be asked of a device: typing into the terminal of who started Watchroom, and flags of a file."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filter_program(machine: str, pid: int) -> bytes:
    """Return the filter as the kernel reads it: eight bytes an instruction.

    Parameters
    ----------
    machine : str
        As `platform.machine` says it.
    pid : int
        The process that it is for: the only one that it may send a signal to, as ``abort`` does, and limit.

    Raises
    ------
    KeyError
        On a machine whose numbers of system calls are not written down here.
    """
    calls, numbers = CALLS[machine], [*REFUSED[machine].values(), *REFUSED_ALIKE.values()]
    lines = [_load(ARCHITECTURE), *_unless_equal(calls["audit"], KILL), _load(NUMBER)]
    if machine == "x86_64":
        lines += [_line(JUMP_SET, X32, 0, 1), _line(RETURN, KILL)]
    for number in numbers:
        lines += _if_equal(number, REFUSE | NOT_PERMITTED)
    for number in UNKNOWN_TO_US.values():
        lines += _if_equal(number, REFUSE | NOT_KNOWN)
    lines += _if_any_flag(calls["openat"], 2, WRITING)
    if calls["open"] >= 0:
        lines += _if_any_flag(calls["open"], 1, WRITING)
    lines += _unless_any_flag(calls["clone"], 0, CLONE_THREAD)
    lines += _unless_one_of(calls["tgkill"], 0, (pid,))
    lines += _unless_one_of(calls["prlimit64"], 0, (0, pid))
    lines += _if_one_of(calls["fcntl"], 1, tuple(OF_DESCRIPTORS.values()))
    lines += _if_one_of(calls["ioctl"], 1, tuple(OF_DEVICES.values()))
    return b"".join([*lines, _line(RETURN, ALLOW)])


def _line(code: int, value: int, jump: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, jump, otherwise, value)


def _load(offset: int) -> bytes:
    return _line(LOAD, offset)


def _if_equal(value: int, action: int) -> list[bytes]:
    return [_line(JUMP_EQUAL, value, 0, 1), _line(RETURN, action)]


def _unless_equal(value: int, action: int) -> list[bytes]:
    return [_line(JUMP_EQUAL, value, 1, 0), _line(RETURN, action)]


def _if_any_flag(number: int, argument: int, flags: int) -> list[bytes]:
    """Refuse a call when one of its argument's low 32 bits is among `flags`."""
    body = [_load(ARGUMENTS + 8 * argument), _line(JUMP_SET, flags, 0, 1), _line(RETURN, REFUSE | NOT_PERMITTED)]
    return [_line(JUMP_EQUAL, number, 0, len(body) + 1), *body, _load(NUMBER)]


def _unless_any_flag(number: int, argument: int, flags: int) -> list[bytes]:
    body = [_load(ARGUMENTS + 8 * argument), _line(JUMP_SET, flags, 1, 0), _line(RETURN, REFUSE | NOT_PERMITTED)]
    return [_line(JUMP_EQUAL, number, 0, len(body) + 1), *body, _load(NUMBER)]


def _unless_one_of(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse a call unless one of its argument's low 32 bits are one of `values`."""
    tests = [_line(JUMP_EQUAL, value, len(values) - place, 0) for place, value in enumerate(values)]
    body = [_load(ARGUMENTS + 8 * argument), *tests, _line(RETURN, REFUSE | NOT_PERMITTED)]
    return [_line(JUMP_EQUAL, number, 0, len(body) + 1), *body, _load(NUMBER)]


def _if_one_of(number: int, argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse a call when one of its argument's low 32 bits are one of `values`."""
    tests = [part for value in values for part in _if_equal(value, REFUSE | NOT_PERMITTED)]
    body = [_load(ARGUMENTS + 8 * argument), *tests]
    return [_line(JUMP_EQUAL, number, 0, len(body) + 1), *body, _load(NUMBER)]


def put_in_force(libc: ctypes.CDLL) -> str:
    """Put the filter in force for this process, for good; returns why that failed, empty when it stands.

    No new privileges must have been given up before (``PR_SET_NO_NEW_PRIVS``).
    """
    try:
        program = filter_program(platform.machine(), os.getpid())
    except KeyError:
        return f"Watchroom has no filter of system calls for {platform.machine() or 'this machine'}"
    buffer = ctypes.create_string_buffer(program, len(program))
    handed = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(handed), 0, 0) != 0:
        return "the kernel refused a filter of system calls (seccomp)"
    return ""
