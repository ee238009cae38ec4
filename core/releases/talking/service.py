"""Comments and files beside a release, and what came since somebody last looked."""

import json
from datetime import datetime
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import NotFoundError
from core.releases import attachments
from core.releases.release import ReleaseComment
from core.releases.written import needed, sayable
from core.store import release_talk as stored
from core.store import releases as stored_releases
from core.store.database import Session, Store
from core.store.repeats import done_before


@refusals_recorded
def comment(
    store: Store, principal: Principal, release_id: int, *, text: str, idempotency_key: str | None = None
) -> ReleaseComment:
    """Say something about a release; it changes nothing about it."""
    authorize(principal, Action.RELEASE_COMMENT)
    said = needed(text, "The comment")
    with store.write() as session:
        first = done_before(session, principal, idempotency_key, AuditAction.RELEASE_COMMENTED, about=str(release_id))
        if first is not None:
            return stored.comment_by_id(session, json.loads(first.after)["comment"])
        release, at = stored_releases.release_by_id(session, release_id), store.clock.now()
        made = stored.add_comment(session, release.id, by=principal.name, at=at, text=said)
        after = {"at": at, "model": release.model, "comment": made.id, "text": said}
        _record(session, principal, AuditAction.RELEASE_COMMENTED, release.id, after, key=idempotency_key)
        return made


@refusals_recorded
def attach(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    file: str,
    content: bytes,
    text: str = "",
    idempotency_key: str | None = None,
) -> ReleaseComment:
    """Lay a PDF or a PNG beside a release.

    Raises
    ------
    BadInputError
        When it is another kind of file by its content, larger than 10 MB, or has a name that cannot be shown.
    """
    authorize(principal, Action.RELEASE_COMMENT)
    kind, said = attachments.media_type(content), sayable(text, "The comment")
    shown_as = attachments.display_name(file, kind)
    with store.read() as session:
        stored_releases.release_by_id(session, release_id)
    digest = attachments.keep(store.home, content)
    with store.write() as session:
        first = done_before(session, principal, idempotency_key, AuditAction.RELEASE_ATTACHED, about=str(release_id))
        if first is not None:
            return stored.comment_by_id(session, json.loads(first.after)["comment"])
        release, at = stored_releases.release_by_id(session, release_id), store.clock.now()
        made = stored.add_comment(
            session,
            release.id,
            by=principal.name,
            at=at,
            text=said,
            file=shown_as,
            media_type=kind,
            sha256=digest,
            size=len(content),
        )
        after = {"at": at, "model": release.model, "comment": made.id, "file": shown_as, "sha256": digest}
        _record(session, principal, AuditAction.RELEASE_ATTACHED, release.id, after, key=idempotency_key)
        return made


@refusals_recorded
def attachment(store: Store, principal: Principal, comment_id: int) -> tuple[ReleaseComment, bytes]:
    """Return an attached file and its content, to be handed out as a download and never shown in the page.

    Raises
    ------
    NotFoundError
        When the comment has no file.
    BadInputError
        When the file is gone or was changed in its folder.
    """
    authorize(principal, Action.RELEASE_COMMENT)
    with store.read() as session:
        found = stored.comment_by_id(session, comment_id)
    if found.sha256 is None:
        raise NotFoundError(f"Comment {comment_id} has no file.")
    return found, attachments.read(store.home, found.sha256)


@refusals_recorded
def visit(store: Store, principal: Principal, release_id: int) -> datetime | None:
    """Note that a person looks at a release; returns when they did before, None at the first time.

    Bookkeeping of what is new to them, no decision: it writes no audit entry.
    """
    authorize(principal, Action.RELEASE_COMMENT)
    with store.write() as session:
        release = stored_releases.release_by_id(session, release_id)
        before = stored.last_visit(session, release.id, principal.name)
        stored.put_visit(session, release.id, principal.name, at=store.clock.now())
        return before


def _record(
    session: Session,
    principal: Principal,
    action: AuditAction,
    release_id: int,
    after: dict[str, Any],
    *,
    key: str | None,
) -> None:
    record(
        session,
        principal,
        action,
        object_type="release",
        object_id=str(release_id),
        after=after,
        idempotency_key=key,
    )
