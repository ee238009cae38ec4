import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.audit.signing import is_signed, new_key, public_of, signature_of

FIELDS = {"seq": 7, "hash": "ab" * 32, "count": 7, "at": "2026-01-01T00:00:00.000+00:00"}
KEY = new_key()
SIGNED = FIELDS | {"signature": signature_of(KEY, "anchor", FIELDS)}


def test_what_was_signed_holds_under_its_own_key_and_kind_only():
    assert is_signed(public_of(KEY), "anchor", SIGNED)
    assert not is_signed(public_of(new_key()), "anchor", SIGNED)
    assert not is_signed(public_of(KEY), "verified", SIGNED)


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_any_field_is_seen(field):
    changed = SIGNED | {field: SIGNED[field] + (1 if isinstance(SIGNED[field], int) else "0")}
    assert not is_signed(public_of(KEY), "anchor", changed)


def test_a_number_written_as_text_is_another_document():
    assert not is_signed(public_of(KEY), "anchor", SIGNED | {"seq": "7"})


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: f" {text}", lambda text: text[:-2], lambda _: "", lambda _: "é"]
)
def test_a_signature_has_one_way_to_be_written(change):
    assert not is_signed(public_of(KEY), "anchor", SIGNED | {"signature": change(SIGNED["signature"])})
    assert not is_signed(change(public_of(KEY)), "anchor", SIGNED)


def test_every_changed_bit_of_a_signature_is_seen():
    random.seed(1)
    raw = bytes.fromhex(SIGNED["signature"])
    for place in random.sample(range(512), 100):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        assert not is_signed(public_of(KEY), "anchor", SIGNED | {"signature": changed.hex()})


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ],
)
def test_a_file_that_is_no_such_key_is_refused(key):
    with pytest.raises(ValueError, match=r".+"):
        public_of(key)
