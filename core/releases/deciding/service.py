"""What people decide on a release that is put to the vote: approve it, send it back, refuse it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.access.matrix import Action, authorize
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.service import record, refusals_recorded
from core.errors import BadInputError, ConflictError, RefusedError
from core.findings.finding import as_raised, line_of, new_finding
from core.releases import quorum
from core.releases.evidence import asking_for_conditions, not_passed, without_note
from core.releases.policy import controls_of
from core.releases.release import Condition, Decision, EvidencePack, Release
from core.releases.states import ReleaseState
from core.releases.validity import told
from core.releases.written import change, moment, needed, not_up_for_decision, sayable
from core.store import findings as stored_findings
from core.store import people
from core.store import release_facts as facts
from core.store import releases as stored
from core.store.database import Session, Store
from core.store.release_facts import Table
from core.store.repeats import done_before


@refusals_recorded
def approve(
    store: Store,
    principal: Principal,
    release_id: int,
    *,
    digest: str,
    reason: str,
    notes: Mapping[str, str] | None = None,
    conditions: Sequence[Condition] = (),
    idempotency_key: str | None = None,
) -> Release:
    """Approve the evidence that the person saw; the last approval that is needed makes the release APPROVED.

    Parameters
    ----------
    digest : str
        Of the evidence on the person's screen.
    notes : mapping of gate to text
        What the person says of each gate that did not pass.
    conditions : sequence of Condition
        Each becomes a finding with an owner and a due date.

    Raises
    ------
    RefusedError
        ``already_approved_by_you``, ``self_approval``, ``not_independent``, ``not_allowed``; ``stale_evidence`` for
        another digest, evidence that is too old or a validity key that differs (the release is STALE then);
        ``expired``; ``gate_failed`` without a note on a gate that did not pass, or without the condition that the
        tier asks for beside an open finding; ``already_decided``.
    """
    authorize(principal, Action.RELEASE_DECIDE)
    said = needed(reason, "The reason")
    answers = {gate: sayable(text, "A note") for gate, text in (notes or {}).items()}
    with store.write() as session:
        table = facts.laid_out(session, release_id, store.clock.now())
        if done_before(session, principal, idempotency_key, AuditAction.RELEASE_APPROVED, about=str(release_id)):
            return table.release
        _must_be_able(table, principal)
        pack = _seen(session, table.release, digest)
        overtaken = _overtaken(session, principal, table, pack)
        if overtaken is None:
            _must_answer(pack, answers)
            _must_agree_conditions(session, table.release, pack, len(conditions))
            given = (said, answers, tuple(conditions))
            return _approved(session, principal, table, pack, given=given, key=idempotency_key)
    raise overtaken


@refusals_recorded
def ask_changes(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Send a release back to whoever asked for it: a draft again, with what has to change."""
    authorize(principal, Action.RELEASE_DECIDE)
    to, action = (Decision.CHANGES, ReleaseState.DRAFT), AuditAction.RELEASE_CHANGES_ASKED
    return _turn(store, principal, release_id, to, action=action, reason=reason, key=idempotency_key)


@refusals_recorded
def reject(
    store: Store, principal: Principal, release_id: int, *, reason: str, idempotency_key: str | None = None
) -> Release:
    """Refuse a release for good."""
    authorize(principal, Action.RELEASE_DECIDE)
    to, action = (Decision.REJECT, ReleaseState.REJECTED), AuditAction.RELEASE_REJECTED
    return _turn(store, principal, release_id, to, action=action, reason=reason, key=idempotency_key)


def _turn(
    store: Store,
    principal: Principal,
    release_id: int,
    to: tuple[Decision, ReleaseState],
    *,
    action: AuditAction,
    reason: str,
    key: str | None,
) -> Release:
    """Decide against a release that waits for approval: one person is enough."""
    said = needed(reason, "The reason")
    with store.write() as session:
        table = facts.laid_out(session, release_id, store.clock.now())
        if done_before(session, principal, key, action, about=str(release_id)):
            return table.release
        closed = not_up_for_decision(table.release, table.decisions) or _expired(session, principal, table)
        if closed is None:
            return _moved(session, principal, table, to, action=action, said=said, key=key)
    raise closed


def _moved(
    session: Session,
    principal: Principal,
    table: Table,
    to: tuple[Decision, ReleaseState],
    *,
    action: AuditAction,
    said: str,
    key: str | None,
) -> Release:
    (decision, state), release = to, table.release
    now = stored.move(session, release, state, {"why": said}, at=table.at)
    stored.add_decision(session, now, decision, by=principal.name, at=table.at, reason=said, digest=release.digest)
    more = {"decision": decision.value}
    record(session, principal, action, **change(now, release, at=table.at, more=more), reason=said, idempotency_key=key)
    return now


def _must_be_able(table: Table, principal: Principal) -> None:
    """Let pass who may approve this release now."""
    release = table.release
    voter = facts.voter_of(principal)
    if any(known.name == voter.name for known in table.voters) and release.state is not ReleaseState.STALE:
        raise RefusedError("already_approved_by_you", "You have approved this release already.")
    closed = not_up_for_decision(release, table.decisions)
    if closed is not None:
        raise closed
    refused = quorum.why_not(voter, table.voters, controls_of(release).quorum, table.parties)
    if refused is not None:
        raise refused


def _seen(session: Session, release: Release, digest: str) -> EvidencePack:
    """Return the frozen evidence, once it is what the person's screen showed."""
    if digest != release.digest:
        raise RefusedError(
            "stale_evidence",
            f"Your screen showed the evidence {digest[:12] or 'of nothing'}…, release {release.id} rests on "
            f"{(release.digest or 'none')[:12]}…: read it again, then decide.",
        )
    pack = stored.find_pack(session, digest)
    if pack is None:
        raise ConflictError(f"The evidence {digest[:12]}… of release {release.id} is not in the store.")
    return pack


def _overtaken(session: Session, principal: Principal, table: Table, pack: EvidencePack) -> RefusedError | None:
    """Return why the evidence cannot be approved any more; the release has been moved to EXPIRED or STALE then."""
    expired = _expired(session, principal, table)
    if expired is not None:
        return expired
    release, at = table.release, table.at
    found = facts.differences_now(session, release, at=at)
    freshness = controls_of(release).freshness
    if found:
        why = f"changed since the evidence was frozen: {told(found)}"
    elif at - pack.created_at > freshness:
        hours = freshness.total_seconds() / 3600
        why = f"the evidence is of {moment(pack.created_at)}; tier {release.tier} takes none older than {hours:g} hours"
    else:
        return None
    now = stored.move(session, release, ReleaseState.STALE, {"why": why}, at=at)
    more = {"differences": [one.as_json() for one in found], "why": why}
    record(session, principal, AuditAction.RELEASE_STALE, **change(now, release, at=at, more=more))
    return RefusedError("stale_evidence", f"Release {release.id} is stale: {why}. Submit it again for new evidence.")


def _expired(session: Session, principal: Principal, table: Table) -> RefusedError | None:
    """Return that the time to decide is over, having ended the release; None while there is time."""
    release, at = table.release, table.at
    if release.expires_at is None or release.expires_at > at:
        return None
    now = stored.move(session, release, ReleaseState.EXPIRED, {"why": "nobody decided in time"}, at=at)
    record(session, principal, AuditAction.RELEASE_EXPIRED, **change(now, release, at=at, more={}))
    return RefusedError("expired", f"Release {release.id} expired at {moment(release.expires_at)}: request it anew.")


def _must_answer(pack: EvidencePack, notes: Mapping[str, str]) -> None:
    """Let pass who says something of every gate that did not pass."""
    known = not_passed(pack.document)
    unknown = sorted(set(notes) - {gate["gate"] for gate in pack.document["gates"]})
    if unknown:
        raise BadInputError(f"There is no gate '{unknown[0][:60]}' in this evidence: a note is GATE=TEXT.")
    silent = without_note(pack.document, notes)
    if silent:
        listed = ", ".join(f"{gate} ({known[gate]})" for gate in silent)
        raise RefusedError("gate_failed", f"Not every gate passes; an approval needs a note on each: {listed}.")


def _must_agree_conditions(session: Session, release: Release, pack: EvidencePack, n_new: int) -> None:
    """Let pass who agrees a condition for each open finding for which the tier asks for one."""
    asking = asking_for_conditions(pack.document)
    if asking and n_new + len(stored_findings.findings(session, release_id=release.id, only_open=True)) < len(asking):
        listed = ", ".join(str(one) for one in asking)
        raise RefusedError(
            "gate_failed",
            f"Tier {release.tier} asks for a condition, with owner and due date, for each open finding of high "
            f"severity: {listed}.",
        )


def _approved(
    session: Session,
    principal: Principal,
    table: Table,
    pack: EvidencePack,
    *,
    given: tuple[str, Mapping[str, str], tuple[Condition, ...]],
    key: str | None,
) -> Release:
    """Write the approval down, with its conditions; move the release when nobody else is needed."""
    (said, notes, conditions), release, at = given, table.release, table.at
    voter = facts.voter_of(principal)
    controls, voters = controls_of(release), [*table.voters, voter]
    rule = quorum.rules_of(voters, controls.quorum, table.parties)[voter.name]
    waits = quorum.waits_for(voters, controls.quorum, table.parties)
    stored.add_decision(
        session,
        release,
        Decision.APPROVE,
        by=voter.name,
        at=at,
        reason=said,
        rule=rule,
        notes=notes,
        digest=pack.digest,
        validity=pack.validity,
    )
    for condition in conditions:
        _add_finding(session, principal, release, condition, at)
    if waits:
        now = stored.change(session, release, {"why": f"waits for {', '.join(waits)}"})
    else:
        changes = {"approved_at": at, "expires_at": at + controls.ttl, "why": ""}
        now = stored.move(session, release, ReleaseState.APPROVED, changes, at=at)
    more = {
        "rule": rule,
        "waits_for": list(waits),
        "notes": notes,
        "conditions": [{"text": one.text, "owner": one.owner, "due": one.due} for one in conditions],
    }
    record(
        session,
        principal,
        AuditAction.RELEASE_APPROVED,
        **change(now, release, at=at, more=more),
        reason=said,
        idempotency_key=key,
    )
    return now


def _add_finding(session: Session, principal: Principal, release: Release, condition: Condition, at: datetime) -> None:
    """Let a condition of an approval be a finding: with an owner, a due date, and closed by the side that set it."""
    new = new_finding(
        severity="medium",
        category="governance",
        title=condition.text,
        text=f"Condition of the approval of release {release.id} ({release.model} {release.version}).",
        owner=people.known_owner(session, condition.owner),
        due=condition.due,
        today=at.date(),
    )
    made = stored_findings.add_finding(
        session,
        new,
        model_id=release.model_id,
        version_id=release.version_id,
        release_id=release.id,
        line=line_of(principal.roles),
        by=principal.name,
        at=at,
    )
    record(
        session,
        principal,
        AuditAction.FINDING_RAISED,
        object_type="finding",
        object_id=f"{release.model}/{made.id}",
        after={"at": at, "release": release.id, **as_raised(made)},
    )
