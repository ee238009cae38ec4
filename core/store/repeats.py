"""The same click again: what was done under an idempotency key before."""

from sqlalchemy.orm import Session

from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry
from core.errors import ConflictError
from core.store.audit import by_key


def done_before(
    session: Session, key: str | None, action: AuditAction, *, about: str | None = None
) -> AuditEntry | None:
    """Return the entry that `action` wrote under this key, or None: it is done now for the first time.

    Parameters
    ----------
    about : the object that it must have been about; None: whichever it made

    Raises
    ------
    ConflictError
        When the key was used for something else.
    """
    first = None if key is None else by_key(session, key)
    if first is not None and (first.action != action.value or about not in (None, first.object_id)):
        raise ConflictError(f"The key '{key}' was used before, for {first.action} {first.object_id}.")
    return first
