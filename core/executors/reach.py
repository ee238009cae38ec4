"""Connecting to a webhook's host: the address is judged where the connection is made, and nowhere else.

A name is resolved once, every address that it resolves to must be allowed, and the connection goes to an address
that was judged: a name that answers differently the next time (rebinding) finds nobody asking.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from core.executors.target import Target

Resolve = Callable[[str, int, float], Sequence[str]]
"""Return the addresses of a host (host, port, seconds)."""
Connect = Callable[[str, int, float], socket.socket]
"""Open a connection to one address (address, port, seconds)."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
METADATA = frozenset({"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"})
"""Where clouds answer their machines (secrets among it) elsewhere than at a link-local address."""


class NotReachedError(Exception):
    """The host was not reached; the message says why, in words that hold nothing it said."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock after which everything ends."""

    at: float

    def left(self) -> float:
        """Return the seconds that are left.

        Raises
        ------
        TimeoutError
            When none is.
        """
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def why_closed(text: str, allowed: Collection[str]) -> str | None:
    """Return why no connection may be made to this address, or None when it may.

    Open are public addresses, and those of private networks and of this machine that are named one by one. Never
    open: link-local addresses and others where clouds keep their secrets, multicast, unspecified and reserved ones. An
    IPv4 address inside an IPv6 address is what is judged.

    >>> why_closed("169.254.169.254", ["169.254.169.254"])
    'link-local'
    >>> why_closed("10.0.0.8", ["10.0.0.8"]), why_closed("10.0.0.8", [])
    (None, 'not public')
    """
    try:
        address = ip_address(text)
    except ValueError:
        return "no address"
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "bound to one interface"
        if address.ipv4_mapped is not None:
            return why_closed(str(address.ipv4_mapped), allowed)
        if address.sixtofour is not None:
            return why_closed(str(address.sixtofour), ())
    return _why_closed(address, named=str(address) in allowed)


def _why_closed(address: IPv4Address | IPv6Address, *, named: bool) -> str | None:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    for holds, what in (
        (str(address) in METADATA, "where a cloud answers its machines"),
        (address.is_link_local, "link-local"),
        (address.is_multicast, "multicast"),
        (address.is_unspecified, "unspecified"),
        (address.is_reserved and not address.is_loopback, "reserved"),
    ):
        if holds:
            return what
    outside = isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST
    is_open = named or (address.is_global and not site_local and not outside)
    return None if is_open else "not public"


def reach(
    target: Target,
    allowed: Collection[str],
    context: ssl.SSLContext,
    deadline: Deadline,
    *,
    resolve: Resolve,
    connect: Connect,
) -> ssl.SSLSocket:
    """Return an encrypted connection to the target, its certificate checked against the target's name.

    Raises
    ------
    NotReachedError
        When the host is not allowed, or one of its addresses is not, or a connection came out elsewhere.
    OSError
        When the host does not answer, or its certificate is not accepted.
    """
    if target.host not in allowed:
        raise NotReachedError("its host is not among the allowed ones")
    addresses = _judged(resolve(target.host, target.port, deadline.left()), allowed)
    with ExitStack() as undone:
        plain = undone.enter_context(_first_open(addresses, target.port, deadline, connect))
        if str(ip_address(plain.getpeername()[0])) not in addresses:
            raise NotReachedError("the connection came out at another address")
        plain.settimeout(deadline.left())
        encrypted = context.wrap_socket(plain, server_hostname=target.host)
        undone.pop_all()
    return encrypted


def _judged(found: Sequence[str], allowed: Collection[str]) -> tuple[str, ...]:
    if not found:
        raise NotReachedError("its name has no address")
    for address in found:
        why = why_closed(address, allowed)
        if why is not None:
            raise NotReachedError(f"its name leads to an address that is {why}")
    return tuple(dict.fromkeys(str(ip_address(address)) for address in found))


def _first_open(addresses: Sequence[str], port: int, deadline: Deadline, connect: Connect) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return connect(address, port, deadline.left() / 2)
        except OSError:
            continue
    return connect(addresses[-1], port, deadline.left())


def resolve_name(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Return the addresses of a host from the system's resolver, which itself knows no limit of time.

    Raises
    ------
    OSError
        When the name is not known, or no answer came in time.
    """
    found: list[str] = []
    errors: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            errors.append(error if isinstance(error, OSError) else OSError("not a name"))
        else:
            found.extend(str(answer[4][0]) for answer in answers)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise TimeoutError
    if errors:
        raise errors[0]
    return tuple(dict.fromkeys(found))


def connect_to(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to exactly this address: nothing is resolved, no proxy is asked."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ExitStack() as undone:
        opened = undone.enter_context(socket.socket(family, socket.SOCK_STREAM))
        opened.settimeout(seconds)
        opened.connect((address, port))
        undone.pop_all()
    return opened
