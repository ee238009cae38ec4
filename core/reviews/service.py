"""Recording reviews and exceptions, and the calendar of what is due."""

from datetime import date, datetime

from core.access.matrix import Action, authorize
from core.access.principal import Principal, Role
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError, RefusedError
from core.inventory.controls import exception_fault
from core.inventory.developers import developers
from core.inventory.records import ModelInfo, VersionInfo
from core.log.names import shown
from core.reviews.calendar import Duty, calendar, exceptions_given
from core.reviews.review import OWED, DoneReview, Outcome, Review, ReviewKind, Scope, done_review
from core.store import models as stored_models
from core.store import records as stored_records
from core.store import reviews as stored
from core.store.database import Session, Store
from core.store.repeats import done_before

RECORDED_ELSEWHERE = frozenset({ReviewKind.DRILL, ReviewKind.EXCEPTION, *OWED})
"""Drills are recorded by holding one, exceptions by `except_validation`, what is owed by `finish_review`."""


@refusals_recorded
def record_review(
    store: Store,
    principal: Principal,
    *,
    model: str,
    kind: str,
    outcome: str,
    version: str | None = None,
    scope: str = "",
    notes: str = "",
    idempotency_key: str | None = None,
) -> Review:
    """Record a validation of a version, or the owner's review of a model, as done today.

    Parameters
    ----------
    scope : of a validation ``self_attest``, ``targeted`` or ``full``

    Raises
    ------
    RefusedError
        ``not_allowed``: a validation is a validator's, save what an owner may attest; an owner's review is an
        owner's. ``not_independent``: whoever built a version does not validate it.
    BadInputError
        When a word is unknown, or a validation names no version.
    """
    authorize(principal, Action.REVIEW_RECORD)
    done, at = done_review(kind=kind, scope=scope, outcome=outcome, notes=notes), store.clock.now()
    if done.kind in RECORDED_ELSEWHERE:
        raise BadInputError(f"A review of the kind {done.kind} is not recorded by hand.")
    if done.kind is ReviewKind.VALIDATION and version is None:
        raise BadInputError("A validation looks at one version: name it.")
    with store.write() as session:
        known = stored_models.model_by_name(session, model)
        first = done_before(session, principal, idempotency_key, AuditAction.REVIEW_RECORDED, model=known.name)
        if first is not None:
            return stored.review_by_id(session, int(first.object_id.rpartition("/")[2]))
        about = None if version is None else stored_models.version_by_name(session, known.id, version)
        _must_be_theirs(session, principal, known, about, done)
        made = stored.add_review(
            session, done, model_id=known.id, version_id=about.id if about else None, by=principal.name, at=at
        )
        _write_down(session, principal, made, at=at, key=idempotency_key)
        return made


def _must_be_theirs(
    session: Session, principal: Principal, model: ModelInfo, version: VersionInfo | None, done: DoneReview
) -> None:
    attested = done.kind is ReviewKind.OWNER_REVIEW or done.scope == Scope.SELF_ATTEST
    needed = Role.OWNER if attested else Role.VALIDATOR
    if needed not in principal.roles:
        raise RefusedError("not_allowed", f"This {str(done.kind).replace('_', ' ')} is for somebody who is {needed}.")
    if not attested:
        _must_be_independent(session, principal, model, version)


def _must_be_independent(session: Session, principal: Principal, model: ModelInfo, version: VersionInfo | None) -> None:
    """Let pass who neither added the version nor is the developer whom the record names."""
    document = stored_records.record_of(session, model.id).document
    if principal.name in developers(document, version.added_by if version else ""):
        raise RefusedError(
            "not_independent",
            f"{principal.name} took part in building '{version.name if version else model.name}' (developer in the "
            f"record: {shown(document.get('developer', 'nobody'))}): somebody else validates it.",
        )


@refusals_recorded
def finish_review(
    store: Store,
    principal: Principal,
    review_id: int,
    *,
    outcome: str,
    notes: str,
    idempotency_key: str | None = None,
) -> Review:
    """Do a review that is owed; not by whoever made it owed.

    Raises
    ------
    RefusedError
        ``not_independent``: the person did what is to be reviewed.
    BadInputError
        When nothing is said about it.
    ConflictError
        When somebody did it already.
    """
    authorize(principal, Action.REVIEW_RECORD)
    at = store.clock.now()
    with store.write() as session:
        read = stored.review_by_id(session, review_id)
        if done_before(session, principal, idempotency_key, AuditAction.REVIEW_RECORDED, about=_name(read)):
            return read
        if read.is_done:
            when = f"{read.done_at:%Y-%m-%d %H:%M}"
            raise ConflictError(f"Review {read.id} was already done by {read.done_by} at {when} UTC.")
        if principal.name == read.created_by:
            raise RefusedError("not_independent", f"{principal.name} did what is to be reviewed: somebody else looks.")
        done = done_review(kind=read.kind, scope="", outcome=outcome, notes=notes)
        if not done.notes:
            raise BadInputError("Say in the notes what you looked at and found.")
        made = stored.finish_review(session, read, done, by=principal.name, at=at)
        _write_down(session, principal, made, at=at, key=idempotency_key)
        return made


@refusals_recorded
def except_validation(
    store: Store, principal: Principal, *, model: str, until: date, why: str, idempotency_key: str | None = None
) -> Review:
    """Let a model be live with its validation overdue until a day, as far as its tier allows; a validator's.

    Raises
    ------
    RefusedError
        ``not_allowed``: the person is no validator. ``not_independent``: they built what is live.
    BadInputError
        When the tier allows no such exception, the day is past, or no reason is given.
    """
    authorize(principal, Action.REVIEW_RECORD)
    if Role.VALIDATOR not in principal.roles:
        raise RefusedError("not_allowed", "An exception from validation is a validator's to give.")
    at = store.clock.now()
    done = done_review(kind=ReviewKind.EXCEPTION, scope="", outcome=Outcome.PASSED, notes=why)
    if not done.notes or until < at.date():
        raise BadInputError("An exception needs a reason, and a last day that is not past.")
    with store.write() as session:
        known = stored_models.model_by_name(session, model)
        first = done_before(session, principal, idempotency_key, AuditAction.REVIEW_RECORDED, model=known.name)
        if first is not None:
            return stored.review_by_id(session, int(first.object_id.rpartition("/")[2]))
        live = None if known.champion_id is None else stored_models.version_by_id(session, known.champion_id)
        _must_be_independent(session, principal, known, live)
        controls = stored_records.release_policy(session)[stored_records.tier_of(session, known, at).in_force]
        earlier = exceptions_given(controls, stored.reviews(session, model_id=known.id))
        fault = exception_fault(controls, (until - at.date()).days, earlier=earlier)
        if fault:
            raise BadInputError(f"This exception cannot be given: {fault}.")
        made = stored.add_review(session, done, model_id=known.id, by=principal.name, at=at, due=until)
        _write_down(session, principal, made, at=at, key=idempotency_key)
        return made


def reviews(store: Store, model: str | None = None) -> tuple[Review, ...]:
    """Return the reviews of a model, or of all, oldest first.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        model_id = None if model is None else stored_models.model_by_name(session, model).id
        return stored.reviews(session, model_id=model_id)


def all_duties(store: Store) -> dict[str, tuple[Duty, ...]]:
    """Return what is due for every model, by its name."""
    with store.read() as session:
        at, every = store.clock.now(), stored.reviews(session)
        return {
            model.name: _duties(session, model, tuple(one for one in every if one.model_id == model.id), at)
            for model in stored_models.models(session)
        }


def _duties(session: Session, model: ModelInfo, done: tuple[Review, ...], at: datetime) -> tuple[Duty, ...]:
    controls = stored_records.release_policy(session)[stored_records.tier_of(session, model, at).in_force]
    since = model.champion_since.date() if model.champion_since else None
    return calendar(controls, done, live_since=since, today=at.date())


def _write_down(session: Session, principal: Principal, made: Review, *, at: datetime, key: str | None) -> None:
    record(
        session,
        principal,
        AuditAction.REVIEW_RECORDED,
        object_type="review",
        object_id=_name(made),
        after={
            "at": at,
            "kind": made.kind.value,
            "version": made.version,
            "release": made.release_id,
            "scope": made.scope,
            "outcome": made.outcome.value if made.outcome else None,
            "due": made.due,
        },
        reason=made.notes,
        idempotency_key=key,
    )


def _name(review: Review) -> str:
    return f"{review.model}/{review.id}"
