"""The same click again: what was done under an idempotency key before."""

import json

from sqlalchemy.orm import Session

from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.chain import AuditEntry
from core.errors import ConflictError
from core.store.audit import by_key


def done_before(
    session: Session,
    principal: Principal,
    key: str | None,
    action: AuditAction,
    *,
    about: str | None = None,
    model: str | None = None,
) -> AuditEntry | None:
    """Return the entry that the same person's `action` wrote under this key, or None: it is done now, the first time.

    Parameters
    ----------
    about : the object that it must have been about; None: whichever it made
    model : of which the object that it made must be; None: any

    Raises
    ------
    ConflictError
        When the key was used for something else or by somebody else: nobody is told that theirs is done.
    """
    first = None if key is None else by_key(session, key)
    if first is None:
        return None
    same = first.action == action.value and first.actor == principal.name
    if not same or about not in (None, first.object_id) or model not in (None, _model_of(first)):
        raise ConflictError(
            f"The key '{key}' was used before, for {first.action} {first.object_id} by {first.actor}: open the page "
            "anew."
        )
    return first


def _model_of(entry: AuditEntry) -> str:
    """Return the model of what an entry made: a release names it, anything else carries it in its own name."""
    if entry.object_type == "release":
        return str(json.loads(entry.after)["model"])
    return entry.object_id.rpartition("/")[0]
