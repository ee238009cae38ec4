"""What people do with releases on the pages: each act is one call of a service, on behalf of whoever acts.

Every act takes the idempotency key that was minted when its panel was drawn: the same click twice is one act.
"""

from collections.abc import Mapping, Sequence

from app import actions, persona
from app.reading import opened
from app.releases.jobs import RELEASE_EVIDENCE
from core.access.principal import Principal
from core.releases.acknowledging import service as acknowledging
from core.releases.deciding import service as deciding
from core.releases.executing import service as executing
from core.releases.judging import service as judging
from core.releases.plan import Plan
from core.releases.release import Condition, Release, ReleaseComment
from core.releases.requesting import service as requesting
from core.releases.rollback import service as rolling_back
from core.releases.states import ReleaseState
from core.releases.talking import service as talking
from core.store.database import Store


def _who(home: str) -> tuple[Store, Principal]:
    return opened(home), persona.acting(home)


def request(home: str, *, model: str, version: str, plan: Plan, reason: str, key: str) -> Release:
    """Request a release, submit it, and have its evidence gathered by a job."""
    store, person = _who(home)
    draft = requesting.request(
        store, person, model=model, version=version, plan=plan, reason=reason, idempotency_key=f"request:{key}"
    )
    return submit(home, draft.id, reason=reason, key=key)


def submit(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Submit a release (again), and have its evidence gathered by a job."""
    store, person = _who(home)
    release = requesting.submit(store, person, release_id, reason=reason, idempotency_key=f"submit:{key}")
    if release.state is ReleaseState.PENDING_EVIDENCE:
        actions.start_job(store, person, kind=RELEASE_EVIDENCE, parameters=gathering(release))
    return release


def gathering(release: Release) -> Mapping[str, int]:
    """Return the parameters of the job that gathers the evidence of a release's present round."""
    return {"release": release.id, "round": release.round}


def approve(
    home: str,
    release_id: int,
    *,
    digest: str,
    reason: str,
    notes: Mapping[str, str],
    conditions: Sequence[Condition],
    key: str,
) -> Release:
    """Approve the evidence that the screen showed."""
    store, person = _who(home)
    return deciding.approve(
        store,
        person,
        release_id,
        digest=digest,
        reason=reason,
        notes=notes,
        conditions=conditions,
        idempotency_key=key,
    )


def ask_changes(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Send a release back to whoever asked for it."""
    return deciding.ask_changes(*_who(home), release_id, reason=reason, idempotency_key=key)


def reject(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Refuse a release for good."""
    return deciding.reject(*_who(home), release_id, reason=reason, idempotency_key=key)


def accept(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Accept as a validator what the gates could not judge."""
    return judging.accept(*_who(home), release_id, reason=reason, idempotency_key=key)


def decline(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Decline as a validator what the gates could not judge."""
    return judging.decline(*_who(home), release_id, reason=reason, idempotency_key=key)


def break_glass(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Put a blocked release to the vote as its owner, in red and reviewed afterwards."""
    return judging.break_glass(*_who(home), release_id, reason=reason, idempotency_key=key)


def cancel(home: str, release_id: int, *, reason: str, key: str) -> Release:
    """Withdraw a release."""
    return requesting.cancel(*_who(home), release_id, reason=reason, idempotency_key=key)


def execute(home: str, release_id: int, *, key: str) -> Release:
    """Have the executor begin; the worker delivers it, and the executor's word makes it live."""
    return executing.execute(*_who(home), release_id, idempotency_key=key)


def advance(home: str, release_id: int, *, key: str) -> Release:
    """Have the executor take the next step of the plan."""
    return executing.advance(*_who(home), release_id, idempotency_key=key)


def acknowledge(home: str, release_id: int, *, event: str | None, reason: str, key: str) -> Release:
    """Say on one's own word that what was asked of the executor is done; of an overtaken event it changes nothing."""
    return acknowledging.acknowledge(*_who(home), release_id, event=event, reason=reason, idempotency_key=key)


def fail(home: str, release_id: int, *, event: str | None, reason: str, key: str) -> Release:
    """Say on one's own word that it did not happen; of an overtaken event it changes nothing."""
    return acknowledging.fail(*_who(home), release_id, event=event, reason=reason, idempotency_key=key)


def take_back(home: str, *, model: str, to: str, reason: str, key: str) -> Release:
    """Request a rollback to the version that the screen named."""
    return rolling_back.request_rollback(*_who(home), model=model, to=to, reason=reason, idempotency_key=key)


def drill(home: str, *, model: str, reason: str, key: str) -> Release:
    """Practise a rollback without moving traffic."""
    return rolling_back.drill(*_who(home), model=model, reason=reason, idempotency_key=key)


def comment(home: str, release_id: int, *, text: str, key: str) -> ReleaseComment:
    """Say something about a release."""
    return talking.comment(*_who(home), release_id, text=text, idempotency_key=key)


def attach(home: str, release_id: int, *, file: str, content: bytes, text: str, key: str) -> ReleaseComment:
    """Lay a file beside a release."""
    store, person = _who(home)
    return talking.attach(store, person, release_id, file=file, content=content, text=text, idempotency_key=key)
