"""A receiver of webhooks on this machine, with a certificate of its own; it counts effects as a consumer should."""

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.access.principal import LOCAL
from core.executors.service import set_executor
from core.executors.signature import SECRET_VARIABLE
from core.store.database import Store

SECRET = b"a secret of thirty-two bytes or more"
HOST = "localhost"
LOOPBACK = "127.0.0.1"

Reply = tuple[int, Mapping[str, str], bytes]


def certificate(folder: Path, host: str = HOST) -> Path:
    """Write a key and a certificate that `host` signs for itself; returns the file with both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def trusting(certificate_file: Path) -> ssl.SSLContext:
    """Return what a client trusts: this one certificate."""
    return ssl.create_default_context(cafile=certificate_file)


class Receiver:
    """What came, and what to answer: by default that it is done, once an event."""

    def __init__(self, port: int, certificate_file: Path) -> None:
        self.port = port
        self.certificate = certificate_file
        self.url = f"https://{HOST}:{port}/releases"
        self.requests: list[tuple[str, Mapping[str, str], bytes]] = []
        self.done: dict[str, Mapping[str, Any]] = {}
        self.effects: Counter[str] = Counter()
        self.reply: Callable[[bytes], Reply] = self.acknowledge
        self.lock = threading.Lock()

    def acknowledge(self, content: bytes) -> Reply:
        """Do it, unless it was done before, and say so."""
        event = json.loads(content)
        with self.lock:
            if event["event_id"] not in self.done:
                self.done[event["event_id"]] = event
                self.effects[event["dedup_key"]] += 1
        return 200, {}, json.dumps({"event_id": event["event_id"], "status": "acknowledged"}).encode()


def is_signed(headers: Mapping[str, str], content: bytes, secret: bytes = SECRET) -> bool:
    """Whether the signature is right, as the guide for receivers works it out."""
    signed = f"{headers['Watchroom-Timestamp']}.{headers['Watchroom-Event-Id']}.".encode() + content
    wanted = "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, headers["Watchroom-Signature"])


@contextmanager
def receiving(certificate_file: Path) -> Iterator[Receiver]:
    """Run a receiver on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.path, dict(self.headers), content))
            status, headers, answer = receiver.reply(content)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

        def finish_request(self, request: Any, client_address: Any) -> None:
            with context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)
    with Quiet((LOOPBACK, 0), Handler) as server:
        receiver = Receiver(server.server_address[1], certificate_file)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def hooked(store: Store, receiver: Receiver, patch: pytest.MonkeyPatch) -> Store:
    """Make the receiver the executor of a store; secret and certificate are in the environment."""
    patch.setenv(SECRET_VARIABLE, SECRET.decode())
    patch.setenv("SSL_CERT_FILE", str(receiver.certificate))
    set_executor(store, LOCAL, executor=receiver.url, hosts=[HOST, LOOPBACK, "::1"])
    return store


def closed_port() -> int:
    """Return a port of the loopback at which nobody listens."""
    with socket.socket() as door:
        door.bind((LOOPBACK, 0))
        return int(door.getsockname()[1])
