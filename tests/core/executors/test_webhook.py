import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.clock import Clock
from core.executors.delivery import body
from core.executors.port import Answer, Outcome
from core.executors.target import parse_target
from core.executors.webhook import LARGEST_ANSWER, Webhook, read_answer
from tests.core.executors.made_up import DELIVERY
from tests.https_server import (
    HOST,
    LOOPBACK,
    SECRET,
    closed_port,
    is_signed,
    trusting,
)

NOW = Clock(datetime(2026, 3, 4, 12, 30, tzinfo=UTC))
Ask = Callable[..., Answer]


@pytest.fixture
def ask(receiver) -> Ask:
    """Return what delivers to the receiver; what is given replaces a part of the webhook."""

    def asked(**more) -> Answer:
        given = {
            "target": parse_target(receiver.url),
            "allowed": frozenset({HOST, LOOPBACK}),
            "secret": SECRET,
            "context": trusting(receiver.certificate),
            "resolve": lambda *_: (LOOPBACK,),
            "clock": NOW,
        }
        return Webhook(**{**given, **more}).deliver(DELIVERY)

    return asked


def test_an_event_arrives_signed_and_its_receiver_acknowledges_it(receiver, ask):
    answer = ask()
    assert answer.outcome is Outcome.ACKNOWLEDGED
    (path, headers, content) = receiver.requests[0]
    assert path == "/releases"
    assert content == body(DELIVERY)
    assert headers["Watchroom-Event-Id"] == DELIVERY.event_id
    assert headers["Idempotency-Key"] == DELIVERY.dedup_key
    assert headers["Watchroom-Timestamp"] == str(int(NOW.now().timestamp()))
    assert is_signed(headers, content)
    assert not is_signed(headers, content.replace(b"v2", b"v3"))
    assert headers["Host"] == f"{HOST}:{receiver.port}"


def test_no_proxy_of_the_environment_is_asked(receiver, ask, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert ask().outcome is Outcome.ACKNOWLEDGED


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(receiver, ask, status):
    receiver.reply = lambda _: (status, {"Location": f"https://{HOST}:{receiver.port}/elsewhere"}, b"")
    answer = ask()
    assert answer.outcome is Outcome.FAILED
    assert "not followed" in answer.detail
    assert [path for path, _, _ in receiver.requests] == ["/releases"]


def test_what_the_other_side_writes_is_never_shown(receiver, ask):
    words = b"the-inner-secret of the other side"
    for status in (200, 302, 400, 409, 500):
        receiver.reply = lambda _, status=status: (status, {"X-Said": words.decode()}, words)
        assert "secret" not in ask().detail


def test_an_answer_that_is_too_long_is_a_failure(receiver, ask):
    receiver.reply = lambda _: (200, {}, b" " * (LARGEST_ANSWER + 1))
    assert "longer than 65,536 bytes" in ask().detail


@pytest.mark.parametrize(
    ("announced", "outcome"), [("999999999999999", "failed"), ("-1", "accepted"), ("many", "accepted")]
)
def test_no_room_is_made_for_a_length_that_is_only_announced(receiver, ask, announced, outcome):
    receiver.reply = lambda _: (200, {"Content-Length": announced}, b"{}")
    assert ask(seconds=1.0).outcome.value == outcome


def test_an_answer_that_was_cut_off_is_asked_for_again(receiver, ask):
    receiver.reply = lambda _: (200, {"Content-Length": "200"}, said("refused")[:-1])
    answer = ask()
    assert (answer.outcome, answer.detail) == (Outcome.FAILED, "the connection failed (IncompleteRead)")


def test_the_secret_is_in_no_picture_of_the_webhook():
    webhook = Webhook(target=parse_target(f"https://{HOST}/"), allowed=frozenset({HOST}), secret=SECRET)
    assert SECRET.decode() not in repr(webhook)


def test_an_answer_that_drips_ends_at_the_deadline(receiver, ask):
    def drip(_content: bytes):
        time.sleep(1.5)
        return 200, {}, b"{}"

    receiver.reply = drip
    begun = time.monotonic()
    assert ask(seconds=0.5).detail == "no answer within 0.5 seconds"
    assert time.monotonic() - begun < 1.4


def test_a_drop_at_a_time_does_not_prolong_the_deadline(certificate_file, ask):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)

    with socket.create_server((LOOPBACK, 0)) as door:

        def drip() -> None:
            plain, _ = door.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65_536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\n")
                    for _ in range(40):
                        secured.sendall(b"X: 1\r\n")
                        time.sleep(0.05)
            except OSError:
                pass

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        begun = time.monotonic()
        answer = ask(target=parse_target(f"https://{HOST}:{door.getsockname()[1]}/"), seconds=0.5)
        assert answer.detail == "no answer within 0.5 seconds"
        assert time.monotonic() - begun < 1.5
        thread.join()


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(receiver, ask):
    answer = ask(context=ssl.create_default_context())
    assert answer.outcome is Outcome.FAILED
    assert "its certificate is not accepted" in answer.detail
    assert receiver.requests == []


def test_a_certificate_of_another_name_is_not_accepted(receiver, ask):
    answer = ask(
        target=parse_target(f"https://other.example.com:{receiver.port}/"),
        allowed=frozenset({"other.example.com", LOOPBACK}),
    )
    assert "its certificate is not accepted" in answer.detail
    assert receiver.requests == []


def test_the_certificates_of_the_environment_are_taken(receiver, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(receiver.certificate))
    assert ask(context=None).outcome is Outcome.ACKNOWLEDGED


def test_a_private_address_that_is_not_named_is_not_connected_to(receiver, ask):
    answer = ask(allowed=frozenset({HOST}))
    assert answer.detail == "its name leads to an address that is not public"
    assert receiver.requests == []


@pytest.mark.parametrize(("secret", "words"), [(None, "is not set"), (b"short", "has 5 bytes")])
def test_nothing_is_sent_without_a_long_secret(receiver, ask, secret, words):
    answer = ask(secret=secret)
    assert answer.outcome is Outcome.FAILED
    assert words in answer.detail
    assert receiver.requests == []


def test_nobody_there_and_no_name_are_failures(ask):
    assert "connection failed" in ask(target=parse_target(f"https://{HOST}:{closed_port()}/")).detail

    def unknown(*_):
        raise socket.gaierror

    assert ask(resolve=unknown).detail == "its name is not known"


def test_what_is_no_http_at_all_is_a_failure(certificate_file, ask):
    with socket.create_server((LOOPBACK, 0)) as door:
        answer = ask(target=parse_target(f"https://{HOST}:{door.getsockname()[1]}/"), seconds=0.3)
    assert answer.outcome is Outcome.FAILED


def said(status: str, event_id: str = DELIVERY.event_id) -> bytes:
    return json.dumps({"event_id": event_id, "status": status}).encode()


@pytest.mark.parametrize(
    ("status", "content", "outcome"),
    [
        (200, said("acknowledged"), Outcome.ACKNOWLEDGED),
        (201, said("acknowledged"), Outcome.ACKNOWLEDGED),
        (200, said("acknowledged", "another"), Outcome.ACCEPTED),
        (200, b'{"status": "acknowledged"}', Outcome.ACCEPTED),
        (200, said("accepted"), Outcome.ACCEPTED),
        (202, b"", Outcome.ACCEPTED),
        (204, b"", Outcome.ACCEPTED),
        (200, b"<html>", Outcome.ACCEPTED),
        (200, b"[" * 60_000, Outcome.ACCEPTED),
        (200, b'["acknowledged"]', Outcome.ACCEPTED),
        (200, said("refused"), Outcome.REFUSED),
        (409, b"", Outcome.REFUSED),
        (422, b"", Outcome.REFUSED),
        (500, said("acknowledged"), Outcome.FAILED),
        (302, said("acknowledged"), Outcome.FAILED),
        (401, b"", Outcome.FAILED),
        (404, b"", Outcome.FAILED),
        (429, b"", Outcome.FAILED),
        (503, said("refused"), Outcome.FAILED),
    ],
)
def test_only_an_answer_about_this_event_says_that_it_is_done(status, content, outcome):
    assert read_answer(status, content, DELIVERY.event_id).outcome is outcome
