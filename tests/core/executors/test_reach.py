import socket
import ssl
import time

import pytest

from core.executors import reach as reaching
from core.executors.reach import Deadline, NotReachedError, connect_to, reach, resolve_name, why_closed
from core.executors.target import parse_target

NAME = "deploy.example.com"
CONTEXT = ssl.create_default_context()
CLOSED = {
    "this machine": "127.0.0.1",
    "this machine, elsewhere": "127.255.255.254",
    "this machine in IPv6": "::1",
    "mapped": "::ffff:127.0.0.1",
    "mapped in hexadecimal": "::ffff:7f00:1",
    "compatible": "::127.0.0.1",
    "metadata of clouds": "169.254.169.254",
    "metadata, mapped": "::ffff:169.254.169.254",
    "metadata in IPv6": "fd00:ec2::254",
    "metadata of another cloud": "100.100.100.200",
    "the host of a cloud's machine, at a public address": "168.63.129.16",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 192": "192.168.0.1",
    "carriers": "100.64.0.1",
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "unspecified in IPv6": "::",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
    "multicast in IPv6": "ff02::1",
    "link-local in IPv6": "fe80::1",
    "link-local with its interface": "fe80::1%eth0",
    "site-local": "fec0::1",
    "unique local": "fc00::1",
    "reserved": "240.0.0.1",
    "documentation": "192.0.2.1",
    "benchmarks": "198.18.0.1",
    "translated": "64:ff9b::7f00:1",
    "translated here": "64:ff9b:1::1",
    "6to4 of this machine": "2002:7f00:1::",
    "6to4 of the metadata": "2002:a9fe:a9fe::",
    "Teredo": "2001:0:a9fe:a9fe::1",
    "documentation in IPv6": "2001:db8::1",
    "outside of what is routed": "4000::1",
    "no address": "localhost",
}
"""Addresses to which nothing may ever be sent that only a name led to."""


class Counting:
    """A connector that connects to nothing and counts."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.made.append(address)
        raise ConnectionRefusedError


def tried(*answers: tuple[str, ...], allowed: tuple[str, ...] = (NAME,), url: str = f"https://{NAME}/") -> list[str]:
    """Return to which addresses a connection was tried, the resolver answering one after the other."""
    connect, following = Counting(), iter(answers)
    with pytest.raises((NotReachedError, ConnectionRefusedError)):
        reach(
            parse_target(url),
            frozenset(allowed),
            CONTEXT,
            Deadline(time.monotonic() + 5),
            resolve=lambda *_: next(following),
            connect=connect,
        )
    return connect.made


@pytest.mark.parametrize("address", CLOSED.values(), ids=CLOSED)
def test_a_name_that_leads_inside_is_never_connected_to(address):
    assert tried((address,)) == []
    assert tried(("93.184.216.34", address)) == []
    assert tried((address, "93.184.216.34")) == []


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_a_public_address_is_connected_to(address):
    assert len(tried((address,))) == 1


def test_a_private_address_is_reached_only_when_it_is_named_exactly():
    assert tried(("10.0.0.8",), allowed=(NAME, "10.0.0.8")) == ["10.0.0.8"]
    assert tried(("10.0.0.9",), allowed=(NAME, "10.0.0.8")) == []
    assert tried(("10.0.0.8", "10.0.0.9"), allowed=(NAME, "10.0.0.8")) == []
    assert tried(("127.0.0.1",), allowed=(NAME, "localhost")) == []


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "::ffff:168.63.129.16"),
    ],
)
def test_some_addresses_are_never_open_though_they_are_named(address):
    assert why_closed(address, [address]) is not None


def test_a_host_that_is_not_named_is_not_even_resolved():
    assert tried(allowed=("other.example.com", "93.184.216.34")) == []
    assert tried(url="https://93.184.216.34/") == []


def test_a_name_is_resolved_once_and_the_connection_goes_where_it_was_judged():
    assert tried(("93.184.216.34",), ("127.0.0.1",)) == ["93.184.216.34"]


def test_a_name_that_was_public_before_and_is_not_any_more_is_not_connected_to():
    answers = iter([("93.184.216.34",), ("127.0.0.1",)])
    assert tried(next(answers)) == ["93.184.216.34"]
    assert tried(next(answers)) == []


def test_a_name_without_an_address_is_not_reached():
    assert tried(()) == []


def test_the_next_address_is_tried_when_one_does_not_answer():
    assert tried(("93.184.216.34", "93.184.216.35")) == ["93.184.216.34", "93.184.216.35"]


def test_a_connection_that_comes_out_elsewhere_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with pytest.raises(NotReachedError, match="at another address"):
            reach(
                parse_target(f"https://{NAME}:{port}/"),
                frozenset({NAME}),
                CONTEXT,
                Deadline(time.monotonic() + 5),
                resolve=lambda *_: ("93.184.216.34",),
                connect=lambda _address, port, seconds: connect_to("127.0.0.1", port, seconds),
            )


def test_the_resolver_of_the_system_knows_this_machine_and_not_a_name_that_cannot_be():
    assert set(resolve_name("localhost", 443, 5)) & {"127.0.0.1", "::1"}
    assert resolve_name("93.184.216.34", 443, 5) == ("93.184.216.34",)
    with pytest.raises(OSError, match="not a name"):
        resolve_name(f"{'a' * 64}.example", 443, 5)


def test_a_resolver_that_hangs_is_left_behind(monkeypatch):
    monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_, **__: time.sleep(0.5) or ())
    with pytest.raises(TimeoutError):
        resolve_name("slow.example", 443, 0.05)


def test_nothing_is_begun_after_the_deadline():
    with pytest.raises(TimeoutError):
        Deadline(time.monotonic()).left()
