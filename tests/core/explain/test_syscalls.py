import struct
import subprocess
import sys

import pytest

from core.explain.syscalls import REFUSED, filter_program


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_short_enough_and_every_jump_stays_inside(machine):
    program = filter_program(machine, 4_711)
    lines = [struct.unpack("HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    assert len(lines) < 4_096
    for place, (_, jump, otherwise, _) in enumerate(lines):
        assert place + 1 + max(jump, otherwise) < len(lines) + (jump == otherwise == 0)
    numbers = {value for code, _, _, value in lines if code == 0x15}
    assert set(REFUSED[machine].values()) <= numbers


def test_sockets_and_programs_are_refused_on_both_machines():
    assert all({"socket", "connect", "execve", "kill", "ptrace"} <= set(names) for names in REFUSED.values())


def test_an_unknown_machine_has_no_filter():
    with pytest.raises(KeyError):
        filter_program("vax", 1)


def test_a_filtered_process_reaches_no_other_and_leaves_files_and_the_terminal_alone(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    script = (
        "import ctypes, fcntl, os, resource, sys\n"
        "from core.explain import syscalls\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "libc.prctl(38, 1, 0, 0, 0)\n"
        "assert syscalls.put_in_force(libc) == ''\n"
        "def refused(attempt):\n"
        "    try:\n"
        "        return attempt() and False\n"
        "    except OSError as error:\n"
        "        return error.errno == 1\n"
        "file, parent = os.open(sys.argv[1], os.O_RDONLY), os.getppid()\n"
        "print(all([\n"
        "    libc.tgkill(parent, parent, 0) == -1,\n"
        "    refused(lambda: resource.prlimit(parent, resource.RLIMIT_CPU)),\n"
        "    refused(lambda: fcntl.fcntl(file, fcntl.F_SETOWN, parent)),\n"
        "    refused(lambda: fcntl.fcntl(file, 10, 9)),\n"
        "    refused(lambda: fcntl.flock(file, fcntl.LOCK_SH)),\n"
        "    refused(lambda: fcntl.ioctl(file, 0x5412, b'x')),\n"
        "    refused(lambda: os.utime(sys.argv[1])),\n"
        "    refused(lambda: os.setxattr(file, 'user.x', b'1')),\n"
        "]), libc.tgkill(os.getpid(), os.getpid(), 0), resource.prlimit(0, resource.RLIMIT_CORE) is not None)\n"
    )
    argv = [sys.executable, "-c", script, str(tmp_path / "file")]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert told == "True 0 True\n"
