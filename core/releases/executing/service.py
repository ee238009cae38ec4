"""Carrying an approved release out: what is sent to the executor, step by step.

Nothing is live because it was sent. What an executor is to do is written into the outbox in the transaction of
the decision; a release moves on when the acknowledgement arrives.
"""

from datetime import datetime

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import RefusedError
from core.releases import quorum
from core.releases.advancing import why_held
from core.releases.awaited import NOT_APPROVED, awaited, dedup_key, payload
from core.releases.policy import controls_of
from core.releases.release import Decision, Release
from core.releases.states import ReleaseState
from core.releases.validity import told
from core.releases.written import already_decided, change, moment
from core.store import models as stored_models
from core.store import outbox
from core.store import release_facts as facts
from core.store import releases as stored
from core.store.database import Session, Store
from core.store.repeats import done_before


@refusals_recorded
def execute(store: Store, principal: Principal, release_id: int, *, idempotency_key: str | None = None) -> Release:
    """Have the executor begin with the first step of an approved release.

    Everything the approvals rest on is read again in this transaction: the validity key, and whether the approvers
    still hold the roles they approved with.

    Raises
    ------
    RefusedError
        ``illegal_move`` before it is approved, or before the waiting time is over; ``stale_evidence`` (the release is
        STALE then) and ``expired``; ``already_decided`` when it was executed before.
    """
    authorize(principal, Action.RELEASE_EXECUTE)
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_EXECUTED, about=str(release_id)):
            return release
        _must_be_approved(session, release)
        overtaken = _overtaken(session, principal, release, at)
        if overtaken is None:
            _must_have_waited(release, at)
            now = stored.move(session, release, ReleaseState.EXECUTING, {"executing_since": at, "why": ""}, at=at)
            stored.add_decision(session, now, Decision.EXECUTE, by=principal.name, at=at, reason="", digest=now.digest)
            _send(session, now, at)
            record(
                session,
                principal,
                AuditAction.RELEASE_EXECUTED,
                **change(now, release, at=at),
                idempotency_key=idempotency_key,
            )
            return now
    raise overtaken


@refusals_recorded
def advance(store: Store, principal: Principal, release_id: int, *, idempotency_key: str | None = None) -> Release:
    """Have the executor take the next step of a plan; the release stays where it is until that is acknowledged.

    Raises
    ------
    RefusedError
        ``illegal_move`` when nothing is live yet, the plan is done, a step is under way or has not stood long enough,
        a blocking finding was raised meanwhile, or the model is retired.
    """
    authorize(principal, Action.RELEASE_EXECUTE)
    with store.write() as session:
        release, at = stored.release_by_id(session, release_id, lock=True), store.clock.now()
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_ADVANCED, about=str(release_id)):
            return release
        _must_be_advanceable(session, release, at)
        now = stored.change(session, release, {"executing_since": at, "why": ""})
        _send(session, now, at)
        record(
            session,
            principal,
            AuditAction.RELEASE_ADVANCED,
            **change(now, release, at=at),
            idempotency_key=idempotency_key,
        )
        return now


def _must_be_approved(session: Session, release: Release) -> None:
    if release.state in NOT_APPROVED:
        raise RefusedError("illegal_move", f"Release {release.id} is {release.state}: it is not approved.")
    if release.state is ReleaseState.STALE:
        raise RefusedError("stale_evidence", f"Release {release.id} is stale: {release.why}.")
    if release.state is ReleaseState.EXPIRED:
        raise RefusedError("expired", f"Release {release.id} expired: {release.why}.")
    if release.state is not ReleaseState.APPROVED:
        raise already_decided(release, stored.decisions(session, release.id))


def _must_have_waited(release: Release, at: datetime) -> None:
    assert release.approved_at is not None
    wait = controls_of(release).wait
    begins = release.approved_at + wait
    if at < begins:
        hours = wait.total_seconds() / 3600
        raise RefusedError(
            "illegal_move",
            f"Tier {release.tier} waits {hours:g} hours after the last approval: release {release.id} can be executed "
            f"from {moment(begins)} on.",
        )


def _overtaken(session: Session, principal: Principal, release: Release, at: datetime) -> RefusedError | None:
    """Return why an approved release cannot be executed any more, having moved it to EXPIRED or STALE."""
    if release.expires_at is not None and release.expires_at <= at:
        now = stored.move(session, release, ReleaseState.EXPIRED, {"why": "not executed in time"}, at=at)
        record(session, principal, AuditAction.RELEASE_EXPIRED, **change(now, release, at=at))
        return RefusedError("expired", f"The approval of release {release.id} ended at {moment(release.expires_at)}.")
    table = facts.laid_out(session, release.id, at)
    found = facts.differences_now(session, release, at=at)
    missing = quorum.waits_for(table.voters, controls_of(release).quorum, table.parties)
    if found:
        why = f"changed since the evidence was frozen: {told(found)}"
    elif missing:
        why = f"an approver no longer holds the role for {', '.join(repr(name) for name in missing)}"
    else:
        return None
    now = stored.move(session, release, ReleaseState.STALE, {"why": why}, at=at)
    more = {"differences": [one.as_json() for one in found], "why": why}
    record(session, principal, AuditAction.RELEASE_STALE, **change(now, release, at=at, more=more))
    return RefusedError("stale_evidence", f"Release {release.id} is stale: {why}. Submit it again for new evidence.")


def _must_be_advanceable(session: Session, release: Release, at: datetime) -> None:
    why = why_held(release, at, barred=facts.barred(session, release, at))
    if why:
        raise RefusedError("illegal_move", f"Release {release.id} cannot advance: {why}.")


def _send(session: Session, release: Release, at: datetime) -> None:
    wanted = awaited(release)
    assert wanted is not None
    version = stored_models.version_by_id(session, release.version_id)
    model = stored_models.model_by_id(session, release.model_id)
    outbox.put(
        session,
        release_id=release.id,
        kind=wanted.kind.value,
        dedup_key=dedup_key(release, wanted),
        payload=payload(
            release, wanted, model_key=model.key, version=version.name, artifact_sha256=version.artifact_sha256
        ),
        executor=facts.executor_of(session),
        at=at,
    )
