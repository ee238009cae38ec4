import pytest

from core.executors.signature import secret_fault, signature

SECRET = b"0123456789abcdef0123456789abcdef"
GIVEN = {"timestamp": 1_700_000_000, "event_id": "e-1", "content": b'{"a":1}'}


def test_the_signature_is_what_openssl_says():
    # printf '1700000000.e-1.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    assert signature(SECRET, **GIVEN) == "v1=e74d8027a3526830474cffe3b894ff5d126101c43caeae4991159b5edd41a26c"


@pytest.mark.parametrize("changed", [{"timestamp": 1_700_000_001}, {"event_id": "e-2"}, {"content": b'{"a":2}'}])
def test_time_event_and_body_are_all_signed(changed):
    assert signature(SECRET, **{**GIVEN, **changed}) != signature(SECRET, **GIVEN)
    assert signature(SECRET[::-1], **GIVEN) != signature(SECRET, **GIVEN)


@pytest.mark.parametrize(("secret", "words"), [(None, "not set"), (b"", "not set"), (b"x" * 31, "31 bytes")])
def test_nothing_is_signed_with_a_missing_or_a_short_secret(secret, words):
    assert words in secret_fault(secret)
    assert secret_fault(b"x" * 32) is None
