"""The webhook: one signed POST over TLS that says what to do, and a short answer that says whether it is done."""

import http.client
import io
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from core.clock import SYSTEM, Clock
from core.executors.delivery import Delivery, body
from core.executors.port import Answer, Outcome
from core.executors.reach import Connect, Deadline, NotReachedError, Resolve, connect_to, reach, resolve_name
from core.executors.signature import secret_fault, signature
from core.executors.target import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS = 5.0
LARGEST_ANSWER = 64 * 1024
REFUSALS = frozenset({http.HTTPStatus.CONFLICT, http.HTTPStatus.UNPROCESSABLE_ENTITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Asks over HTTPS: no redirects, no proxies, the address judged at the connection, five seconds and 64 KB in all.

    Parameters
    ----------
    allowed : the hosts that may be reached; private addresses only as named here
    secret : bytes or None
        At least 32 bytes.
    context : ssl.SSLContext, optional
        The system's certificates by default (``SSL_CERT_FILE`` names others).
    """

    target: Target
    allowed: frozenset[str]
    secret: bytes | None = field(repr=False)
    context: ssl.SSLContext | None = None
    resolve: Resolve = field(default=resolve_name)
    connect: Connect = field(default=connect_to)
    seconds: float = SECONDS
    clock: Clock = SYSTEM

    def deliver(self, delivery: Delivery) -> Answer:
        """Send one event and return what its receiver made of it."""
        fault = secret_fault(self.secret)
        if fault is not None or self.secret is None:
            return _failed(str(fault))
        try:
            return self._asked(delivery, self.secret)
        except NotReachedError as error:
            return _failed(str(error))
        except TimeoutError:
            return _failed(f"no answer within {self.seconds:g} seconds")
        except ssl.SSLCertVerificationError as error:
            return _failed(f"its certificate is not accepted: {error.verify_message}")
        except socket.gaierror:
            return _failed("its name is not known")
        except _TooLongError:
            return _failed(f"its answer is longer than {LARGEST_ANSWER:,} bytes")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _failed(f"the connection failed ({type(error).__name__})")

    def _asked(self, delivery: Delivery, secret: bytes) -> Answer:
        deadline = Deadline(time.monotonic() + self.seconds)
        context = self.context or ssl.create_default_context()
        request = self._request(delivery, secret)
        with reach(
            self.target, self.allowed, context, deadline, resolve=self.resolve, connect=self.connect
        ) as connection:
            connection.settimeout(deadline.left())
            connection.sendall(request)
            status, content = _answered(connection, deadline)
        return read_answer(status, content, delivery.event_id)

    def _request(self, delivery: Delivery, secret: bytes) -> bytes:
        content, timestamp = body(delivery), int(self.clock.now().timestamp())
        signed = signature(secret, timestamp=timestamp, event_id=delivery.event_id, content=content)
        lines = (
            f"POST {self.target.path} HTTP/1.1",
            f"Host: {self.target.authority}",
            "User-Agent: watchroom",
            "Accept: application/json",
            "Accept-Encoding: identity",
            "Connection: close",
            "Content-Type: application/json; charset=utf-8",
            f"Content-Length: {len(content)}",
            f"Idempotency-Key: {delivery.dedup_key}",
            f"Watchroom-Event-Id: {delivery.event_id}",
            f"Watchroom-Timestamp: {timestamp}",
            f"Watchroom-Signature: {signed}",
        )
        return "\r\n".join((*lines, "", "")).encode("ascii") + content


def read_answer(status: int, content: bytes, event_id: str) -> Answer:
    """Return what an HTTP answer means.

    Done is only what the answer says of this very event: ``{"event_id": …, "status": "acknowledged"}``. Any other
    success is an acceptance. 409, 422 or the status ``refused`` is a no; whatever else came back, a redirection too,
    may be otherwise the next time.
    """
    said = _said(content, event_id)
    if status in REFUSALS or (_is_success(status) and said == Outcome.REFUSED):
        return Answer(outcome=Outcome.REFUSED, detail=f"the executor refuses (HTTP {status})")
    if not _is_success(status):
        moved = " and leads elsewhere, which is not followed" if 300 <= status < 400 else ""
        return _failed(f"the executor answers HTTP {status}{moved}")
    if said == Outcome.ACKNOWLEDGED:
        return Answer(outcome=Outcome.ACKNOWLEDGED, detail=f"the executor acknowledges (HTTP {status})")
    return Answer(outcome=Outcome.ACCEPTED, detail=f"the executor has it (HTTP {status}) and acknowledges later")


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _said(content: bytes, event_id: str) -> Any:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    about_it = isinstance(document, dict) and document.get("event_id") == event_id
    return document.get("status") if about_it else None


def _failed(detail: str) -> Answer:
    return Answer(outcome=Outcome.FAILED, detail=detail)


class _TooLongError(Exception):
    """More came than an answer may have."""


class _Limited(io.RawIOBase):
    """Reads a connection until the deadline, and no more than an answer may have."""

    def __init__(self, connection: ssl.SSLSocket, deadline: Deadline) -> None:
        self.connection = connection
        self.deadline = deadline
        self.left = LARGEST_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self.connection.settimeout(self.deadline.left())
        n = self.connection.recv_into(buffer)
        self.left -= n
        if self.left < 0:
            raise _TooLongError
        return n

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return itself buffered: what `http.client` asks a socket for."""
        return io.BufferedReader(self)


def _answered(connection: ssl.SSLSocket, deadline: Deadline) -> tuple[int, bytes]:
    response = http.client.HTTPResponse(cast("socket.socket", _Limited(connection, deadline)), method="POST")
    response.begin()
    content = response.read(LARGEST_ANSWER)  # without a number it makes room for whatever is announced
    if response.length:  # what was cut off may have been a no: nobody knows, so it is asked again
        raise http.client.IncompleteRead(content)
    return response.status, content
