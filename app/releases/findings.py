"""Titles and sentences of the release pages, made from states and numbers."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from app import words
from app.releases import told
from core.releases.awaited import awaited
from core.releases.gates.gate import GateOutcome
from core.releases.offers import Move
from core.releases.plan import plan_of
from core.releases.policy import label
from core.releases.release import Decision, Release
from core.releases.service import QueueItem, ReleaseDetail, ReleaseSummary
from core.releases.states import OPEN
from core.releases.states import ReleaseState as State
from core.releases.validity import TITLES

ASKED = frozenset({Move.APPROVE, Move.ACCEPT, Move.EXECUTE, Move.ADVANCE})
"""Moves that somebody is asked to make: who cannot is told why."""


def queue_title(items: tuple[QueueItem, ...]) -> str:
    """Return how many releases wait for whoever acts."""
    mine = sum(item.waits_for_me for item in items)
    if mine:
        return f"{words.plural(mine, 'release')} {'waits' if mine == 1 else 'wait'} for you"
    if not items:
        return "No release is on its way"
    others = f"{words.plural(len(items), 'release')} {'is' if len(items) == 1 else 'are'} on {_their(items)} way"
    return f"Nothing waits for you, {others}"


def _their(items: tuple[QueueItem, ...]) -> str:
    return "its" if len(items) == 1 else "their"


def queue_sentence(items: tuple[QueueItem, ...], at: datetime) -> str:
    """Return what to look at first, and by when."""
    if not items:
        return "Nothing is to be decided. A version goes live when somebody requests it and the gates and people agree."
    first = items[0]
    release = first.summary.release
    what = f"First {words.plain(_wants(release))}: {told.state(first.summary)[1]}"
    due = "" if first.due is None else f", {ends(first.due, at)}"
    return f"{what}{due}. A click on a row opens its dossier."


def ends(due: datetime, at: datetime) -> str:
    """Return when something ends by itself."""
    return f"expires in {told.span(due - at)}" if due > at else "expired"


def _wants(release: Release) -> str:
    place = f"replace {release.champion}" if release.champion else "go live"
    return f"{release.model} {release.version} wants to {place}"


def title(detail: ReleaseDetail) -> str:
    """Return what a release wants, or what became of it."""
    release = detail.release
    named = f"{release.model} {release.version}"
    back = detail.rollback_to or "an earlier version"
    if told.is_drill(release):
        return words.plain(f"A rollback of {named} to {back} is practised")
    said = {
        State.LIVE: f"{named} is live",
        State.APPROVED: f"{named} is approved and not yet executed",
        State.EXECUTING: f"{named} was sent out, and is not confirmed",
        State.UNKNOWN: f"Nobody knows whether {named} is live",
        State.FAILED: f"{named} could not be made live",
        State.ROLLBACK_REQUESTED: f"{named} shall go back to {back}, and is not confirmed",
        State.ROLLING_BACK: f"{named} is going back to {back}, and is not confirmed",
        State.ROLLED_BACK: f"{named} was taken back to {back}",
        State.SUPERSEDED: f"{named} was live until another release took its place",
        State.REJECTED: f"{named} was rejected",
        State.EXPIRED: f"The release of {named} expired",
        State.CANCELLED: f"The release of {named} was withdrawn",
    }
    if release.state is State.UNKNOWN and release.rollback_to_id is not None:
        return words.plain(f"Nobody knows whether {named} was taken back to {back}")
    if release.state is State.LIVE and told.in_shadow(release):
        return words.plain(f"{named} runs in shadow")
    if release.state is State.LIVE and awaited(release) is None and release.step and told.share(release) != "100 %":
        return words.plain(f"{named} is live at {told.share(release)}")
    return words.plain(said.get(release.state, _wants(release)))


def facts(detail: ReleaseDetail, at: datetime) -> str:
    """Return the line under the title: who asked, when it ends, by which policy, on which evidence."""
    release = detail.release
    asked = words.ago(at - release.requested_at).replace("now", "just now")
    parts = [f"requested by {words.plain(release.requested_by)} {asked}"]
    if release.expires_at is not None and release.state in (State.PENDING_APPROVAL, State.APPROVED, State.NEEDS_HUMAN):
        parts.append(ends(release.expires_at, at))
    parts.append(f"tier {release.tier}")
    if release.round > 1:
        parts.append(f"round {release.round}")
    parts.append(f"policy {words.plain(label(release.policy))}")
    return " · ".join(parts)


def sentence(detail: ReleaseDetail) -> str:
    """Return why the release stands where it stands, and what comes next."""
    release, summary = detail.release, detail.summary
    last = detail.decisions[-1] if detail.decisions else None
    why = f"{words.plain(release.why[0].upper() + release.why[1:].rstrip('.'))}. " if release.why else ""
    declined = last.reason.rstrip(".") if last is not None and last.decision is Decision.DECLINE else ""
    match release.state:
        case State.DRAFT if last is not None and last.decision is Decision.CHANGES:
            asked = f"{words.plain(last.by)} asks for changes: {words.plain(last.reason.rstrip('.'))}."
            return f"{asked} {words.plain(release.requested_by)} submits it again when they are done."
        case State.DRAFT:
            return "It is a draft: nothing is gathered and nobody is asked until it is submitted."
        case State.PENDING_EVIDENCE:
            return "Champion and challenger are compared on the same rows; then the gates say where it goes."
        case State.BLOCKED:
            said = f"{words.plain(declined)}. " if declined else _not_passed(detail)
            return f"{said}Mend it and submit again; the owner may break the glass, in red and reviewed afterwards."
        case State.NEEDS_HUMAN:
            return f"{_not_passed(detail)}A validator who is not near to it accepts that, or declines."
        case State.PENDING_APPROVAL:
            waits = f"It waits for {words.plain(told.rules(summary))}."
            return f"{_broken(detail)}{_given(summary)}{_not_passed(detail) or _all_pass(detail)}{waits}"
        case State.APPROVED:
            return _approved(detail)
        case State.STALE:
            return f"{why}What was approved is not what is there now: submit it again for new evidence."
        case State.UNKNOWN:
            return f"{why}Look at what serves, then say here whether it was done."
        case State.FAILED:
            return f"{why}The version before still serves. Request the rollback, or withdraw it."
        case State.LIVE:
            return f"{_given(summary)}{why}{_live(release)}"
    return why or _given(summary)


def _live(release: Release) -> str:
    """Return since when a release is live, and which step of its plan comes next."""
    if not release.digest and release.rollback_to_id:
        return "It went live without a release of its own."
    where = "In shadow" if told.in_shadow(release) else "Live"
    since = "" if release.live_since is None else f"{where} since {words.plain(words.moment(release.live_since))}. "
    steps = plan_of(release.plan).steps
    if release.step >= len(steps):
        return since
    return f"{since}The next step of its plan is {told.step(steps[release.step].as_json())}."


def _not_passed(detail: ReleaseDetail) -> str:
    """Return which gates fail and which give no answer; why, the table of the gates says."""
    gates = [] if detail.pack is None else told.ranked(list(detail.pack.document.get("gates", ())))
    found = {
        outcome: [told.gate(one["gate"]) for one in gates if one["outcome"] == outcome.value]
        for outcome in (GateOutcome.FAILED, GateOutcome.INCONCLUSIVE)
    }
    failed, unclear = found[GateOutcome.FAILED], found[GateOutcome.INCONCLUSIVE]
    parts = []
    if failed:
        parts.append(f"{words.enumerate_names(failed)} {'fails' if len(failed) == 1 else 'fail'}")
    if unclear:
        parts.append(f"{words.enumerate_names(unclear, 4)} cannot be judged")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}. " if said else ""


def _all_pass(detail: ReleaseDetail) -> str:
    return "" if detail.pack is None else "Every gate passes. "


def _broken(detail: ReleaseDetail) -> str:
    """Return who put a blocked release to the vote, and why; empty when nobody did."""
    round_ = detail.release.round
    for one in detail.decisions:
        if one.decision is Decision.BREAK_GLASS and one.round == round_:
            return f"{words.plain(one.by)} broke the glass: {words.plain(one.reason.rstrip('.'))}. "
    return ""


def _given(summary: ReleaseSummary) -> str:
    standing = [one for one in summary.approvals if one.rule]
    said = [f"{words.plain(one.by)} approved as “{words.plain(one.rule)}”" for one in standing]
    return f"{words.enumerate_names(said)}. " if said else ""


def _approved(detail: ReleaseDetail) -> str:
    from_ = detail.executable_from
    when = "" if from_ is None else f"It can be executed from {words.plain(words.moment(from_))} on. "
    return f"{_given(detail.summary)}{when}Nothing is live before the executor confirms it."


def gates_title(gates: list[dict[str, str]]) -> str:
    """Return how the gates stand.

    >>> gates_title([{"outcome": "pass"}, {"outcome": "fail"}])
    'Gates: 1 fails, 1 passes'
    """
    counts = Counter(one["outcome"] for one in gates)
    said = {
        GateOutcome.FAILED.value: ("fails", "fail"),
        GateOutcome.INCONCLUSIVE.value: ("inconclusive", "inconclusive"),
        GateOutcome.PASSED.value: ("passes", "pass"),
    }
    parts = [f"{counts[name]} {forms[counts[name] > 1]}" for name, forms in said.items() if counts[name]]
    return f"Gates: {', '.join(parts)}" if parts else "Gates"


def differs(field: str) -> str:
    """Return what a person calls a field of the validity key."""
    return TITLES.get(field, field)


def why_not(detail: ReleaseDetail, person: str) -> str:
    """Return why a person cannot decide, accept, execute or go on now; empty when they can or nobody is asked.

    Whoever asked for the release reads that first: no role would change it.
    """
    asked = [offer for offer in detail.offers if offer.move in ASKED]
    if any(offer.is_open for offer in asked):
        return ""
    refused = next((offer for offer in asked if offer.why), None)
    if refused is None:
        return ""
    judged = refused.move in (Move.APPROVE, Move.ACCEPT)
    if judged and refused.code == "not_allowed" and person == detail.release.requested_by:
        return f"You asked for this release: somebody else has to approve it. {refused.why}"
    return refused.why


def can(summary: ReleaseSummary, roles: Mapping[str, str]) -> str:
    """Return who can do what is missing: each open rule with the roles that fill it."""
    return words.enumerate_names([f"“{rule}” ({roles.get(rule, 'nobody')})" for rule in summary.waits_for])


def is_ended(release: Release) -> bool:
    """Whether a release is neither on its way nor live."""
    return release.state not in OPEN and release.state is not State.LIVE


HOW_TO_BEGIN = "Somebody requests a version that is not live; its evidence stands here when it is gathered."


def none_yet(model: str) -> str:
    """Return that a model has no release."""
    return words.plain(f"{model} has no release yet")
