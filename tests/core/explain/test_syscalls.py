import struct

import pytest

from core.explain.syscalls import REFUSED, filter_program


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_short_enough_and_every_jump_stays_inside(machine):
    program = filter_program(machine)
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
        filter_program("vax")
