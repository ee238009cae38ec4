"""What is known of releases: the list, one release with everything that bears on it, and what waits for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.access.matrix import Action, authorize, may
from core.access.principal import Principal
from core.audit.actions import AuditAction
from core.audit.chain import content_hash
from core.audit.service import record, refusals_recorded
from core.releases import quorum
from core.releases.advancing import has_next_step
from core.releases.offers import Move, Offer, offers, waits_for_me
from core.releases.policy import controls_of
from core.releases.release import EvidencePack, Release, ReleaseComment, ReleaseDecision
from core.releases.states import OPEN, TERMINAL, ReleaseState
from core.releases.validity import Difference
from core.releases.withheld import without_groups
from core.store import champions, outbox, release_talk
from core.store import models as stored_models
from core.store import release_facts as facts
from core.store import releases as stored
from core.store.database import Store
from core.store.release_facts import Table
from core.store.repeats import done_before

HELD_TO_EVIDENCE = frozenset({ReleaseState.PENDING_APPROVAL, ReleaseState.APPROVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval of the present round; `rule` is the one it fills now, empty when it counts no longer."""

    by: str
    rule: str
    at: datetime
    digest: str | None
    reason: str
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSummary:
    """A release with the approvals of its round: those that stand, and the rules that nobody fills yet."""

    release: Release
    rules: tuple[str, ...]
    approvals: tuple[Approval, ...]
    waits_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDetail:
    """Everything about one release, for one person.

    Attributes
    ----------
    decisions : tuple of ReleaseDecision
        Of all rounds, oldest first.
    pack : EvidencePack or None
        The frozen evidence of this round.
    differences : tuple of Difference
        What changed since it was frozen, while the release is held to it.
    executable_from : datetime or None
        Of an approved release: when its waiting time is over.
    event : str or None
        What the executor was asked last, by its id: a person's word is about this one.
    last_visit : datetime or None
        What is younger is new to this person.
    """

    summary: ReleaseSummary
    decisions: tuple[ReleaseDecision, ...]
    pack: EvidencePack | None
    differences: tuple[Difference, ...]
    comments: tuple[ReleaseComment, ...]
    offers: tuple[Offer, ...]
    executable_from: datetime | None
    rollback_to: str | None
    event: str | None
    last_visit: datetime | None

    @property
    def release(self) -> Release:
        """The release itself."""
        return self.summary.release


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """An open release in a person's queue; `age` since it was asked for, `due` when it ends by itself."""

    summary: ReleaseSummary
    waits_for_me: bool
    moves: tuple[Move, ...]
    why_not: str
    age: timedelta
    due: datetime | None


def releases(store: Store, *, model: str | None = None, only_open: bool = False) -> tuple[ReleaseSummary, ...]:
    """Return releases, newest first.

    Raises
    ------
    NotFoundError
        When the store has no such model.
    """
    with store.read() as session:
        model_id = None if model is None else stored_models.model_by_name(session, model).id
        found = stored.releases(session, model_id=model_id, states=OPEN if only_open else None)
        return tuple(_summary(facts.read_table(session, release, store.clock.now())) for release in found)


def release_summary(store: Store, release_id: int) -> ReleaseSummary:
    """Return one release with its approvals.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    with store.read() as session:
        release = stored.release_by_id(session, release_id)
        return _summary(facts.read_table(session, release, store.clock.now()))


def find_release(store: Store, release_id: int) -> Release:
    """Return one release as it stands.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    with store.read() as session:
        return stored.release_by_id(session, release_id)


def release_detail(store: Store, principal: Principal, release_id: int) -> ReleaseDetail:
    """Return one release with its evidence, its decisions and what `principal` may do with it.

    The evidence is without the figures of protected groups: `group_figures` has them.

    Raises
    ------
    NotFoundError
        When there is none of this number.
    """
    at = store.clock.now()
    with store.read() as session:
        table = facts.read_table(session, stored.release_by_id(session, release_id), at)
        release = table.release
        pack = stored.find_pack(session, release.digest)
        held = release.state in HELD_TO_EVIDENCE
        approved = release.approved_at if release.state is ReleaseState.APPROVED else None
        sent = outbox.last_of(session, release.id)
        return ReleaseDetail(
            summary=_summary(table),
            decisions=table.decisions,
            pack=None if pack is None else replace(pack, document=without_groups(pack.document)),
            differences=facts.differences_now(session, release, at=at) if held else (),
            comments=release_talk.comments(session, release.id),
            offers=_offers(table, principal),
            executable_from=None if approved is None else approved + controls_of(release).wait,
            rollback_to=champions.version_name(session, release.rollback_to_id),
            event=None if sent is None else sent.event_id,
            last_visit=release_talk.last_visit(session, release.id, principal.name),
        )


@refusals_recorded
def group_figures(store: Store, principal: Principal, release_id: int) -> EvidencePack | None:
    """Return the frozen evidence of a release with the figures of protected groups; None before there is any.

    That a person read them is written down once a person and pack, which never changes.

    Raises
    ------
    RefusedError
        When `principal` may not read fairness.
    NotFoundError
        When there is no release of this number.
    """
    authorize(principal, Action.FAIRNESS_READ)
    with store.read() as session:
        release = stored.release_by_id(session, release_id)
        pack = stored.find_pack(session, release.digest)
        columns = [one["column"] for one in pack.document.get("fairness", {}).get("columns", ())] if pack else []
        if pack is None or not columns:
            return pack
        key = "groups:" + content_hash([principal.name, pack.digest])[:48]
        if done_before(session, principal, key, AuditAction.FAIRNESS_READ):
            return pack
    with store.write() as session:
        record(
            session,
            principal,
            AuditAction.FAIRNESS_READ,
            object_type="model",
            object_id=release.model,
            after={"version": release.version, "release": release.id, "digest": pack.digest, "columns": columns},
            idempotency_key=key,
        )
    return pack


def packed_profiles(store: Store, digest: str) -> bytes:
    """Return the packed counts that the evidence of this digest was computed from."""
    with store.read() as session:
        return stored.packed_profiles(session, digest)


def why_not(store: Store, principal: Principal, release_id: int) -> str:
    """Return why `principal` cannot decide, execute or go on now; empty when they can, or when nobody is asked."""
    with store.read() as session:
        table = facts.read_table(session, stored.release_by_id(session, release_id), store.clock.now())
        return _why_not(_offers(table, principal))


def queue(store: Store, principal: Principal) -> tuple[QueueItem, ...]:
    """Return the open releases and what is live but not fully: those that wait for `principal` first, then by due."""
    at = store.clock.now()
    with store.read() as session:
        found = stored.releases(session, states=frozenset(ReleaseState) - TERMINAL)
        items = [_item(facts.read_table(session, release, at), principal) for release in found]
    waiting = [one for one in items if one.summary.release.state in OPEN or has_next_step(one.summary.release)]
    return tuple(sorted(waiting, key=_urgency))


def _urgency(item: QueueItem) -> tuple[bool, bool, float, int]:
    due = item.due.timestamp() if item.due else 0.0
    return not item.waits_for_me, item.due is None, due, item.summary.release.id


def _item(table: Table, principal: Principal) -> QueueItem:
    found, release = _offers(table, principal), table.release
    return QueueItem(
        summary=_summary(table),
        waits_for_me=waits_for_me(release, found, principal.name),
        moves=tuple(offer.move for offer in found if offer.is_open),
        why_not=_why_not(found),
        age=table.at - release.requested_at,
        due=release.expires_at if release.state in HELD_TO_EVIDENCE else None,
    )


def _summary(table: Table) -> ReleaseSummary:
    release, controls = table.release, controls_of(table.release)
    filled = quorum.rules_of(table.voters, controls.quorum, table.parties)
    return ReleaseSummary(
        release=release,
        rules=tuple(rule.rule for rule in controls.quorum),
        approvals=tuple(
            Approval(
                by=one.by,
                rule=filled.get(one.by, ""),
                at=one.at,
                digest=one.digest,
                reason=one.reason,
                notes=one.notes,
            )
            for one in facts.approvals(release, table.decisions)
        ),
        waits_for=quorum.waits_for(table.voters, controls.quorum, table.parties),
    )


def _offers(table: Table, principal: Principal) -> tuple[Offer, ...]:
    return offers(
        table.release,
        facts.voter_of(principal),
        {action.value for action in Action if may(principal, action)},
        voters=table.voters,
        parties=table.parties,
        barred=table.barred,
        at=table.at,
    )


def _why_not(found: tuple[Offer, ...]) -> str:
    asked = (Move.APPROVE, Move.ACCEPT, Move.EXECUTE, Move.ADVANCE)
    return next((offer.why for offer in found if offer.move in asked and offer.why), "")
