"""The signature of a webhook: who holds the secret sent exactly this, at this time."""

import hashlib
import hmac

SECRET_VARIABLE = "WATCHROOM_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
SHORTEST_SECRET = 32
VERSION = "v1"


def secret_fault(secret: bytes | None) -> str | None:
    """Return why nothing can be signed with this secret, or None when it can.

    >>> secret_fault(b"short")
    'WATCHROOM_WEBHOOK_SECRET has 5 bytes, at least 32 are needed'
    """
    if not secret:
        return f"{SECRET_VARIABLE} is not set"
    if len(secret) < SHORTEST_SECRET:
        return f"{SECRET_VARIABLE} has {len(secret)} bytes, at least {SHORTEST_SECRET} are needed"
    return None


def signature(secret: bytes, *, timestamp: int, event_id: str, content: bytes) -> str:
    """Return the value of the header ``Watchroom-Signature``.

    HMAC-SHA256 over ``timestamp.event_id.body``, in hexadecimal digits after ``v1=``. The timestamp is part of it, so
    that an old request cannot be sent again later; the event id, so that a body cannot be sent under another one.

    Parameters
    ----------
    timestamp : int
        Seconds since 1970, as in the header ``Watchroom-Timestamp``.

    References
    ----------
    RFC 2104.
    """
    signed = b".".join((str(timestamp).encode(), event_id.encode(), content))
    return f"{VERSION}={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"
