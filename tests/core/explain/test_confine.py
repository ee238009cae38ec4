import os
import socket

from core.explain.confine import KEPT, POSSIBLE, probe


def test_the_same_attempts_succeed_where_nothing_is_confined(tmp_path):
    (tmp_path / KEPT).touch()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = probe(listening.getsockname()[1], str(tmp_path))
    assert set(found.values()) == {POSSIBLE}
    assert (tmp_path / "written").read_bytes() == b"written"
    assert os.getpid() > 0
