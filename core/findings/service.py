"""Raising, extending, closing and reopening findings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError, RefusedError
from core.findings.finding import (
    Finding,
    FindingState,
    Line,
    as_raised,
    by_urgency,
    due_within,
    extended,
    line_of,
    must_be_of_line,
    new_finding,
    told,
)
from core.inventory.developers import developers
from core.store import findings as stored
from core.store import models as stored_models
from core.store import people as stored_people
from core.store import records as stored_records
from core.store.database import Session, Store
from core.store.repeats import done_before


@refusals_recorded
def raise_finding(
    store: Store,
    principal: Principal,
    *,
    model: str,
    severity: str,
    category: str,
    title: str,
    owner: str,
    text: str = "",
    version: str | None = None,
    due: date | None = None,
    line: str | None = None,
    idempotency_key: str | None = None,
) -> Finding:
    """Raise a finding about a model, or about one of its versions.

    Parameters
    ----------
    due : date, optional
        None: as many days from today as the severity gives.
    line : ``first`` or ``second``, optional
        For which line somebody of both speaks; None: the second.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person may not raise findings, or not for this line.
    BadInputError
        When a word is unknown, a text cannot be kept, the day is past or later than the severity allows, or the
        owner is nobody whom the store knows.
    """
    authorize(principal, Action.FINDING_RAISE)
    side, at = line_of(principal.roles, line), store.clock.now()
    new = new_finding(
        severity=severity, category=category, title=title, text=text, owner=owner, due=due, today=at.date()
    )
    with store.write() as session:
        new = replace(new, owner=stored_people.known_owner(session, new.owner))
        known = stored_models.model_by_name(session, model)
        first = done_before(session, principal, idempotency_key, AuditAction.FINDING_RAISED, model=known.name)
        if first is not None:
            return stored.finding_by_id(session, int(first.object_id.rpartition("/")[2]))
        about = None if version is None else stored_models.version_by_name(session, known.id, version).id
        made = stored.add_finding(
            session, new, model_id=known.id, version_id=about, line=side, by=principal.name, at=at
        )
        record(
            session,
            principal,
            AuditAction.FINDING_RAISED,
            object_type="finding",
            object_id=_name(made),
            after={"at": at, **as_raised(made)},
            idempotency_key=idempotency_key,
        )
        return made


@refusals_recorded
def extend_finding(
    store: Store,
    principal: Principal,
    finding_id: int,
    *,
    until: date,
    why: str,
    row_version: int | None = None,
    idempotency_key: str | None = None,
) -> Finding:
    """Give a finding longer; only the line that raised it may.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person is of the other line. ``not_independent``: they built what the second line judged.
    BadInputError
        When it is closed, the day is no later or too late, or no reason is given.
    ConflictError
        When somebody else changed it since.
    """
    authorize(principal, Action.FINDING_WORK)
    with store.write() as session:
        read = stored.finding_by_id(session, finding_id)
        if done_before(session, principal, idempotency_key, AuditAction.FINDING_EXTENDED, about=_name(read)):
            return read
        must_be_of_line(read, principal.roles, to="extend")
        _must_be_independent(session, principal, read)
        _must_be_unchanged(read, row_version)
        given = extended(read, until, by=principal.name, why=why, at=store.clock.now())
        made = stored.change_finding(session, read, {"due": until, "extensions": stored.extensions_document(given)})
        record(
            session,
            principal,
            AuditAction.FINDING_EXTENDED,
            object_type="finding",
            object_id=_name(read),
            before={"due": read.due},
            after={"at": given[-1].at, "due": until, "extensions": len(given)},
            reason=given[-1].why,
            idempotency_key=idempotency_key,
        )
        return made


@refusals_recorded
def close_finding(
    store: Store,
    principal: Principal,
    finding_id: int,
    *,
    closure: str,
    row_version: int | None = None,
    idempotency_key: str | None = None,
) -> Finding:
    """Close a finding with what shows that it is mended; only the line that raised it may.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person is of the other line. ``not_independent``: they built what the second line judged.
    BadInputError
        When nothing shows that it is mended.
    ConflictError
        When it is closed already, or somebody else changed it since.
    """
    authorize(principal, Action.FINDING_CLOSE)
    with store.write() as session:
        read = stored.finding_by_id(session, finding_id)
        if done_before(session, principal, idempotency_key, AuditAction.FINDING_CLOSED, about=_name(read)):
            return read
        must_be_of_line(read, principal.roles, to="close")
        _must_be_independent(session, principal, read)
        if not read.is_open:
            when = f"{read.closed_at:%Y-%m-%d %H:%M}"
            raise ConflictError(f"Finding {read.id} was already closed by {read.closed_by} at {when} UTC.")
        _must_be_unchanged(read, row_version)
        at, shown = store.clock.now(), told(closure, "closing evidence")
        return _changed(
            session,
            principal,
            read,
            {"state": FindingState.CLOSED.value, "closed_by": principal.name, "closed_at": at, "closure": shown},
            AuditAction.FINDING_CLOSED,
            reason=shown,
            key=idempotency_key,
            after={"at": at, "state": FindingState.CLOSED.value},
        )


@refusals_recorded
def reopen_finding(
    store: Store,
    principal: Principal,
    finding_id: int,
    *,
    why: str,
    due: date | None = None,
    idempotency_key: str | None = None,
) -> Finding:
    """Reopen a finding that was closed; it counts how often, and is due again as its severity says.

    Raises
    ------
    BadInputError
        When it is open, no reason is given, or the day is past or too late.
    """
    authorize(principal, Action.FINDING_RAISE)
    with store.write() as session:
        read, at = stored.finding_by_id(session, finding_id), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.FINDING_REOPENED, about=_name(read)):
            return read
        if read.is_open:
            raise BadInputError(f"Finding {read.id} is open.")
        again = due_within(read.severity, due, at.date())
        cleared = {"state": FindingState.OPEN.value, "closed_by": None, "closed_at": None, "closure": None}
        return _changed(
            session,
            principal,
            read,
            {**cleared, "due": again, "reopened": read.reopened + 1},
            AuditAction.FINDING_REOPENED,
            reason=told(why, "reason"),
            key=idempotency_key,
            after={"at": at, "state": FindingState.OPEN.value, "due": again, "reopened": read.reopened + 1},
        )


def _changed(
    session: Session,
    principal: Principal,
    read: Finding,
    changes: Mapping[str, Any],
    action: AuditAction,
    *,
    after: Mapping[str, Any],
    reason: str,
    key: str | None,
) -> Finding:
    """Change a finding and write down what it was and is."""
    made = stored.change_finding(session, read, changes)
    before = {"state": read.state.value, "due": read.due}
    record(
        session,
        principal,
        action,
        object_type="finding",
        object_id=_name(read),
        before=before,
        after=after,
        reason=reason,
        idempotency_key=key,
    )
    return made


def _name(finding: Finding) -> str:
    return f"{finding.model}/{finding.id}"


def _must_be_independent(session: Session, principal: Principal, read: Finding) -> None:
    """Let pass who, for the second line, did not build what the finding is about, whatever else they are."""
    adders = [] if read.version_id is None else [stored_models.version_by_id(session, read.version_id).added_by]
    built = developers(stored_records.record_of(session, read.model_id).document, *adders)
    if read.line is Line.SECOND and principal.name in built:
        raise RefusedError(
            "not_independent",
            f"{principal.name} took part in building '{read.model}': somebody else says it is mended.",
        )


def _must_be_unchanged(read: Finding, row_version: int | None) -> None:
    if row_version is not None and row_version != read.row_version:
        raise ConflictError(f"Finding {read.id} was changed by somebody else since you opened it; look and repeat.")


def findings(store: Store, *, model: str | None = None, only_open: bool = False) -> tuple[Finding, ...]:
    """Return the findings of a model or of all, what is due first on top.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        model_id = None if model is None else stored_models.model_by_name(session, model).id
        return by_urgency(stored.findings(session, model_id=model_id, only_open=only_open))


def finding(store: Store, finding_id: int) -> Finding:
    """Return one finding.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    with store.read() as session:
        return stored.finding_by_id(session, finding_id)
