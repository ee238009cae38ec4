"""The store's Ed25519 key: making it, signing with it, checking.

Signatures are checked here with the library `cryptography`; exports carry a checker of their own
(`core.audit.offline`), and a test holds the two to each other.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.audit.offline import hex_bytes, signed_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def new_key() -> bytes:
    """Return a new private key (PKCS #8 in PEM, not encrypted: it lies in a file that only its owner reads)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_of(private: bytes) -> str:
    """Return the public half of a private key as 64 hexadecimal digits.

    Raises
    ------
    ValueError
        When `private` is no such key.
    """
    return _loaded(private).public_key().public_bytes_raw().hex()


def signature_of(private: bytes, kind: str, fields: Mapping[str, Any]) -> str:
    """Return the signature (128 hexadecimal digits) of a document of a kind: ``anchor``, ``verified``, ``export``.

    The kind is signed too: an anchor can never be shown as something else.

    Raises
    ------
    ValueError
        When `private` is no such key.
    """
    return _loaded(private).sign(signed_text(kind, fields)).hex()


def is_signed(public: str, kind: str, fields: Mapping[str, Any]) -> bool:
    """Return whether ``fields["signature"]`` was made with the key of `public` over this document of this kind."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(hex_bytes(public, 32))
        key.verify(hex_bytes(fields["signature"], 64), signed_text(kind, fields))
    except (InvalidSignature, ValueError):
        return False
    return True


def _loaded(private: bytes) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private, password=None)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the key is not an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the key is not an Ed25519 key")
    return key
