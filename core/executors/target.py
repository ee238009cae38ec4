"""The address of a webhook, and the hosts that may be reached: one strict spelling, everything else is refused.

A parser that understands more than the one that connects is how requests go astray: numbers for addresses, user
names, other scripts and trailing dots are refused, not interpreted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from core.errors import BadInputError

SCHEME = "https://"
LONGEST = 2_000
LONGEST_NAME = 253
PORT = 443
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_AUTHORITY = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]:]+))(?::(.*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a webhook goes: a host (a name in lower case, or an address without brackets), its port, and the path."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the host as the header ``Host`` names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORT else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Return where `url` leads.

    Raises
    ------
    BadInputError
        When it is not ``https://host[:port][/path]`` in its plain spelling.

    >>> parse_target("https://Deploy.example.com/hooks?x=1")
    Target(host='deploy.example.com', port=443, path='/hooks?x=1')
    """
    if len(url) > LONGEST or not _PRINTABLE.fullmatch(url) or "\\" in url or "#" in url:
        raise _unusable(url, "use printable ASCII characters, no fragment, and at most 2,000 of them")
    if not url.startswith(SCHEME):
        raise _unusable(url, "it must begin with https://")
    rest = url[len(SCHEME) :]
    end = min((at for at in map(rest.find, "/?") if at >= 0), default=len(rest))
    authority, path = rest[:end], rest[end:]
    if "@" in authority:
        raise _unusable(url, "it must not hold a user name")
    host, port = _parted(url, authority)
    return Target(host=host, port=port, path=path if path.startswith("/") else f"/{path}")


def parse_hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts that may be reached, each once: names in lower case, addresses in their shortest form.

    Raises
    ------
    BadInputError
        When one is neither a name nor an address in its plain spelling.
    """
    found = []
    for host in hosts:
        plain = _host(host.removeprefix("[").removesuffix("]") if ":" in host else host)
        if plain is None:
            raise BadInputError(f"{host[:80]!r} is neither the name of a host nor an address in its plain spelling.")
        found.append(plain)
    return tuple(dict.fromkeys(found))


def _parted(url: str, authority: str) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(authority)
    bracketed, plain, port = found.groups() if found else (None, "", None)
    host = _host(bracketed or plain or "")
    if host is None or (":" in host) != bool(bracketed):
        raise _unusable(url, "its host must be a name, or an address, in its plain spelling")
    if port is None:
        return host, PORT
    if not _PORT.fullmatch(port) or int(port) > 65_535:
        raise _unusable(url, "its port must be a number from 1 to 65535")
    return host, int(port)


def _host(text: str) -> str | None:
    """Return a host in its one spelling, or None when it has another or is none."""
    try:
        address = IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        return _name(text.lower())
    return text if str(address) == text and "%" not in text else None


def _name(text: str) -> str | None:
    """Return `text` when it is a DNS name; its last label begins with a letter, or it could be read as an address."""
    labels = text.split(".")
    good = len(text) <= LONGEST_NAME and all(map(_LABEL.fullmatch, labels)) and _LAST_LABEL.fullmatch(labels[-1])
    return text if good else None


def _unusable(url: str, needed: str) -> BadInputError:
    return BadInputError(f"{url[:80]!r} cannot be the address of a webhook: {needed}.")
